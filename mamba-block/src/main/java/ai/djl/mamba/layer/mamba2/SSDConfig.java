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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.internal.Checks;

/**
 * The sizes and options that a model of {@link Mamba2Block}s has beyond those of every {@link
 * MambaConfig}. Symbols: E inner size, P head size, H = E / P heads, G groups.
 *
 * @param headSize P
 * @param groups G, the number of groups of heads that share B and C
 * @param chunkSize the number of steps in a chunk where the scan is made of the engine's usual
 *     operations, or 0 to choose it from the shape; results do not depend on it
 * @param timeStepLimitMin the lower limit of Δ
 * @param timeStepLimitMax the upper limit of Δ, perhaps infinite
 * @param decayMin the smallest initial −A
 * @param decayMax the largest initial −A
 * @param channelSkip whether D has a value for each channel rather than for each head
 * @param gatedNorm where the norm stands in relation to the gate
 */
public record SSDConfig(
        int headSize,
        int groups,
        int chunkSize,
        double timeStepLimitMin,
        double timeStepLimitMax,
        double decayMin,
        double decayMax,
        boolean channelSkip,
        GatedNorm gatedNorm) {

    /** The options of the published models. */
    public static final SSDConfig DEFAULT = builder().build();

    /** Checks the options. */
    public SSDConfig {
        String name = "SSDConfig";
        Checks.positive(name, "headSize", headSize);
        Checks.positive(name, "groups", groups);
        Checks.require(chunkSize >= 0, name, "chunkSize must not be negative, got %d", chunkSize);
        Checks.require(
                timeStepLimitMin >= 0 && timeStepLimitMin <= timeStepLimitMax,
                name,
                "expected limits 0 ≤ min ≤ max of the time step, got [%s, %s]",
                timeStepLimitMin,
                timeStepLimitMax);
        Checks.require(
                decayMin > 0 && decayMin <= decayMax && decayMax < Double.POSITIVE_INFINITY,
                name,
                "expected a range 0 < min ≤ max of the initial decay, got [%s, %s]",
                decayMin,
                decayMax);
        Checks.require(gatedNorm != null, name, "gatedNorm must not be null");
    }

    /**
     * Splits channels into heads.
     *
     * @param block the block or configuration that has them, for the message of the exception
     * @param channels E
     * @return H = E / P
     * @throws IllegalArgumentException if E is no multiple of P, or H none of G
     */
    public long heads(String block, long channels) {
        Checks.require(
                channels % headSize == 0,
                block,
                "the number of channels, E = %d, is no multiple of headSize = %d",
                channels,
                headSize);
        long heads = channels / headSize;
        Checks.require(
                heads % groups == 0,
                block,
                "the number of heads, %d, is no multiple of that of groups, %d",
                heads,
                groups);
        return heads;
    }

    /**
     * Returns a builder with these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.headSize = headSize;
        builder.groups = groups;
        builder.chunkSize = chunkSize;
        builder.timeStepLimitMin = timeStepLimitMin;
        builder.timeStepLimitMax = timeStepLimitMax;
        builder.decayMin = decayMin;
        builder.decayMax = decayMax;
        builder.channelSkip = channelSkip;
        builder.gatedNorm = gatedNorm;
        return builder;
    }

    /**
     * Creates a builder with the options of the published models.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link SSDConfig}; nothing is required. */
    public static final class Builder {

        private int headSize = 64;
        private int groups = 1;
        private int chunkSize;
        private double timeStepLimitMin;
        private double timeStepLimitMax = Double.POSITIVE_INFINITY;
        private double decayMin = 1;
        private double decayMax = 16;
        private boolean channelSkip;
        private GatedNorm gatedNorm = GatedNorm.AFTER_GATE;

        Builder() {}

        /**
         * Sets the number of channels in a head (default: 64).
         *
         * @param headSize P, a divisor of E
         * @return this builder
         */
        public Builder optHeadSize(int headSize) {
            this.headSize = headSize;
            return this;
        }

        /**
         * Sets the number of groups of heads that share B and C (default: 1).
         *
         * @param groups G, a divisor of the number of heads
         * @return this builder
         */
        public Builder optGroups(int groups) {
            this.groups = groups;
            return this;
        }

        /**
         * Sets the number of steps in a chunk where the scan is made of the engine's usual
         * operations (default: 0, chosen from the shape). It matters for speed and memory alone.
         *
         * @param chunkSize Q, or 0
         * @return this builder
         */
        public Builder optChunkSize(int chunkSize) {
            this.chunkSize = chunkSize;
            return this;
        }

        /**
         * Sets the limits within which Δ is clamped after softplus (default: 0 and infinity).
         *
         * @param min the lower limit
         * @param max the upper limit
         * @return this builder
         */
        public Builder optTimeStepLimit(double min, double max) {
            timeStepLimitMin = min;
            timeStepLimitMax = max;
            return this;
        }

        /**
         * Sets the range of the initial −A, uniform (default: 1 to 16).
         *
         * @param min the smallest
         * @param max the largest
         * @return this builder
         */
        public Builder optDecayRange(double min, double max) {
            decayMin = min;
            decayMax = max;
            return this;
        }

        /**
         * Sets whether D has a value for each channel rather than for each head (default: false).
         *
         * @param channelSkip whether D is (E) rather than (H)
         * @return this builder
         */
        public Builder optChannelSkip(boolean channelSkip) {
            this.channelSkip = channelSkip;
            return this;
        }

        /**
         * Sets where the norm stands in relation to the gate (default: {@link
         * GatedNorm#AFTER_GATE}).
         *
         * @param gatedNorm the place of the norm
         * @return this builder
         */
        public Builder optGatedNorm(GatedNorm gatedNorm) {
            this.gatedNorm = gatedNorm;
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if an option is out of range
         */
        public SSDConfig build() {
            return new SSDConfig(
                    headSize,
                    groups,
                    chunkSize,
                    timeStepLimitMin,
                    timeStepLimitMax,
                    decayMin,
                    decayMax,
                    channelSkip,
                    gatedNorm);
        }
    }
}
