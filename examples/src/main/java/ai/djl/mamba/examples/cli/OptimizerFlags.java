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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingOptions.Schedule;
import picocli.CommandLine.Option;

/** The options of the optimizer. */
final class OptimizerFlags {

    private static final float BETA_1 = 0.9f;
    private static final float BETA_2 = 0.98f; // the usual 0.999 is too slow for short runs

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            description = "peak learning rate (default: 0.01 for train, 0.001 for finetune)")
    private Float learningRate;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            defaultValue = "cosine",
            description = "cosine or constant, after the warm-up (default: ${DEFAULT-VALUE})")
    private Schedule schedule;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "steps over which the learning rate rises (default: 4 %% of the run)")
    private Integer warmup;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "0.01",
            description = "weight decay of the matrices (default: ${DEFAULT-VALUE})")
    private float weightDecay;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            defaultValue = "1",
            description =
                    "maximum norm of all gradients, 0 for no limit (default: ${DEFAULT-VALUE})")
    private double clip;

    private OptimizerFlags() {}

    void check(CommonOptions common) {
        boolean isRate =
                learningRate == null || (learningRate > 0 && !Float.isInfinite(learningRate));
        common.require("--lr", isRate, "expected a positive number");
        common.atLeast("--warmup", warmup, 0);
        common.require("--weight-decay", weightDecay >= 0, "expected at least 0");
        common.require("--clip", clip >= 0, "expected at least 0");
    }

    /** Sets these options in those of a run. */
    TrainingOptions.Builder options(float usualRate) {
        return TrainingOptions.builder()
                .optLearningRate(learningRate == null ? usualRate : learningRate)
                .optSchedule(schedule)
                .optWarmupSteps(TrainingFlags.automatic(warmup))
                .optWeightDecay(weightDecay)
                .optBetas(BETA_1, BETA_2)
                .optClipNorm(clip);
    }
}
