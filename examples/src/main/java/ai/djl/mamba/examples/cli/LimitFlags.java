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
import ai.djl.mamba.training.CheckpointStore.Progress;
import ai.djl.mamba.training.TrainingOptions;
import picocli.CommandLine.Option;

/** The options that say how long a training takes. */
final class LimitFlags {

    private static final int USUAL_STEPS = 1000;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "maximum number of training steps (default: 1000, or no limit with --epochs or"
                            + " --minutes; with --resume: the limits that the run had)")
    private Long steps;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "maximum number of passes over the data (default: no limit)")
    private Long epochs;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "maximum training time in minutes, such as 1 or 0.5 (default: no limit)")
    private Double minutes;

    private LimitFlags() {}

    void check(CommonOptions common) {
        common.require("--steps", steps == null || steps > 0, "expected at least 1");
        common.require("--epochs", epochs == null || epochs > 0, "expected at least 1");
        common.require("--minutes", minutes == null || minutes > 0, "expected a positive number");
    }

    /** Whether there are any. */
    boolean areGiven() {
        return steps != null || epochs != null || minutes != null;
    }

    /** Whether a run has come so far already. */
    boolean areReached(Progress last) {
        return last.isStoppedEarly()
                || (steps != null && last.steps() >= steps)
                || (epochs != null && last.epochs() >= epochs)
                || (minutes != null && last.seconds() >= 60 * minutes);
    }

    /**
     * Sets the limits of a run; one that is resumed without new limits keeps those that it had.
     *
     * @param resumedOrNull the run that is resumed
     */
    TrainingOptions.Builder addTo(TrainingOptions.Builder options, Progress resumedOrNull) {
        if (!areGiven() && resumedOrNull != null) {
            return options.optSteps(resumedOrNull.maxSteps())
                    .optEpochs(resumedOrNull.maxEpochs())
                    .optSeconds(resumedOrNull.maxSeconds());
        }
        boolean isLimited = epochs != null || minutes != null;
        return options.optSteps(steps != null ? steps : isLimited ? 0 : USUAL_STEPS)
                .optEpochs(epochs == null ? 0 : epochs)
                .optSeconds(minutes == null ? 0 : 60 * minutes);
    }
}
