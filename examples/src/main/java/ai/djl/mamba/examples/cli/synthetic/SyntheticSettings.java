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

import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.training.ParameterGroups;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingOptions.Schedule;
import ai.djl.nn.Block;

/**
 * How the models of one comparison are trained.
 *
 * @param task what they learn
 * @param shortest the smallest length of training sequences in tokens
 * @param length the largest, L; the answers are included
 * @param validationLength the length of the sequences that choose the best parameters
 * @param fewest the smallest number of data tokens of the copying tasks in a batch
 * @param copied the largest, which is that of the tests
 * @param curriculum the steps over which the smallest length and number rise to the largest, or 0
 * @param batch the number of sequences of a step, B
 * @param steps the number of steps
 * @param seconds the maximum time for one model; 0 for no limit
 * @param learningRate the peak learning rate
 * @param timeStepRate the factor on it for the projection to Δ
 * @param schedule how it changes
 * @param seed determines all sequences
 */
record SyntheticSettings(
        SyntheticTask task,
        int shortest,
        int length,
        int validationLength,
        int fewest,
        int copied,
        int curriculum,
        int batch,
        int steps,
        double seconds,
        float learningRate,
        float timeStepRate,
        Schedule schedule,
        int seed) {

    private static final int EVALUATIONS = 20;

    /** Seeds of training are ints, so that this stream is different from all of theirs. */
    private static final long VALIDATION_STREAM = 1L << 41;

    private static final int VALIDATION_SEQUENCES = 256;
    private static final int VALIDATION_TOKENS = 1 << 18;

    /**
     * So small that the tiny gradients of a loss near 0 still move the parameters. This makes Δ of
     * tokens to be ignored so small that a million of them change nothing.
     */
    private static final float EPSILON = 1e-12f;

    /** Without weight decay, as in the paper. */
    TrainingOptions options() {
        return TrainingOptions.builder()
                .optSteps(steps)
                .optSeconds(seconds)
                .optLearningRate(learningRate)
                .optSchedule(schedule)
                .optEpsilon(EPSILON)
                .optSeed(seed)
                .optEvaluateEvery(Math.max(1, steps / EVALUATIONS))
                .optEvaluationBatches(1)
                .build();
    }

    /** How each parameter is trained. */
    ParameterGroups groups(ModelKind kind, Block block) {
        ParameterGroups.Builder groups =
                ParameterGroups.builder().setBlock(block).optWeightDecay(0);
        if (kind.timeStepProjection() != null) {
            groups.optGroup(kind.timeStepProjection(), timeStepRate, 0);
        }
        return groups.build();
    }

    /** The training data. */
    SyntheticSource training() {
        return new SyntheticSource(
                new SyntheticBatches(task, batch, shortest, length, fewest, copied, curriculum),
                seed);
    }

    /** The data that choose the best parameters: only the first batch is used. */
    SyntheticSource validation() {
        int rows = Math.max(16, VALIDATION_TOKENS / validationLength);
        return new SyntheticSource(
                new SyntheticBatches(
                        task,
                        Math.min(VALIDATION_SEQUENCES, rows),
                        validationLength,
                        validationLength,
                        copied,
                        copied,
                        0),
                VALIDATION_STREAM + seed);
    }
}
