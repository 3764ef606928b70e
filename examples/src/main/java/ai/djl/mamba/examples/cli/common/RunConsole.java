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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.training.Evaluation;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.StepReport;
import java.nio.file.Path;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;

/** Shows the progress of a training run: a bar, and a line for each evaluation. */
public final class RunConsole implements RunListener, AutoCloseable {

    private static final int PARTS_OF_PROGRESS_BAR = 1000;
    private static final long NANOS_BETWEEN_LINES = 30_000_000_000L;

    private final Output output;
    private final boolean isClassifier;
    private final String unit;
    private final ProgressBar bar;
    private StepReport step;
    private double meanLoss = Double.NaN;
    private long lastLine = System.nanoTime();

    /**
     * Starts to show.
     *
     * @param output where to write
     * @param isClassifier whether labels are classes
     * @param unit what a token is, such as byte
     */
    public RunConsole(Output output, boolean isClassifier, String unit) {
        this.output = output;
        this.isClassifier = isClassifier;
        this.unit = unit;
        bar = Output.progressBar("train", PARTS_OF_PROGRESS_BAR);
    }

    @Override
    public void onStep(StepReport report) {
        step = report;
        meanLoss = Double.isNaN(meanLoss) ? report.loss() : 0.98 * meanLoss + 0.02 * report.loss();
        if (bar != null) {
            bar.stepTo(Math.round(report.progress() * PARTS_OF_PROGRESS_BAR));
            bar.setExtraMessage(
                    String.format(
                            "%s, %,.0f %ss/s, %s left",
                            loss(meanLoss), report.tokensPerSecond(), unit, left(report)));
        } else if (System.nanoTime() - lastLine > NANOS_BETWEEN_LINES) {
            line("%s", loss(meanLoss));
        }
    }

    private static String left(StepReport report) {
        if (!Double.isFinite(report.secondsLeft())) {
            return "?";
        }
        Duration left = Duration.ofSeconds(Math.round(report.secondsLeft()));
        return String.format(
                "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart());
    }

    /** A loss in the unit in which people compare it. */
    private String loss(double nats) {
        return isClassifier
                ? String.format("loss %.3f", nats)
                : String.format("%.3f bits per %s", nats / Math.log(2), unit);
    }

    private void line(String format, Object... args) {
        lastLine = System.nanoTime();
        output.line(
                "%5.0f s  step %,6d  %s  %,7.0f %ss/s, %s left",
                step.seconds(),
                step.step(),
                String.format(format, args),
                step.tokensPerSecond(),
                unit,
                left(step));
    }

    @Override
    public void onEvaluation(Evaluation evaluation, double trainLoss, boolean isBest) {
        if (step == null) {
            return; // a run that had ended before and is only completed
        }
        String heldOut =
                isClassifier
                        ? String.format(
                                "loss %.3f, accuracy %.1f %%",
                                evaluation.meanNll(), 100 * evaluation.accuracy())
                        : loss(evaluation.meanNll());
        line("%s train, %s held out%s", loss(trainLoss), heldOut, isBest ? "" : " (not the best)");
    }

    @Override
    public void onCheckpoint(long at, Path folder) {
        if (bar == null) {
            return; // not worth a line in a log
        }
        bar.setExtraMessage("saved");
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
