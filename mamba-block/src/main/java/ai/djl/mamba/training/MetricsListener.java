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
package ai.djl.mamba.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the figures of a {@link TrainingRun} to a {@link MetricsLog}: a line for each step and one
 * for each evaluation, whose figures have names with the prefix {@code validation_}.
 */
public final class MetricsListener implements RunListener {

    private final MetricsLog log;

    /**
     * Creates a listener.
     *
     * @param log the log to write to; it is not closed
     */
    public MetricsListener(MetricsLog log) {
        this.log = log;
    }

    /** {@inheritDoc} */
    @Override
    public void onStep(StepReport report) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("epoch", report.epoch());
        figures.put("tokens", report.tokens());
        figures.put("loss", report.loss());
        figures.put("gradient_norm", report.gradientNorm());
        figures.put("learning_rate", report.learningRate());
        figures.put("seconds", report.seconds());
        figures.put("tokens_per_second", report.tokensPerSecond());
        write(report.step(), figures);
    }

    /** {@inheritDoc} */
    @Override
    public void onEvaluation(Evaluation evaluation, double trainLoss, boolean isBest) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("train_loss", trainLoss);
        figures.put("validation_loss", evaluation.meanNll());
        figures.put("validation_accuracy", evaluation.accuracy());
        figures.put("validation_labels", evaluation.labels());
        figures.put("best", isBest);
        write(evaluation.step(), figures);
    }

    private void write(long step, Map<String, Object> figures) {
        try {
            log.write(step, figures);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the metrics: " + e.getMessage(), e);
        }
    }
}
