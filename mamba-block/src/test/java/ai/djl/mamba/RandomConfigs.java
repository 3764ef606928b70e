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

import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.layer.s4d.S4DOptions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Configurations with random options, the defaults often among them. */
final class RandomConfigs {

    private final Random random;

    RandomConfigs(long seed) {
        random = new Random(seed);
    }

    /** A model of one to four layers, of one kind of mixer or several. */
    MambaConfig next() {
        MambaConfig.Builder builder =
                MambaConfig.builder()
                        .setVocabSize(of(5, 50_280))
                        .setModelSize(of(4, 8))
                        .optPadVocabMultiple(of(1, 1, 16))
                        .optTiedHead(random.nextBoolean())
                        .optDropout(of(0f, 0f, 0.1f, 0.3f));
        if (random.nextBoolean()) {
            double epsilon = of(1e-5, 1e-6);
            builder.optNorm(random.nextBoolean() ? Norm.rms(epsilon) : Norm.layer(epsilon));
        }
        int layers = 1 + random.nextInt(4);
        if (random.nextBoolean()) {
            return builder.setNumLayers(layers).optMixer(mixer()).build();
        }
        List<Mixer> mixers = Stream.generate(this::mixer).limit(2).toList();
        return builder.setLayers(
                        Stream.generate(() -> mixers.get(random.nextInt(2))).limit(layers).toList())
                .build();
    }

    private Mixer mixer() {
        return switch (random.nextInt(3)) {
            case 0 -> mamba();
            case 1 -> mamba2();
            default -> s4d();
        };
    }

    private Mixer mamba() {
        return MambaOptions.builder()
                .optStateSize(of(16, 16, 8))
                .optConvKernel(of(4, 4, 2, 1))
                .optExpand(of(2, 2, 3))
                .optTimeStepRank(of(0, 0, 1, 3))
                .optTimeStepInit(timeStepInit())
                .optTimeStepWeightInit(of(1.0, 1.0, 0.5), of(false, false, true))
                .optGate(of(true, true, false))
                .optBias(of(false, false, true))
                .optConvBias(of(true, true, false))
                .build();
    }

    private Mixer mamba2() {
        return Mamba2Options.builder()
                .optStateSize(of(128, 128, 8))
                .optHeadSize(of(4, 2))
                .optGroups(of(1, 1, 2))
                .optConvKernel(of(4, 4, 2, 1))
                .optExpand(of(2, 2, 4))
                .optTimeStepInit(timeStepInit())
                .optTimeStepLimit(of(0.0, 0.0, 0.01), of(Double.POSITIVE_INFINITY, 0.5))
                .optDecayInit(of(1.0, 1.0, 0.25), of(16.0, 16.0, 4.0))
                .optChannelSkip(of(false, false, true))
                .optGatedNorm(of(GatedNorm.AFTER_GATE, GatedNorm.BEFORE_GATE, GatedNorm.NONE))
                .optBias(of(false, false, true))
                .optConvBias(of(true, true, false))
                .optChunkSize(of(0, 0, 64))
                .build();
    }

    private Mixer s4d() {
        return S4DOptions.builder()
                .optStateSize(of(16, 16, 8))
                .optConvKernel(of(4, 4, 2, 1))
                .optExpand(of(2, 2, 3))
                .optTimeStepInit(of(0.001, 0.001, 1e-4), of(0.1, 0.1, 0.05))
                .optGate(of(true, true, false))
                .optBias(of(false, false, true))
                .optConvBias(of(true, true, false))
                .build();
    }

    private TimeStepInit timeStepInit() {
        return of(
                TimeStepInit.DEFAULT,
                TimeStepInit.DEFAULT,
                new TimeStepInit(0.001, 0.1, 0),
                new TimeStepInit(1.0 / 3, 0.7, 1e-30));
    }

    @SafeVarargs
    private <T> T of(T... values) {
        return values[random.nextInt(values.length)];
    }
}
