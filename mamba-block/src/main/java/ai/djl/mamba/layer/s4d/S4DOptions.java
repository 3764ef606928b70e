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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.MixerBuilder;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaBlock;

/**
 * Options of a Mamba block whose state space layer is the LTI baseline {@link S4D}. Symbols: d
 * model size, E inner size, N state size, K width of the convolution.
 *
 * @param stateSize N, the number of states per channel, even
 * @param convKernel K; with 1, the convolution has no state
 * @param expand E / d
 * @param timeStepInitMin the smallest initial Δ
 * @param timeStepInitMax the largest initial Δ
 * @param gate whether the output of the SSM is multiplied by SiLU(z)
 * @param bias whether in_proj and out_proj have a bias
 * @param convBias whether the convolution has a bias
 */
public record S4DOptions(
        int stateSize,
        int convKernel,
        int expand,
        double timeStepInitMin,
        double timeStepInitMax,
        boolean gate,
        boolean bias,
        boolean convBias)
        implements Mixer {

    /** Creates the default options. */
    public S4DOptions() {
        this(16, 4, 2, 0.001, 0.1, true, false, true);
    }

    /** Checks the options. */
    public S4DOptions {
        MixerBuilder.check("S4DOptions", expand, convKernel);
        S4D.check("S4DOptions", stateSize, timeStepInitMin, timeStepInitMax);
    }

    /** {@inheritDoc} */
    @Override
    public String kind() {
        return "s4d";
    }

    /** {@inheritDoc} */
    @Override
    public SequenceBlock newBlock(Layer layer) {
        S4D ssm =
                S4D.builder()
                        .optStateSize(stateSize)
                        .optTimeStepInit(timeStepInitMin, timeStepInitMax)
                        .build();
        return MambaBlock.builder()
                .optExpand(expand)
                .optConvKernel(convKernel)
                .optBias(bias)
                .optConvBias(convBias)
                .optGate(gate)
                .optSsm(ssm)
                .optOutputScale(layer.outputScale())
                .build();
    }

    /** {@inheritDoc} */
    @Override
    public S4DOptions forModelSize(int modelSize) {
        Checks.innerSize("S4DOptions", expand, modelSize);
        return this;
    }

    /**
     * Creates a builder with the default options.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return builder(new S4DOptions());
    }

    /**
     * Creates a builder that starts from existing options.
     *
     * @param options the initial options
     * @return a new builder
     */
    public static Builder builder(S4DOptions options) {
        return new Builder(options);
    }

    /** The builder of {@link S4DOptions}; nothing is required. */
    public static final class Builder extends MixerBuilder<Builder> {

        private int stateSize;
        private double timeStepInitMin;
        private double timeStepInitMax;
        private boolean gate;

        Builder(S4DOptions options) {
            stateSize = options.stateSize;
            timeStepInitMin = options.timeStepInitMin;
            timeStepInitMax = options.timeStepInitMax;
            gate = options.gate;
            expand = options.expand;
            convKernel = options.convKernel;
            bias = options.bias;
            convBias = options.convBias;
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets the number of states per channel (default: 16).
         *
         * @param stateSize N, even
         * @return this builder
         */
        public Builder optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return this;
        }

        /**
         * Sets the range of the initial Δ, log-uniform (default: 0.001 to 0.1).
         *
         * @param min the smallest initial Δ
         * @param max the largest initial Δ
         * @return this builder
         */
        public Builder optTimeStepInit(double min, double max) {
            timeStepInitMin = min;
            timeStepInitMax = max;
            return this;
        }

        /**
         * Sets whether the output of the SSM is gated by SiLU(z) (default: true).
         *
         * @param gate whether to gate the output
         * @return this builder
         */
        public Builder optGate(boolean gate) {
            this.gate = gate;
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if an option is out of range
         */
        public S4DOptions build() {
            return new S4DOptions(
                    stateSize,
                    convKernel,
                    expand,
                    timeStepInitMin,
                    timeStepInitMax,
                    gate,
                    bias,
                    convBias);
        }
    }
}
