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
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.SequenceInput.Cursor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;

/**
 * A sequence of blocks, each of which receives the padding, the documents and its part of the
 * state. DJL's {@code SequentialBlock} passes the inputs to its first child only, so it does not
 * suit {@link SequenceBlock}s.
 *
 * <p>Other blocks may be mixed in if they process each step independently, (B, L, …) → (B, L, …),
 * with one input and one output, such as {@code Linear}, a norm over the last axis, or an
 * activation function.
 *
 * <p>Inputs and outputs are those of a {@link SequenceBlock}; the state holds the arrays of each
 * child in turn.
 */
public class SequenceStack extends SequenceBlock {

    private static final byte VERSION = 1;

    private final List<Block> blocks = new ArrayList<>();
    private final SequenceBlock firstSequence;

    /**
     * Creates a stack.
     *
     * @param version the version of the parameter format
     * @param returnState whether the outputs end with the final state
     * @param children the blocks and their names, first to last, at least one of them a {@link
     *     SequenceBlock}
     * @throws IllegalArgumentException if a child cannot be handed a sequence with its padding and
     *     state
     */
    @SuppressWarnings("this-escape")
    protected SequenceStack(byte version, boolean returnState, PairList<String, Block> children) {
        super(version, returnState);
        String name = getClass().getSimpleName();
        SequenceBlock first = null;
        for (int i = 0; i < children.size(); i++) {
            Block block = children.valueAt(i);
            if (block instanceof SequenceBlock sequence) {
                Checks.require(!sequence.hasGate(), name, "a child must not need a gate");
                Checks.require(
                        !sequence.isPooled(),
                        name,
                        "a child must have an output for each step, but %s does not",
                        sequence.getClass().getSimpleName());
                first = first == null ? sequence : first;
            } else {
                Checks.require(
                        !hidesSequence(block),
                        name,
                        "%s contains a SequenceBlock, to which it would hand neither padding nor"
                                + " state: make it a SequenceStack, too",
                        block.getClass().getSimpleName());
            }
            blocks.add(addChildBlock(children.keyAt(i), block));
        }
        Checks.require(first != null, name, "expected at least one SequenceBlock");
        firstSequence = first;
        Checks.require(
                isCausal() || !returnState,
                name,
                "a stack with a child that is not causal has no state to return");
    }

    private static boolean hidesSequence(Block block) {
        return block.getChildren().values().stream()
                .anyMatch(child -> child instanceof SequenceBlock || hidesSequence(child));
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray h = input.data();
        NDList state = new NDList();
        Cursor cursor = input.cursor();
        for (Block block : blocks) {
            NDArray before = h;
            if (block instanceof SequenceBlock sequence) {
                NDList result =
                        sequence.forwardSequence(
                                parameterStore, cursor.next(sequence, h), training);
                h = result.remove(0);
                state.addAll(result);
            } else {
                h = Scoped.apply(block, parameterStore, h, training);
            }
            if (before != input.data() && before != h) { // an identity returns its input
                before.close();
            }
        }
        NDList result = new NDList(h);
        result.addAll(state);
        return result;
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        List<StateSpec> specs = new ArrayList<>();
        if (!isCausal()) {
            return specs; // some children have a state, but a call cannot continue another
        }
        for (Block block : blocks) {
            if (block instanceof SequenceBlock sequence) {
                specs.addAll(sequence.getStateSpecs());
            }
        }
        return specs;
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return firstSequence.dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return blocks.get(0) == firstSequence ? firstSequence.inputSize() : inputShapes[0].get(2);
    }

    /** {@inheritDoc} */
    @Override
    protected int inputRank() {
        return blocks.get(0) == firstSequence ? firstSequence.inputRank() : super.inputRank();
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        Shape shape = inputShape;
        for (Block block : blocks) {
            shape = outputShape(block, shape);
        }
        return shape.get(2);
    }

    private Shape outputShape(Block block, Shape shape) {
        Shape[] outputs = block.getOutputShapes(new Shape[] {shape});
        Checks.require(
                block instanceof SequenceBlock || outputs.length == 1,
                getClass().getSimpleName(),
                "a child must have one output, but %s has %d",
                block.getClass().getSimpleName(),
                outputs.length);
        return outputs[0];
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return blocks.stream()
                .allMatch(block -> !(block instanceof SequenceBlock s) || s.isCausal());
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape shape = inputShapes[0];
        for (Block block : blocks) {
            block.initialize(manager, dataType, shape);
            shape = outputShape(block, shape);
        }
    }

    /**
     * Returns the children.
     *
     * @return the blocks, first to last
     */
    public List<Block> getBlocks() {
        return List.copyOf(blocks);
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link SequenceStack}. */
    public static final class Builder {

        private final PairList<String, Block> children = new PairList<>();
        private boolean returnState;
        private boolean built;

        Builder() {}

        /**
         * Adds a child under the name of its class.
         *
         * @param block a {@link SequenceBlock} without gate, or a block that processes each step
         *     independently
         * @return this builder
         */
        public Builder add(Block block) {
            Checks.given("SequenceStack", "block", block);
            return add(block.getClass().getSimpleName(), block);
        }

        /**
         * Adds a child.
         *
         * @param name its name, which need not be unique
         * @param block a {@link SequenceBlock} without gate, or a block that processes each step
         *     independently
         * @return this builder
         */
        public Builder add(String name, Block block) {
            Checks.given("SequenceStack", "name", name);
            children.add(name, Checks.given("SequenceStack", "block", block));
            return this;
        }

        /**
         * Sets whether the final state is returned (default: false).
         *
         * @param returnState whether the outputs end with the state
         * @return this builder
         */
        public Builder optReturnState(boolean returnState) {
            this.returnState = returnState;
            return this;
        }

        /**
         * Builds the stack.
         *
         * @return the stack
         * @throws IllegalArgumentException if there is no {@link SequenceBlock} among the children,
         *     a child needs a gate or pools over time, the state is requested and a child is not
         *     causal, or the builder has built a stack
         */
        public SequenceStack build() {
            Checks.require(
                    !built,
                    "SequenceStack",
                    "the blocks of this builder are part of the one that was built before, and"
                            + " would share their parameters: make a builder for each stack");
            SequenceStack stack = new SequenceStack(VERSION, returnState, children);
            built = true;
            return stack;
        }
    }
}
