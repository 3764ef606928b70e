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

import java.nio.file.Path;

/** A listener of the progress of a {@link TrainingRun}, called on the thread of the run. */
public interface RunListener {

    /**
     * Called after each step.
     *
     * @param report the report on the step
     */
    default void onStep(StepReport report) {}

    /**
     * Called after each evaluation.
     *
     * @param evaluation the result
     * @param trainLoss the mean loss of the steps since the previous evaluation, in nats
     * @param isBest whether this is the best evaluation so far
     */
    default void onEvaluation(Evaluation evaluation, double trainLoss, boolean isBest) {}

    /**
     * Called when a checkpoint is complete.
     *
     * @param step the number of steps so far
     * @param folder the folder of the checkpoints
     */
    default void onCheckpoint(long step, Path folder) {}
}
