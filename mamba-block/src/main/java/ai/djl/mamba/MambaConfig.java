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
package ai.djl.mamba;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.layer.s4d.S4D;

/**
 * The sizes and options of a Mamba model. Symbols: d model size, E inner size, N state size, R rank
 * of Δ, K width of the convolution.
 *
 * @param vocabSize the number of token ids in use, V
 * @param padVocabMultiple the embedding and the logits are rounded up to a multiple of this; padded
 *     ids have logits but are no tokens
 * @param modelSize d
 * @param numLayers the number of blocks
 * @param stateSize N
 * @param convKernel K
 * @param expand E / d
 * @param timeStepRank R
 * @param timeStepMin the smallest initial Δ
 * @param timeStepMax the largest initial Δ
 * @param timeStepFloor the lower bound of the initial Δ
 * @param timeStepScale the factor on the initial weight of dt_proj
 * @param constantTimeStepInit whether that weight starts constant rather than uniform
 * @param normEpsilon ε of the norms
 * @param rmsNorm whether the norms are {@code RMSNorm}; LayerNorm with bias otherwise
 * @param bias whether in_proj and out_proj have a bias
 * @param convBias whether the convolution has a bias
 * @param tiedHead whether the head shares the weight of the embedding
 * @param dropout the rate of dropout on the output of each block while training
 * @param ssm the state space layer of the blocks
 * @param gated whether the output of the SSM is gated
 * @param ssd what only blocks with {@link Ssm#SSD} have
 */
public record MambaConfig(
        int vocabSize,
        int padVocabMultiple,
        int modelSize,
        int numLayers,
        int stateSize,
        int convKernel,
        int expand,
        int timeStepRank,
        double timeStepMin,
        double timeStepMax,
        double timeStepFloor,
        double timeStepScale,
        boolean constantTimeStepInit,
        double normEpsilon,
        boolean rmsNorm,
        boolean bias,
        boolean convBias,
        boolean tiedHead,
        float dropout,
        Ssm ssm,
        boolean gated,
        SSDConfig ssd) {

    /** Far beyond any model, and small enough that no size derived from it overflows. */
    private static final long LARGEST_SIZE = 1 << 30;

    /** The state space layer of a block. */
    public enum Ssm {
        /** {@link SelectiveSSM}. */
        SELECTIVE,
        /** The LTI baseline, {@link S4D}. */
        S4D,
        /** {@link SSD}; the blocks are {@link Mamba2Block}s. */
        SSD
    }

    /** Checks the sizes. */
    public MambaConfig {
        String name = "MambaConfig";
        Checks.positive(name, "vocabSize", vocabSize);
        Checks.positive(name, "padVocabMultiple", padVocabMultiple);
        Checks.positive(name, "modelSize", modelSize);
        Checks.positive(name, "numLayers", numLayers);
        Checks.positive(name, "stateSize", stateSize);
        Checks.positive(name, "expand", expand);
        Checks.positive(name, "timeStepRank", timeStepRank);
        Checks.require(convKernel >= 2, name, "convKernel must be at least 2, got %d", convKernel);
        Checks.require(
                (long) expand * modelSize <= LARGEST_SIZE,
                name,
                "expand · modelSize is impossibly large: %d · %d",
                expand,
                modelSize);
        Checks.require(
                (long) vocabSize + padVocabMultiple <= LARGEST_SIZE,
                name,
                "the padded vocabulary is impossibly large: %d in steps of %d",
                vocabSize,
                padVocabMultiple);
        Checks.require(ssd != null, name, "ssd must not be null");
        if (ssm == Ssm.SSD) {
            ssd.heads(name, (long) expand * modelSize);
            Checks.require(gated, name, "blocks with an SSD always have a gate");
        }
    }

    /**
     * Returns the number of heads of an {@link Ssm#SSD}.
     *
     * @return H = E / P
     */
    public int heads() {
        return innerSize() / ssd.headSize();
    }

    /**
     * Returns the inner size.
     *
     * @return E = expand · d
     */
    public int innerSize() {
        return expand * modelSize;
    }

    /**
     * Returns the number of rows of the embedding and of columns of the logits.
     *
     * @return {@link #vocabSize} rounded up to a multiple of {@link #padVocabMultiple}
     */
    public int paddedVocabSize() {
        return (vocabSize + padVocabMultiple - 1) / padVocabMultiple * padVocabMultiple;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link MambaConfig}. */
    public static final class Builder {

        private int vocabSize;
        private int padVocabMultiple = 1;
        private int modelSize;
        private int numLayers;
        private int stateSize;
        private int convKernel = 4;
        private int expand = 2;
        private int timeStepRank;
        private double timeStepMin = 0.001;
        private double timeStepMax = 0.1;
        private double timeStepFloor = 1e-4;
        private double timeStepScale = 1;
        private boolean constantTimeStepInit;
        private double normEpsilon = 1e-5;
        private boolean rmsNorm = true;
        private boolean bias;
        private boolean convBias = true;
        private boolean tiedHead = true;
        private float dropout;
        private Ssm ssm = Ssm.SELECTIVE;
        private boolean gated = true;
        private SSDConfig ssd = SSDConfig.DEFAULT;

        Builder() {}

        /**
         * Sets the <b>required</b> number of token ids.
         *
         * @param vocabSize V
         * @return this builder
         */
        public Builder setVocabSize(int vocabSize) {
            this.vocabSize = vocabSize;
            return this;
        }

        /**
         * Sets the <b>required</b> model size.
         *
         * @param modelSize d
         * @return this builder
         */
        public Builder setModelSize(int modelSize) {
            this.modelSize = modelSize;
            return this;
        }

        /**
         * Sets the <b>required</b> number of blocks.
         *
         * @param numLayers the number of blocks
         * @return this builder
         */
        public Builder setNumLayers(int numLayers) {
            this.numLayers = numLayers;
            return this;
        }

        /**
         * Sets the multiple to which the vocabulary is padded (default: 1).
         *
         * @param multiple the multiple
         * @return this builder
         */
        public Builder optPadVocabMultiple(int multiple) {
            padVocabMultiple = multiple;
            return this;
        }

        /**
         * Sets the number of states per channel (default: 16; 128 with {@link Ssm#SSD}).
         *
         * @param stateSize N, or 0 for the default
         * @return this builder
         */
        public Builder optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return this;
        }

        /**
         * Sets the width of the convolution (default: 4).
         *
         * @param convKernel K, at least 2
         * @return this builder
         */
        public Builder optConvKernel(int convKernel) {
            this.convKernel = convKernel;
            return this;
        }

        /**
         * Sets the ratio of inner to model size (default: 2).
         *
         * @param expand E / d
         * @return this builder
         */
        public Builder optExpand(int expand) {
            this.expand = expand;
            return this;
        }

        /**
         * Sets the rank of Δ (default: "auto", ⌈d/16⌉).
         *
         * @param timeStepRank R, or 0 for "auto"
         * @return this builder
         */
        public Builder optTimeStepRank(int timeStepRank) {
            this.timeStepRank = timeStepRank;
            return this;
        }

        /**
         * Sets the range and the lower bound of the initial Δ (default: 0.001 to 0.1, 1e-4).
         *
         * @param min the smallest initial Δ
         * @param max the largest initial Δ
         * @param floor the lower bound
         * @return this builder
         */
        public Builder optTimeStepRange(double min, double max, double floor) {
            timeStepMin = min;
            timeStepMax = max;
            timeStepFloor = floor;
            return this;
        }

        /**
         * Sets how the weight of dt_proj starts (default: random with scale 1).
         *
         * @param scale the weight is scale/√R, or uniform within ± that
         * @param constant whether it is constant rather than uniform
         * @return this builder
         */
        public Builder optTimeStepInit(double scale, boolean constant) {
            timeStepScale = scale;
            constantTimeStepInit = constant;
            return this;
        }

        /**
         * Sets the norms (default: RMSNorm with ε = 1e-5).
         *
         * @param rmsNorm whether they are RMSNorm; LayerNorm with bias otherwise
         * @param epsilon ε
         * @return this builder
         */
        public Builder optNorm(boolean rmsNorm, double epsilon) {
            this.rmsNorm = rmsNorm;
            normEpsilon = epsilon;
            return this;
        }

        /**
         * Sets whether in_proj and out_proj have a bias (default: false).
         *
         * @param bias whether there are biases
         * @return this builder
         */
        public Builder optBias(boolean bias) {
            this.bias = bias;
            return this;
        }

        /**
         * Sets whether the convolution has a bias (default: true).
         *
         * @param convBias whether there is a bias
         * @return this builder
         */
        public Builder optConvBias(boolean convBias) {
            this.convBias = convBias;
            return this;
        }

        /**
         * Sets whether the head shares the weight of the embedding (default: true).
         *
         * @param tiedHead whether it does
         * @return this builder
         */
        public Builder optTiedHead(boolean tiedHead) {
            this.tiedHead = tiedHead;
            return this;
        }

        /**
         * Sets the rate of dropout on the output of each block while training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(float dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Sets the state space layer of the blocks (default: {@link Ssm#SELECTIVE}).
         *
         * @param ssm the layer
         * @return this builder
         */
        public Builder optSsm(Ssm ssm) {
            this.ssm = ssm;
            return this;
        }

        /**
         * Sets whether the output of the SSM is gated by SiLU(z) (default: true); the paper's
         * ablation is without.
         *
         * @param gated whether there is a gate
         * @return this builder
         */
        public Builder optGate(boolean gated) {
            this.gated = gated;
            return this;
        }

        /**
         * Sets what only blocks with {@link Ssm#SSD} have (default: {@link SSDConfig#DEFAULT}).
         *
         * @param ssd the sizes and options
         * @return this builder
         */
        public Builder optSsd(SSDConfig ssd) {
            this.ssd = ssd;
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a required size is missing or a size out of range
         */
        public MambaConfig build() {
            int rank = timeStepRank == 0 ? (modelSize + 15) / 16 : timeStepRank;
            int states = stateSize != 0 ? stateSize : ssm == Ssm.SSD ? 128 : 16;
            return new MambaConfig(
                    vocabSize,
                    padVocabMultiple,
                    modelSize,
                    numLayers,
                    states,
                    convKernel,
                    expand,
                    rank,
                    timeStepMin,
                    timeStepMax,
                    timeStepFloor,
                    timeStepScale,
                    constantTimeStepInit,
                    normEpsilon,
                    rmsNorm,
                    bias,
                    convBias,
                    tiedHead,
                    dropout,
                    ssm,
                    gated,
                    ssd);
        }
    }
}
