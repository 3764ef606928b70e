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

import ai.djl.mamba.MambaConfig.Ssm;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.List;

/** The models that can be compared, and their widths. A further one is a further line here. */
final class Contenders {

    /** Mamba, by whose parameters all others go. */
    static final String REFERENCE = "mamba";

    /** Mamba-2. */
    static final String DUAL = "mamba2";

    private static final int SMALLEST_WIDTH = 2;

    private Contenders() {}

    /** All of them, Mamba first. */
    static List<Contender> all(CompareShape shape) {
        return List.of(
                new MambaContender(
                        REFERENCE,
                        "Mamba",
                        "Mamba blocks with the selective state space layer, state size %d.",
                        shape,
                        Ssm.SELECTIVE),
                new MambaContender(
                        DUAL,
                        "Mamba-2",
                        "Mamba-2 blocks with the state space dual layer, heads of "
                                + shape.headSize()
                                + " channels; its state size is %d, so that it has the parameters"
                                + " of Mamba.",
                        shape,
                        Ssm.SSD),
                new MambaContender(
                        "s4d",
                        "S4D",
                        "Mamba blocks with S4D, the linear time-invariant layer, in the place of"
                                + " the selective one; its state size is %d, so that it has the"
                                + " parameters that the selection takes.",
                        shape,
                        Ssm.S4D),
                new TransformerContender(
                        "transformer",
                        "Transformer (DJL encoder blocks)",
                        "DJL's TransformerEncoderBlock as it is, with a causal mask and"
                                + " feed-forward blocks of width %d; inference computes all scores"
                                + " of the attention at once, as the block does.",
                        shape,
                        false,
                        false),
                new TransformerContender(
                        "transformer-parts",
                        "Transformer (pre-norm, read in parts)",
                        "DJL's attention and feed-forward blocks (width %d) in pre-norm layers;"
                                + " inference reads parts of "
                                + TransformerContender.PART
                                + " tokens with earlier keys and values cached, which spares half"
                                + " of the scores and nearly all of their memory.",
                        shape,
                        true,
                        true));
    }

    /**
     * Searches the width at which a model has a number of parameters: the number is affine in it.
     *
     * @param contender the model
     * @param wanted the number
     * @param manager a manager to try in
     * @return the width, even
     */
    static int width(Contender contender, long wanted, NDManager manager) {
        if (!contender.isAdjustable()) {
            return contender.usualWidth();
        }
        int low = SMALLEST_WIDTH;
        int high = SMALLEST_WIDTH + 2;
        long atLow = parameters(contender.block(low), manager);
        long atHigh = parameters(contender.block(high), manager);
        double perWidth = (double) (atHigh - atLow) / (high - low);
        long steps = Math.round((wanted - atLow) / perWidth / 2);
        return (int) Math.max(SMALLEST_WIDTH, low + 2 * steps);
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
