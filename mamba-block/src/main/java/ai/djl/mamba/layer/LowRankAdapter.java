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
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;

/**
 * The low-rank adapter (LoRA, Hu et al. 2021, section 4.1) of a {@link Projection}, which adds
 * s·(dropout(x)·Aᵀ)·Bᵀ, with s = α/r, or α/√r if rank-stabilized (Kalajdzievski 2023).
 *
 * <p>Parameters: {@code lora_A} (r, in), uniform ±1/√in, and {@code lora_B} (out, r), zero, so that
 * a new adapter changes nothing. An adapter belongs to one projection.
 */
public final class LowRankAdapter {

    private final int rank;
    private final double alpha;
    private final double dropout;
    private final boolean rankStabilized;
    private final Parameter down;
    private final Parameter up;

    LowRankAdapter(Builder builder) {
        rank = builder.rank;
        alpha = builder.alpha();
        dropout = builder.dropout;
        rankStabilized = builder.rankStabilized;
        // Kaiming-uniform with a = √5, as in PEFT, is uniform ±1/√fan_in
        down = Parameters.of("lora_A", Initializers.fanIn(1));
        up = Parameters.of("lora_B", Initializer.ZEROS);
    }

    /** Sets the shapes from the size of the projection. */
    void setSize(long outputSize, long inputSize) {
        down.setShape(new Shape(rank, inputSize));
        up.setShape(new Shape(outputSize, rank));
    }

    /** Creates the initial values. */
    void initialize(NDManager manager, DataType type) {
        down.initialize(manager, type);
        up.initialize(manager, type);
    }

    /**
     * Adds the adapter's contribution to the output of the projection.
     *
     * @param base x·Wᵀ + b, (…, out)
     * @param store the parameter store
     * @param x the input of the projection, (…, in)
     * @param training whether this is a training forward pass
     * @return the sum, (…, out), attached to the manager of the input
     */
    NDArray addTo(NDArray base, ParameterStore store, NDArray x, boolean training) {
        NDArray a = store.getValue(down, x.getDevice(), training);
        NDArray b = store.getValue(up, x.getDevice(), training);
        return Scoped.array(
                x.getManager(),
                () -> {
                    NDArray low = Projection.multiply(drop(x, training), a, null, training);
                    return base.add(
                            Projection.multiply(
                                    Differentiable.scale(low, scale()), b, null, training));
                });
    }

    private NDArray drop(NDArray x, boolean training) {
        return training && dropout > 0
                ? Dropout.dropout(x, (float) dropout, true).singletonOrThrow()
                : x;
    }

    /** Computes s·B·A, (out, in), in the type of the parameters, attached to their manager. */
    NDArray increment() {
        NDArray a = down.getArray();
        NDArray b = up.getArray();
        DataType type = a.getDataType();
        // rounding the product to half precision twice would lose what training gained
        boolean half = type == DataType.FLOAT16 || type == DataType.BFLOAT16;
        DataType wide = half ? DataType.FLOAT32 : type;
        return Scoped.array(
                a.getManager(),
                () ->
                        // detached: it becomes part of a weight that has no history
                        b.stopGradient()
                                .toType(wide, false)
                                .matMul(a.stopGradient().toType(wide, false))
                                .mul(scale())
                                .toType(type, false));
    }

    /** Frees the parameters. */
    void close() {
        down.close();
        up.close();
    }

    /**
     * Returns the factor s.
     *
     * @return α/r, or α/√r if rank-stabilized
     */
    public double scale() {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }

    /**
     * Returns the rank.
     *
     * @return r
     */
    public int getRank() {
        return rank;
    }

    /**
     * Returns α.
     *
     * @return α
     */
    public double getAlpha() {
        return alpha;
    }

    /**
     * Returns the rate of dropout on the input.
     *
     * @return the rate while training
     */
    public double getDropout() {
        return dropout;
    }

    /**
     * Returns whether the adapter is rank-stabilized.
     *
     * @return whether the factor is α/√r
     */
    public boolean isRankStabilized() {
        return rankStabilized;
    }

    /**
     * Returns A.
     *
     * @return {@code lora_A}, (r, in)
     */
    public Parameter getDown() {
        return down;
    }

    /**
     * Returns B.
     *
     * @return {@code lora_B}, (out, r)
     */
    public Parameter getUp() {
        return up;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link LowRankAdapter}. */
    public static final class Builder {

        int rank;
        double alpha = Double.NaN;
        double dropout;
        boolean rankStabilized;

        Builder() {}

        /**
         * Sets the <b>required</b> rank.
         *
         * @param rank r
         * @return this builder
         */
        public Builder setRank(int rank) {
            this.rank = rank;
            return this;
        }

        /**
         * Sets α (default: the rank).
         *
         * @param alpha α
         * @return this builder
         */
        public Builder optAlpha(double alpha) {
            this.alpha = alpha;
            return this;
        }

        /**
         * Sets the rate of dropout on the input of A while training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(double dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Sets whether the factor is α/√r instead of α/r (default: false).
         *
         * @param rankStabilized whether the factor is α/√r
         * @return this builder
         */
        public Builder optRankStabilized(boolean rankStabilized) {
            this.rankStabilized = rankStabilized;
            return this;
        }

        /**
         * Builds the adapter.
         *
         * @return the adapter, to be given to {@link Projection#addAdapter}
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public LowRankAdapter build() {
            Checks.required("LowRankAdapter", "rank", rank);
            Checks.size("LowRankAdapter", "rank", rank);
            Checks.require(
                    alpha() > 0 && Double.isFinite(alpha()),
                    "LowRankAdapter",
                    "alpha must be positive, got %s",
                    alpha());
            Checks.dropout("LowRankAdapter", dropout);
            return new LowRankAdapter(this);
        }

        /** The given α, or the rank. */
        private double alpha() {
            return Double.isNaN(alpha) ? rank : alpha;
        }
    }
}
