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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.HeadFlags;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.training.TrainingOptions.Schedule;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code mamba synthetic} for models and training. */
final class SyntheticTrainOptions {

    @Option(
            names = "--length",
            paramLabel = "L",
            defaultValue = "256",
            description =
                    "tokens of a training sequence, the answers included (default:"
                            + " ${DEFAULT-VALUE}; the paper's selective copying has 4096)")
    private int length;

    @Option(
            names = "--shortest",
            paramLabel = "L",
            description =
                    "make the length of each batch random, log-uniform from this one to --length"
                            + " (default: always --length)")
    private Integer shortest;

    @Option(
            names = "--validation-length",
            paramLabel = "L",
            description =
                    "length of the held-out sequences that choose the best of twenty evaluations"
                            + " (default: --length)")
    private Integer validationLength;

    @Option(
            names = "--copied",
            paramLabel = "N",
            defaultValue = "16",
            description = "data tokens of the copying tasks (default: ${DEFAULT-VALUE})")
    private int copied;

    @Option(
            names = "--fewest",
            paramLabel = "N",
            description =
                    "make the number of data tokens of each batch random, from this one to --copied"
                            + " (default: always --copied)")
    private Integer fewest;

    @Option(
            names = "--curriculum",
            paramLabel = "STEPS",
            defaultValue = "0",
            description =
                    "let --shortest and --fewest rise to --length and --copied over this many steps"
                            + " (default: they do not change)")
    private int curriculum;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "10000",
            description = "training steps (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "maximum training time of a model in minutes, such as 1 or 0.5; the schedule"
                            + " adapts to it (default: no limit)")
    private Double minutes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "sequences in a step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.002",
            description = "peak learning rate (default: ${DEFAULT-VALUE})")
    private float learningRate;

    @Option(
            names = "--dt-rate",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description =
                    "factor on the learning rate of the projection to the time steps of mamba"
                            + " (default: ${DEFAULT-VALUE}); with a large one it learns sooner to"
                            + " ignore")
    private float timeStepRate;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            defaultValue = "COSINE",
            description =
                    "${COMPLETION-CANDIDATES}: how the learning rate changes after the warm-up"
                            + " (default: ${DEFAULT-VALUE})")
    private Schedule schedule;

    @Option(
            names = "--model-size",
            paramLabel = "D",
            defaultValue = "64",
            description = "size of the hidden vectors (default: ${DEFAULT-VALUE})")
    private int modelSize;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "2",
            description = "number of layers (default: ${DEFAULT-VALUE})")
    private int layers;

    @Option(
            names = "--state-size",
            paramLabel = "N",
            description =
                    "states of a channel, an even number (default: "
                            + ModelKinds.SYNTHETIC_STATES
                            + ")")
    private Integer stateSize;

    @Mixin private HeadFlags heads;

    @Option(
            names = "--dt-min",
            paramLabel = "T",
            defaultValue = "0.001",
            description = "smallest initial time step (default: ${DEFAULT-VALUE})")
    private double timeStepMin;

    @Option(
            names = "--dt-max",
            paramLabel = "T",
            defaultValue = "0.1",
            description = "largest initial time step (default: ${DEFAULT-VALUE})")
    private double timeStepMax;

    private SyntheticTrainOptions() {}

    void check(CommonOptions common, SyntheticTask task, List<ModelKind> kinds) {
        common.atLeast("--copied", copied, 1);
        common.atLeast("--fewest", fewest, 1);
        common.require(
                "--fewest",
                fewest == null || fewest <= copied,
                "expected at most --copied, " + copied + ", got " + fewest);
        common.atLeast("--curriculum", curriculum, 0);
        common.atLeast("--length", length, task.shortest(copied));
        common.atLeast("--validation-length", validationLength, task.shortest(copied));
        common.atLeast("--shortest", shortest, task.shortest(copied));
        common.require(
                "--shortest",
                shortest == null || shortest <= length,
                "expected at most --length, " + length + ", got " + shortest);
        common.atLeast("--steps", steps, 1);
        common.require("--minutes", minutes == null || minutes > 0, "expected a positive number");
        common.atLeast("--batch", batch, 1);
        boolean isRate = learningRate > 0 && !Float.isInfinite(learningRate);
        common.require("--lr", isRate, "expected a positive number");
        common.require(
                "--dt-rate",
                timeStepRate >= 0 && !Float.isInfinite(timeStepRate),
                "expected a number of at least 0");
        common.atLeast("--model-size", modelSize, 1);
        common.atLeast("--layers", layers, 1);
        common.atLeast("--state-size", stateSize, 2);
        common.require(
                "--state-size",
                stateSize == null || stateSize % 2 == 0,
                "expected an even number, got " + stateSize);
        heads.check(common, kinds, "--model", task.use(), inner());
        boolean isRange = 0 < timeStepMin && timeStepMin <= timeStepMax && timeStepMax < 1e3;
        common.require("--dt-min", isRange, "expected a positive number up to --dt-max");
    }

    SyntheticSettings settings(SyntheticTask task, int seed) {
        return new SyntheticSettings(
                task,
                shortest == null ? length : shortest,
                length,
                validationLength == null ? length : validationLength,
                fewest == null ? copied : fewest,
                copied,
                curriculum,
                batch,
                steps,
                minutes == null ? 0 : 60 * minutes,
                learningRate,
                timeStepRate,
                schedule,
                seed);
    }

    /** A model to learn a task. */
    SyntheticModel model(ModelKind kind, SyntheticTask task) {
        MixerSizes sizes =
                heads.sizes(kind, task.use(), inner())
                        .withStates(stateSize)
                        .withTimeStepInit(new TimeStepInit(timeStepMin, timeStepMax, timeStepMin));
        return new SyntheticModel(kind, modelSize, layers, sizes);
    }

    private int inner() {
        return MixerSizes.EXPAND * modelSize;
    }
}
