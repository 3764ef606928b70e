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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * A pre-norm residual layer, h + dropout(mixer(norm(h))): (B, L, d) → (B, L, d).
 *
 * <p>Inputs, outputs and state are those of the mixer (see {@link SequenceBlock}).
 */
public final class ResidualBlock extends SequenceBlock {

    private static final byte VERSION = 1;

    private final float dropout;
    private final Block norm;
    private final SequenceBlock mixer;

    @SuppressWarnings("this-escape")
    ResidualBlock(Builder builder) {
        super(VERSION, builder.returnState);
        dropout = builder.dropout;
        norm = addChildBlock("norm", builder.norm == null ? new RMSNorm() : builder.norm);
        mixer = addChildBlock("mixer", builder.mixer);
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray h = input.data();
        try (NDList scratch = new NDList(Scoped.apply(norm, parameterStore, h, training))) {
            SequenceInput normed = input.cursor().next(mixer, scratch.get(0));
            NDList result = mixer.forwardSequence(parameterStore, normed, training);
            NDArray mixed = result.get(0);
            scratch.add(mixed);
            result.set(0, Scoped.array(h.getManager(), () -> h.add(drop(mixed, training))));
            return result;
        }
    }

    private NDArray drop(NDArray x, boolean training) {
        return training && dropout > 0 ? Dropout.dropout(x, dropout, true).singletonOrThrow() : x;
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return mixer.getStateSpecs();
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return mixer.dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return mixer.inputSize();
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return mixer.isCausal();
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        norm.initialize(manager, dataType, inputShapes[0]);
        mixer.initialize(manager, dataType, inputShapes[0]);
    }

    /**
     * Returns the norm.
     *
     * @return the norm before the mixer
     */
    public Block getNorm() {
        return norm;
    }

    /**
     * Returns the mixer.
     *
     * @return the block whose output is added
     */
    public SequenceBlock getMixer() {
        return mixer;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link ResidualBlock}. */
    public static final class Builder {

        float dropout;
        Block norm;
        SequenceBlock mixer;
        boolean returnState;
        private Block usedMixer;
        private Block usedNorm;

        Builder() {}

        /**
         * Sets the <b>required</b> block whose output is added to its input.
         *
         * @param mixer a block from (B, L, d) to (B, L, d), without a gate
         * @return this builder
         */
        public Builder setMixer(SequenceBlock mixer) {
            this.mixer = mixer;
            return this;
        }

        /**
         * Sets the norm before the mixer (default: {@link RMSNorm} with ε = 1e-5).
         *
         * @param norm a norm over the last axis
         * @return this builder
         */
        public Builder optNorm(Block norm) {
            this.norm = norm;
            return this;
        }

        /**
         * Sets the rate of dropout on the output of the mixer while training (default: 0).
         *
         * @param rate the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(float rate) {
            dropout = rate;
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
         * Builds the layer.
         *
         * @return the layer
         * @throws IllegalArgumentException if the mixer is missing, the rate out of range, or a
         *     block is part of the one that was built before
         */
        public ResidualBlock build() {
            Checks.require(mixer != null, "ResidualBlock", "setMixer is required");
            Checks.dropout("ResidualBlock", dropout);
            Checks.require(!mixer.hasGate(), "ResidualBlock", "the mixer must not need a gate");
            Checks.unused("ResidualBlock", "setMixer", mixer, usedMixer);
            Checks.unused("ResidualBlock", "optNorm", norm, usedNorm);
            ResidualBlock block = new ResidualBlock(this);
            usedMixer = mixer;
            usedNorm = norm;
            return block;
        }
    }
}
