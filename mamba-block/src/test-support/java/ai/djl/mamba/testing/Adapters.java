/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */
package ai.djl.mamba.testing;

import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.training.LoRA;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Adapters as training leaves them: new ones do nothing, which many mistakes do, too. */
public final class Adapters {

    private Adapters() {}

    /** The names of all projections of a Mamba block. */
    public static String[] names() {
        return new String[] {"in_proj", "x_proj", "dt_proj", "out_proj"};
    }

    /** All projections in a block, in the order of its parameters. */
    public static List<Projection> projections(Block block) {
        List<Projection> found = new ArrayList<>();
        if (block instanceof Projection projection) {
            found.add(projection);
        }
        for (Pair<String, Block> child : block.getChildren()) {
            found.addAll(projections(child.getValue()));
        }
        return found;
    }

    /** Gives both matrices of all adapters in a block normal numbers of some size. */
    public static void fill(Block block, double size) {
        Random random = new Random(11);
        for (Projection projection : projections(block)) {
            LowRankAdapter adapter = projection.getAdapter();
            if (adapter != null) {
                set(adapter.getDown().getArray(), random, size);
                set(adapter.getUp().getArray(), random, size);
            }
        }
    }

    private static void set(NDArray array, Random random, double size) {
        double[] values = random.doubles(array.size()).map(x -> size * (2 * x - 1)).toArray();
        boolean gradient = array.hasGradient();
        array.setRequiresGradient(false);
        try (NDArray wide = array.getManager().create(values, array.getShape());
                NDArray typed = wide.toType(array.getDataType(), true)) {
            typed.copyTo(array);
        }
        array.setRequiresGradient(gradient);
    }

    /** Adapters of rank 2 that change what a block computes. */
    public static LoRA apply(Block block, NDManager manager, String... targets) {
        LoRA lora = LoRA.builder().setRank(2).optAlpha(3).optTargets(targets).build();
        lora.apply(block, manager);
        fill(block, 0.5);
        return lora;
    }
}
