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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * Reads a sequence in both directions with two blocks, y = forward(h) +
 * reverse(backward(reverse(h))) : (B, L, d) → (B, L, d).
 *
 * <p>Rows are reversed within their length: padding stays after the tokens, and the documents of a
 * packed row are in reverse order. Such a block needs the whole sequence and carries no state.
 */
public final class BidirectionalBlock extends SequenceBlock {

    private static final byte VERSION = 1;

    private final SequenceBlock forward;
    private final SequenceBlock backward;

    /**
     * Creates a block from one for each direction.
     *
     * @param forward the block that reads from the first step to the last
     * @param backward the block, of the same shapes, that reads from the last step to the first
     */
    @SuppressWarnings("this-escape")
    public BidirectionalBlock(SequenceBlock forward, SequenceBlock backward) {
        super(VERSION, false);
        Checks.given("BidirectionalBlock", "forward", forward);
        Checks.given("BidirectionalBlock", "backward", backward);
        Checks.require(
                !forward.hasGate() && !backward.hasGate(),
                "BidirectionalBlock",
                "the blocks must not need a gate");
        this.forward = addChildBlock("forward", forward);
        this.backward = addChildBlock("backward", backward);
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray h = input.data();
        Padding padding = input.padding();
        try (NDList scratch = new NDList();
                Padding mirrored = padding == null ? null : padding.reversed()) {
            SequenceInput ahead = new SequenceInput(h, null, padding, null, false, false);
            scratch.addAll(forward.forwardSequence(parameterStore, ahead, training));
            scratch.add(reverse(h, padding));
            SequenceInput back =
                    new SequenceInput(scratch.get(1), null, mirrored, null, false, false);
            scratch.addAll(backward.forwardSequence(parameterStore, back, training));
            scratch.add(reverse(scratch.get(2), padding));
            return new NDList(scratch.get(0).add(scratch.get(3)));
        }
    }

    private static NDArray reverse(NDArray x, Padding padding) {
        return padding == null ? x.flip(1) : padding.reverse(x);
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return List.of();
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return forward.dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return forward.inputSize();
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return false;
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        forward.initialize(manager, dataType, inputShapes[0]);
        backward.initialize(manager, dataType, inputShapes[0]);
    }

    /**
     * Returns the block that reads from the first step to the last.
     *
     * @return the forward block
     */
    public SequenceBlock getForward() {
        return forward;
    }

    /**
     * Returns the block that reads from the last step to the first.
     *
     * @return the backward block
     */
    public SequenceBlock getBackward() {
        return backward;
    }
}
