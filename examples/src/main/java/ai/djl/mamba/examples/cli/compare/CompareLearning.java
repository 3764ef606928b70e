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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.compare.CompareResult.LearningPoint;
import ai.djl.mamba.training.Evaluation;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.training.TextBatches;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Trains models on the same bytes in the same order, with the same optimizer. */
final class CompareLearning {

    /** The sequences in a step. */
    static final int BATCH = 8;

    /** The bytes of a sequence. */
    static final int LENGTH = 256;

    private static final int VALIDATION_BYTES = 1 << 14;
    private static final int REPORTS = 10;

    private final TextBatches data;
    private final TrainingOptions options;
    private final Output output;

    /**
     * Prepares to train.
     *
     * @param data what all models learn, and what they are evaluated on
     * @param steps the number of steps
     * @param learningRate the peak learning rate
     * @param output where to print the progress
     */
    CompareLearning(TextBatches data, int steps, float learningRate, Output output) {
        this.data = data;
        this.output = output;
        int batchTokens = BATCH * LENGTH;
        options =
                TrainingOptions.builder()
                        .optSteps(steps)
                        .optLearningRate(learningRate)
                        .optEvaluateEvery(Math.max(1, steps / REPORTS))
                        .optEvaluationBatches(VALIDATION_BYTES / batchTokens)
                        .optKeepBest(false)
                        .build();
    }

    /**
     * Trains a model and evaluates it ten times on the held-out text.
     *
     * @param competitor the model
     * @param signal stops it
     * @return the evaluations, up to the point where it was stopped
     */
    List<LearningPoint> learn(Competitor competitor, StopSignal signal) throws IOException {
        String name = competitor.contender().name();
        List<LearningPoint> points = new ArrayList<>();
        JsonObject start = data.training().position();
        try (TrainingRun run =
                TrainingRun.builder()
                        .setModel(competitor.model())
                        .setData(data.training())
                        .optValidation(data.validation())
                        .setOptions(options)
                        .addListener(new Notes(name, points))
                        .build()) {
            signal.watch(run::stop);
            run.run();
        }
        data.training().restore(start); // the next model learns the same
        return points;
    }

    private final class Notes implements RunListener {

        private final String name;
        private final List<LearningPoint> points;

        Notes(String name, List<LearningPoint> points) {
            this.name = name;
            this.points = points;
        }

        @Override
        public void onEvaluation(Evaluation evaluation, double trainLoss, boolean isBest) {
            int step = Math.toIntExact(evaluation.step());
            points.add(new LearningPoint(name, step, evaluation.bits()));
            output.line("learning, step %d:  %s %.4f bits per byte", step, name, evaluation.bits());
        }
    }
}
