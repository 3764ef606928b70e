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

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.layer.s4d.S4DOptions;

/** The models and blocks whose files {@link LegacyFilesTest} loads, by the names of the files. */
final class LegacyModels {

    private LegacyModels() {}

    /** The configuration of a sample, a model or a block of one. */
    static MambaConfig config(String name) {
        return switch (name) {
            case "mamba" -> small(new MambaOptions()).build();
            case "mamba-options", "classifier-last" -> mambaOptions();
            case "mamba-ungated" ->
                    small(MambaOptions.builder().optStateSize(4).optGate(false).build()).build();
            case "mamba-padded", "mamba-padded-lora", "classifier-mamba", "backbone" ->
                    small(MambaOptions.builder().optStateSize(4).build())
                            .setVocabSize(21)
                            .optPadVocabMultiple(8)
                            .build();
            case "mamba-stray-ssd" -> small(MambaOptions.builder().optStateSize(4).build()).build();
            case "s4d" -> small(new S4DOptions()).build();
            case "s4d-options", "classifier-vectors" -> s4dOptions();
            case "mamba2" -> small(mamba2().build()).build();
            case "mamba2-before", "classifier-mamba2", "backbone-mamba2" -> mamba2Before();
            case "mamba2-none" -> mamba2None();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static MambaConfig.Builder small(Mixer mixer) {
        return MambaConfig.builder()
                .setVocabSize(20)
                .setModelSize(4)
                .setNumLayers(2)
                .optMixer(mixer);
    }

    private static MambaConfig mambaOptions() {
        MambaOptions mixer =
                MambaOptions.builder()
                        .optStateSize(5)
                        .optTimeStepRank(3)
                        .optConvKernel(3)
                        .optExpand(3)
                        .optBias(true)
                        .optConvBias(false)
                        .optTimeStepInit(new TimeStepInit(0.002, 0.2, 1e-3))
                        .optTimeStepWeightInit(0.5, true)
                        .build();
        return small(mixer)
                .setVocabSize(23)
                .optNorm(Norm.layer(1e-4))
                .optTiedHead(false)
                .optDropout(0.1f)
                .build();
    }

    private static MambaConfig s4dOptions() {
        return small(
                        S4DOptions.builder()
                                .optStateSize(6)
                                .optConvKernel(2)
                                .optGate(false)
                                .optTimeStepInit(0.01, 0.05)
                                .build())
                .build();
    }

    private static Mamba2Options.Builder mamba2() {
        return Mamba2Options.builder().optStateSize(6).optHeadSize(4).optGroups(2);
    }

    private static MambaConfig mamba2Before() {
        return small(
                        mamba2().optChunkSize(4)
                                .optTimeStepLimit(0.01, 0.05)
                                .optDecayInit(2, 8)
                                .optChannelSkip(true)
                                .optGatedNorm(GatedNorm.BEFORE_GATE)
                                .build())
                .build();
    }

    private static MambaConfig mamba2None() {
        Mamba2Options mixer =
                mamba2().optStateSize(3)
                        .optConvKernel(2)
                        .optTimeStepInit(new TimeStepInit(0.002, 0.2, 1e-3))
                        .optBias(true)
                        .optConvBias(false)
                        .optGatedNorm(GatedNorm.NONE)
                        .build();
        return small(mixer)
                .setVocabSize(21)
                .optPadVocabMultiple(4)
                .optNorm(Norm.layer(1e-4))
                .optTiedHead(false)
                .optDropout(0.25f)
                .build();
    }

    /** A new block of a sample. */
    static SequenceBlock block(String name) {
        return switch (name) {
            case "classifier-mamba", "classifier-mamba2" ->
                    classifier(name).optBidirectional(true).optPooling(Pooling.MEAN).build();
            case "classifier-last" -> classifier(name).optHeadBias(false).build();
            case "classifier-vectors" ->
                    classifier(name).optPooling(Pooling.MEAN).optVectorInput(true).build();
            case "backbone", "backbone-mamba2" -> new MambaBackbone(config(name), false, false);
            case "mamba-block" -> MambaBlock.builder().build();
            case "mamba-block-options" -> mambaBlockOptions();
            case "mamba-block-s4d" ->
                    MambaBlock.builder().optSsm(S4D.builder().optStateSize(4).build()).build();
            case "mamba2-block" -> mamba2Block();
            case "mamba2-block-none" -> mamba2BlockNone();
            case "s4d-layer" -> S4D.builder().build();
            case "s4d-layer-real" -> s4dLayerReal();
            case "selective-ssm" -> SelectiveSSM.builder().build();
            case "ssd" -> SSD.builder().optStateSize(6).optHeadSize(2).optGroups(2).build();
            case "ssd-options" -> ssdOptions();
            case "residual-block" ->
                    ResidualBlock.builder()
                            .setMixer(MambaBlock.builder().build())
                            .optDropout(0.1f)
                            .build();
            case "bidirectional-block" -> new BidirectionalBlock(mamba2Block(), mamba2Block());
            default -> new MambaLanguageModel(config(name));
        };
    }

    private static MambaClassifier.Builder classifier(String name) {
        return MambaClassifier.builder().setConfig(config(name)).setNumClasses(3);
    }

    private static MambaBlock mambaBlockOptions() {
        return MambaBlock.builder()
                .optExpand(3)
                .optConvKernel(3)
                .optBias(true)
                .optConvBias(false)
                .optGate(false)
                .optSsm(
                        SelectiveSSM.builder()
                                .optStateSize(4)
                                .optTimeStepRank(2)
                                .optProjectionBias(true)
                                .build())
                .build();
    }

    private static Mamba2Block mamba2Block() {
        return Mamba2Block.builder().optStateSize(6).optHeadSize(4).optGroups(2).build();
    }

    private static Mamba2Block mamba2BlockNone() {
        return Mamba2Block.builder()
                .optStateSize(3)
                .optHeadSize(4)
                .optGroups(2)
                .optConvKernel(2)
                .optBias(true)
                .optGatedNorm(GatedNorm.NONE)
                .build();
    }

    private static S4D s4dLayerReal() {
        return S4D.builder()
                .optStateSize(6)
                .optInit(S4D.Init.REAL)
                .optDiscretization(S4D.Discretization.BILINEAR)
                .optSkip(false)
                .build();
    }

    private static SSD ssdOptions() {
        return SSD.builder()
                .optStateSize(6)
                .optHeadSize(2)
                .optGroups(2)
                .optChunkSize(4)
                .optTimeStepLimit(0.01, 0.05)
                .optDecayInit(2, 8)
                .optChannelSkip(true)
                .build();
    }
}
