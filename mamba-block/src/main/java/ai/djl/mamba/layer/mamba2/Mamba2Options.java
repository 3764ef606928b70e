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
package ai.djl.mamba.layer.mamba2;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.MixerBuilder;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.TimeStepInit;

/**
 * The options of the Mamba-2 block (Dao and Gu 2024). Symbols: d model size, E inner size, N state
 * size, P head size, H = E / P heads, G groups, K width of the convolution.
 *
 * @param stateSize N, the number of states per channel
 * @param headSize P, a divisor of E
 * @param groups G, the number of groups of heads that share B and C; a divisor of H
 * @param convKernel K; with 1, the convolution has no state
 * @param expand E / d
 * @param timeStepInit the range of the initial Δ
 * @param timeStepLimitMin the lower limit of Δ after softplus
 * @param timeStepLimitMax the upper limit of Δ after softplus, possibly infinite
 * @param decayInitMin the smallest initial −A
 * @param decayInitMax the largest initial −A
 * @param channelSkip whether D has a value for each channel rather than for each head
 * @param gatedNorm whether the norm comes before or after the gate
 * @param bias whether in_proj and out_proj have a bias
 * @param convBias whether the convolution has a bias
 * @param chunkSize the number of steps in a chunk if the scan is composed of the engine's standard
 *     operations, or 0 to choose it from the shape; results do not depend on it
 */
public record Mamba2Options(
        int stateSize,
        int headSize,
        int groups,
        int convKernel,
        int expand,
        TimeStepInit timeStepInit,
        double timeStepLimitMin,
        double timeStepLimitMax,
        double decayInitMin,
        double decayInitMax,
        boolean channelSkip,
        GatedNorm gatedNorm,
        boolean bias,
        boolean convBias,
        int chunkSize)
        implements Mixer {

    /** Creates the options of the published models. */
    public Mamba2Options() {
        this(
                128,
                64,
                1,
                4,
                2,
                TimeStepInit.DEFAULT,
                0,
                Double.POSITIVE_INFINITY,
                1,
                16,
                false,
                GatedNorm.AFTER_GATE,
                false,
                true,
                0);
    }

    /** Checks the options. */
    public Mamba2Options {
        String name = "Mamba2Options";
        MixerBuilder.check(name, expand, convKernel);
        Checks.positive(name, "stateSize", stateSize);
        Checks.positive(name, "headSize", headSize);
        Checks.positive(name, "groups", groups);
        Checks.require(chunkSize >= 0, name, "chunkSize must not be negative, got %d", chunkSize);
        Checks.require(timeStepInit != null, name, "timeStepInit must not be null");
        Checks.require(
                timeStepLimitMin >= 0 && timeStepLimitMin <= timeStepLimitMax,
                name,
                "expected time step limits 0 ≤ min ≤ max, got [%s, %s]",
                timeStepLimitMin,
                timeStepLimitMax);
        Checks.require(
                decayInitMin > 0
                        && decayInitMin <= decayInitMax
                        && decayInitMax < Double.POSITIVE_INFINITY,
                name,
                "expected an initial decay range 0 < min ≤ max, got [%s, %s]",
                decayInitMin,
                decayInitMax);
        Checks.require(gatedNorm != null, name, "gatedNorm must not be null");
    }

    /** {@inheritDoc} */
    @Override
    public String kind() {
        return "mamba2";
    }

    /** {@inheritDoc} */
    @Override
    public SequenceBlock newBlock(Layer layer) {
        return new Mamba2Block.Builder(this)
                .optNormEpsilon(layer.norm().epsilon())
                .optOutputScale(layer.outputScale())
                .build();
    }

    /** {@inheritDoc} */
    @Override
    public Mamba2Options forModelSize(int modelSize) {
        heads("Mamba2Options", Checks.innerSize("Mamba2Options", expand, modelSize));
        return this;
    }

    /**
     * Splits channels into heads.
     *
     * @param owner the class that has the channels, for the message
     * @param channels E
     * @return H = E / P
     * @throws IllegalArgumentException if E is not a multiple of P, or H is not a multiple of G
     */
    long heads(String owner, long channels) {
        Checks.require(
                channels % headSize == 0,
                owner,
                "the number of channels, E = %d, is not a multiple of headSize = %d",
                channels,
                headSize);
        long heads = channels / headSize;
        Checks.require(
                heads % groups == 0,
                owner,
                "the number of heads, %d, is not a multiple of the number of groups, %d",
                heads,
                groups);
        return heads;
    }

    /**
     * Creates a builder with the options of the published models.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder(new Mamba2Options());
    }

    /**
     * Creates a builder with given options.
     *
     * @param options the initial options of the builder
     * @return a new builder
     */
    public static Builder builder(Mamba2Options options) {
        return new Builder(options);
    }

    /** The builder of {@link Mamba2Options}; nothing is required. */
    public static final class Builder extends BaseBuilder<Builder> {

        Builder(Mamba2Options options) {
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
        public Mamba2Options build() {
            return options();
        }
    }

    /**
     * The base of the builders of {@link Mamba2Options}, {@link Mamba2Block} and {@link SSD}.
     *
     * @param <T> the builder
     */
    public abstract static class BaseBuilder<T extends BaseBuilder<T>> extends MixerBuilder<T> {

        private int stateSize;
        private int headSize;
        private int groups;
        private TimeStepInit timeStepInit;
        private double timeStepLimitMin;
        private double timeStepLimitMax;
        private double decayInitMin;
        private double decayInitMax;
        private boolean channelSkip;
        private GatedNorm gatedNorm;
        private int chunkSize;

        BaseBuilder(Mamba2Options options) {
            stateSize = options.stateSize;
            headSize = options.headSize;
            groups = options.groups;
            timeStepInit = options.timeStepInit;
            timeStepLimitMin = options.timeStepLimitMin;
            timeStepLimitMax = options.timeStepLimitMax;
            decayInitMin = options.decayInitMin;
            decayInitMax = options.decayInitMax;
            channelSkip = options.channelSkip;
            gatedNorm = options.gatedNorm;
            chunkSize = options.chunkSize;
            expand = options.expand;
            convKernel = options.convKernel;
            bias = options.bias;
            convBias = options.convBias;
        }

        final Mamba2Options options() {
            return new Mamba2Options(
                    stateSize,
                    headSize,
                    groups,
                    convKernel,
                    expand,
                    timeStepInit,
                    timeStepLimitMin,
                    timeStepLimitMax,
                    decayInitMin,
                    decayInitMax,
                    channelSkip,
                    gatedNorm,
                    bias,
                    convBias,
                    chunkSize);
        }

        /**
         * Sets the number of states per channel (default: 128).
         *
         * @param stateSize N
         * @return this builder
         */
        public T optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return self();
        }

        /**
         * Sets the number of channels in a head (default: 64).
         *
         * @param headSize P, a divisor of E
         * @return this builder
         */
        public T optHeadSize(int headSize) {
            this.headSize = headSize;
            return self();
        }

        /**
         * Sets the number of groups of heads that share B and C (default: 1). The gated norm
         * normalizes each group separately.
         *
         * @param groups G, a divisor of the number of heads
         * @return this builder
         */
        public T optGroups(int groups) {
            this.groups = groups;
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
         * Sets the limits to which Δ is clamped after softplus (default: 0 and infinity).
         *
         * @param min the lower limit
         * @param max the upper limit
         * @return this builder
         */
        public T optTimeStepLimit(double min, double max) {
            timeStepLimitMin = min;
            timeStepLimitMax = max;
            return self();
        }

        /**
         * Sets the range of the initial −A, uniform (default: 1 to 16).
         *
         * @param min the smallest
         * @param max the largest
         * @return this builder
         */
        public T optDecayInit(double min, double max) {
            decayInitMin = min;
            decayInitMax = max;
            return self();
        }

        /**
         * Sets whether D has a value for each channel rather than for each head (default: false).
         *
         * @param channelSkip whether D is (E) rather than (H)
         * @return this builder
         */
        public T optChannelSkip(boolean channelSkip) {
            this.channelSkip = channelSkip;
            return self();
        }

        /**
         * Sets whether the norm comes before or after the gate (default: {@link
         * GatedNorm#AFTER_GATE}).
         *
         * @param gatedNorm where to apply the norm
         * @return this builder
         */
        public T optGatedNorm(GatedNorm gatedNorm) {
            this.gatedNorm = gatedNorm;
            return self();
        }

        /**
         * Sets the number of steps in a chunk if the scan is composed of the engine's standard
         * operations (default: 0, chosen from the shape). It affects only speed and memory.
         *
         * @param chunkSize Q, or 0
         * @return this builder
         */
        public T optChunkSize(int chunkSize) {
            this.chunkSize = chunkSize;
            return self();
        }
    }

    /** How a {@link Mamba2Block} combines the output y of its state space layer with the gate z. */
    public enum GatedNorm {
        /** RMSNorm(y · SiLU(z)): the published models. */
        AFTER_GATE,
        /** RMSNorm(y) · SiLU(z). */
        BEFORE_GATE,
        /** y · SiLU(z). */
        NONE
    }
}
