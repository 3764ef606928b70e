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
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.ops.ConvInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * Depthwise causal convolution over time, y_t = b + Σ_k w_k ⊙ x_{t−K+1+k}, with an optional SiLU:
 * (B, L, E) → (B, L, E). The last tap applies to the current step.
 *
 * <p>Parameters: {@code weight} (E, 1, K) and {@code bias} (E), both initially uniform ±1/√K.
 * State: the last K−1 inputs, (B, K−1, E), before the convolution, oldest first; zeros for inputs
 * before the last document of a packed row. With K = 1 there is no state.
 */
public final class CausalConv1d extends SequenceBlock {

    private static final byte VERSION = 1;

    private final int kernel;
    private final boolean silu;
    private final Parameter weight;
    private final Parameter bias;

    @SuppressWarnings("this-escape")
    CausalConv1d(Builder builder) {
        super(VERSION, builder.returnState);
        kernel = builder.kernel;
        silu = builder.silu;
        weight = addParameter(Parameters.of("weight", Initializers.fanIn(1)));
        double bound = 1 / Math.sqrt(kernel);
        bias =
                builder.hasBias
                        ? addParameter(Parameters.of("bias", Initializers.uniform(bound)))
                        : null;
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray x = input.data();
        NDArray w = parameterStore.getValue(weight, x.getDevice(), training);
        NDArray b = parameterStore.getValue(bias, x.getDevice(), training);
        NDArray window = hasWindow() ? input.state(0) : null;
        boolean needWindow = hasWindow() && input.needState();
        return Ops.of(x)
                .causalConv1d(new ConvInput(x, w, b, window, input.padding(), silu, needWindow));
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return hasWindow()
                ? List.of(new StateSpec("window", new Shape(kernel - 1, inputSize())))
                : List.of();
    }

    private boolean hasWindow() {
        return kernel > 1;
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return weight.getArray().getDataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return weight.getArray().getShape().get(0);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        long channels = inputShapes[0].get(2);
        weight.setShape(new Shape(channels, 1, kernel));
        if (bias != null) {
            bias.setShape(new Shape(channels));
        }
    }

    /**
     * Returns the weight.
     *
     * @return the weight, (E, 1, K)
     */
    public Parameter getWeight() {
        return weight;
    }

    /**
     * Returns the bias.
     *
     * @return the bias, (E), or {@code null} if the layer has none
     */
    public Parameter getBias() {
        return bias;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link CausalConv1d}. */
    public static final class Builder {

        int kernel;
        boolean hasBias = true;
        boolean silu;
        boolean returnState;

        Builder() {}

        /**
         * Sets the <b>required</b> width of the kernel.
         *
         * @param kernel the width K
         * @return this builder
         */
        public Builder setKernel(int kernel) {
            this.kernel = kernel;
            return this;
        }

        /**
         * Sets whether a bias is added (default: true).
         *
         * @param hasBias whether a bias is added
         * @return this builder
         */
        public Builder optBias(boolean hasBias) {
            this.hasBias = hasBias;
            return this;
        }

        /**
         * Sets whether SiLU follows the convolution (default: false).
         *
         * @param silu whether SiLU follows
         * @return this builder
         */
        public Builder optSilu(boolean silu) {
            this.silu = silu;
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
         * @throws IllegalArgumentException if the kernel is missing or not positive
         */
        public CausalConv1d build() {
            Checks.positive("CausalConv1d", "kernel", kernel);
            return new CausalConv1d(this);
        }
    }
}
