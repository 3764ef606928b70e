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
package ai.djl.mamba.layer.mamba;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.MixerBuilder;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.TimeStepInit;

/**
 * The options of the Mamba block (Gu and Dao 2023). Symbols: d model size, E inner size, N state
 * size, R rank of Δ, K width of the convolution.
 *
 * @param stateSize N, the number of states per channel
 * @param convKernel K; with 1, the convolution has no state
 * @param expand E / d
 * @param timeStepRank R, or 0 for "auto": ⌈d/16⌉
 * @param timeStepInit the range of the initial Δ
 * @param timeStepScale the factor on the initial weight of dt_proj
 * @param constantTimeStepWeight whether that weight is initially constant rather than uniform
 * @param gate whether the output of the SSM is multiplied by SiLU(z)
 * @param bias whether in_proj and out_proj have a bias
 * @param convBias whether the convolution has a bias
 */
public record MambaOptions(
        int stateSize,
        int convKernel,
        int expand,
        int timeStepRank,
        TimeStepInit timeStepInit,
        double timeStepScale,
        boolean constantTimeStepWeight,
        boolean gate,
        boolean bias,
        boolean convBias)
        implements Mixer {

    /** Creates the options of the published models. */
    public MambaOptions() {
        this(16, 4, 2, 0, TimeStepInit.DEFAULT, 1, false, true, false, true);
    }

    /** Checks the options. */
    public MambaOptions {
        String name = "MambaOptions";
        MixerBuilder.check(name, expand, convKernel);
        Checks.positive(name, "stateSize", stateSize);
        Checks.require(
                timeStepRank >= 0,
                name,
                "timeStepRank must be positive, or 0 for auto, got %d",
                timeStepRank);
        Checks.require(timeStepInit != null, name, "timeStepInit must not be null");
        Checks.require(
                Double.isFinite(timeStepScale),
                name,
                "timeStepScale must be finite, got %s",
                timeStepScale);
    }

    /** {@inheritDoc} */
    @Override
    public String kind() {
        return "mamba";
    }

    /** {@inheritDoc} */
    @Override
    public SequenceBlock newBlock(Layer layer) {
        return new MambaBlock.Builder(this).optOutputScale(layer.outputScale()).build();
    }

    /** {@inheritDoc} */
    @Override
    public MambaOptions forModelSize(int modelSize) {
        Checks.innerSize("MambaOptions", expand, modelSize);
        return timeStepRank > 0
                ? this
                : builder(this).optTimeStepRank(SelectiveSSM.autoRank(modelSize)).build();
    }

    /** Whether all options of the state space layer alone have default values. */
    boolean hasDefaultSsm() {
        MambaOptions defaults = new MambaOptions();
        return stateSize == defaults.stateSize
                && timeStepRank == defaults.timeStepRank
                && timeStepInit.equals(defaults.timeStepInit)
                && timeStepScale == defaults.timeStepScale
                && !constantTimeStepWeight;
    }

    /**
     * Creates a builder with the options of the published models.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder(new MambaOptions());
    }

    /**
     * Creates a builder with given options.
     *
     * @param options the initial options of the builder
     * @return a new builder
     */
    public static Builder builder(MambaOptions options) {
        return new Builder(options);
    }

    /** The builder of {@link MambaOptions}; nothing is required. */
    public static final class Builder extends BaseBuilder<Builder> {

        Builder(MambaOptions options) {
            super(options);
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if an option is out of range
         */
        public MambaOptions build() {
            return options();
        }
    }

    /**
     * The base of the builders of {@link MambaOptions} and {@link MambaBlock}.
     *
     * @param <T> the builder
     */
    public abstract static class BaseBuilder<T extends BaseBuilder<T>> extends MixerBuilder<T> {

        private int stateSize;
        private int timeStepRank;
        private TimeStepInit timeStepInit;
        private double timeStepScale;
        private boolean constantTimeStepWeight;
        private boolean gate;

        BaseBuilder(MambaOptions options) {
            stateSize = options.stateSize;
            timeStepRank = options.timeStepRank;
            timeStepInit = options.timeStepInit;
            timeStepScale = options.timeStepScale;
            constantTimeStepWeight = options.constantTimeStepWeight;
            gate = options.gate;
            expand = options.expand;
            convKernel = options.convKernel;
            bias = options.bias;
            convBias = options.convBias;
        }

        final MambaOptions options() {
            return new MambaOptions(
                    stateSize,
                    convKernel,
                    expand,
                    timeStepRank,
                    timeStepInit,
                    timeStepScale,
                    constantTimeStepWeight,
                    gate,
                    bias,
                    convBias);
        }

        /**
         * Sets the number of states per channel (default: 16).
         *
         * @param stateSize N
         * @return this builder
         */
        public T optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return self();
        }

        /**
         * Sets the rank of Δ (default: "auto", ⌈d/16⌉).
         *
         * @param timeStepRank R, or 0 for "auto"
         * @return this builder
         */
        public T optTimeStepRank(int timeStepRank) {
            this.timeStepRank = timeStepRank;
            return self();
        }

        /**
         * Sets the range of the initial Δ (default: {@link TimeStepInit#DEFAULT}).
         *
         * @param timeStepInit the range
         * @return this builder
         */
        public T optTimeStepInit(TimeStepInit timeStepInit) {
            this.timeStepInit = timeStepInit;
            return self();
        }

        /**
         * Sets the initial weight of dt_proj (default: random with scale 1).
         *
         * @param scale the weight is the constant scale/√R, or uniform within ±scale/√R
         * @param constant whether it is constant rather than uniform
         * @return this builder
         */
        public T optTimeStepWeightInit(double scale, boolean constant) {
            timeStepScale = scale;
            constantTimeStepWeight = constant;
            return self();
        }

        /**
         * Sets whether the output of the SSM is gated by SiLU(z) (default: true); the ablation in
         * the paper has none.
         *
         * @param gate whether there is a gate
         * @return this builder
         */
        public T optGate(boolean gate) {
            this.gate = gate;
            return self();
        }
    }
}
