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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/** The models that can be compared, and their widths. */
final class Contenders {

    private static final int MIN_WIDTH = 2;

    private Contenders() {}

    /** All of them; the first is the one whose number of parameters the others match. */
    static List<Contender> all(CompareShape shape) {
        List<Contender> contenders = new ArrayList<>();
        for (ModelKind kind : ModelKinds.all(Use.COMPARE)) {
            contenders.add(
                    kind.isAttention()
                            ? new TransformerContender(kind, shape)
                            : new MambaContender(kind, shape));
        }
        return contenders;
    }

    /**
     * Finds the width at which a model has a number of parameters, which is affine in the width.
     *
     * @param contender the model
     * @param wanted the number
     * @param manager a manager for trial blocks
     * @return the width, even
     */
    static int width(Contender contender, long wanted, NDManager manager) {
        if (!contender.isAdjustable()) {
            return contender.usualWidth();
        }
        int low = MIN_WIDTH;
        int high = MIN_WIDTH + 2;
        long atLow = parameters(contender.block(low), manager);
        long atHigh = parameters(contender.block(high), manager);
        double perWidth = (double) (atHigh - atLow) / (high - low);
        long steps = Math.round((wanted - atLow) / perWidth / 2);
        return (int) Math.max(MIN_WIDTH, low + 2 * steps);
    }

    /** The number of parameters that are trained. */
    static long parameters(Block block, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            block.initialize(scratch, DataType.FLOAT32, new Shape(1, 1));
            return trained(block).stream().mapToLong(one -> one.getArray().size()).sum();
        }
    }

    /** The parameters of an initialized block that are trained: not the statistics of a norm. */
    static List<Parameter> trained(Block block) {
        return block.getParameters().values().stream().filter(Parameter::requiresGradient).toList();
    }
}
