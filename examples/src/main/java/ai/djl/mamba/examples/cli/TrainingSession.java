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
import ai.djl.mamba.examples.cli.common.Interrupts;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.RunConsole;
import ai.djl.mamba.training.Evaluation;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a command does around a training run: progress, signals, and the figures at its end. */
final class TrainingSession implements AutoCloseable {

    private static final double NATS_PER_BIT = Math.log(2);

    private final CommonOptions common;
    private final TrainingFlags flags;
    private final boolean isClassifier;
    private final String unit;
    private final RunConsole console;
    private Interrupts interrupts;

    /**
     * Creates a session.
     *
     * @param isClassifier whether labels are classes
     * @param unit what a token is, such as byte
     */
    TrainingSession(CommonOptions common, TrainingFlags flags, boolean isClassifier, String unit) {
        this.common = common;
        this.flags = flags;
        this.isClassifier = isClassifier;
        this.unit = unit;
        console = new RunConsole(common.output(), isClassifier, unit);
    }

    /** What shows the progress. */
    RunListener listener() {
        return console;
    }

    /** Receives the run that is about to start. */
    void start(TrainingRun run) {
        interrupts = new Interrupts(run::stop);
        if (run.step() > 0) {
            common.output().line("resuming after step %,d", run.step());
        }
    }

    /**
     * Prints the result of the run.
     *
     * @param further figures for the result beside those of the run
     */
    void end(TrainingResult result, Map<String, Object> further) {
        console.close();
        Output output = common.output();
        if (result.isFinished()) {
            output.line("saved in %s", flags.out());
        } else {
            output.line(
                    "stopped after step %,d and saved in %s: the same command with --resume"
                            + " continues, and other commands read the model as it is now",
                    result.steps(), flags.out());
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("ended", result.reason().name().toLowerCase(Locale.ROOT));
        figures.put("steps", result.steps());
        figures.put("epochs", result.epochs());
        figures.put("tokens", result.tokens());
        figures.put("seconds", result.seconds());
        figures.put("tokens_per_second", result.tokensPerSecond());
        figures.put("train_loss", result.trainLoss());
        if (!isClassifier) {
            figures.put("train_bits_per_" + unit, result.trainLoss() / NATS_PER_BIT);
        }
        addEvaluation(figures, result.best());
        figures.putAll(further);
        figures.put("out", flags.out());
        output.result(figures);
    }

    private void addEvaluation(Map<String, Object> figures, Evaluation bestOrNull) {
        if (bestOrNull == null) {
            return;
        }
        figures.put("validation_loss", bestOrNull.meanNll());
        figures.put("validation_accuracy", bestOrNull.accuracy());
        figures.put("best_step", bestOrNull.step());
        if (!isClassifier) {
            figures.put("validation_bits_per_" + unit, bestOrNull.bits());
            figures.put("validation_perplexity", bestOrNull.perplexity());
        }
    }

    @Override
    public void close() {
        console.close();
        if (interrupts != null) {
            interrupts.close();
        }
    }
}
