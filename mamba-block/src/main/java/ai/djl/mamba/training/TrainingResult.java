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

/**
 * The result of a {@link TrainingRun}.
 *
 * @param reason why the run ended
 * @param steps the steps made, including those before the run was resumed
 * @param epochs the complete passes over the data
 * @param tokens the tokens read
 * @param seconds the seconds taken, including those before the run was resumed
 * @param tokensPerSecond the tokens per second since the run was started or resumed
 * @param trainLoss the mean loss of the steps between the last two evaluations, in nats
 * @param last the last evaluation; {@code null} if there is no held-out data
 * @param best the best evaluation, whose parameters the block has if {@link
 *     TrainingOptions#keepBest} is set; {@code null} if there is no held-out data
 */
public record TrainingResult(
        Reason reason,
        long steps,
        long epochs,
        long tokens,
        double seconds,
        double tokensPerSecond,
        double trainLoss,
        Evaluation last,
        Evaluation best) {

    /** Why a run ended. */
    public enum Reason {
        /** A limit of the options was reached. */
        FINISHED,
        /** Evaluations stopped improving. */
        STOPPED_EARLY,
        /** {@link TrainingRun#stop} was called; the run can be resumed if it has a checkpoint. */
        INTERRUPTED
    }

    /**
     * Returns whether the run is finished, so that only higher limits would let it go on.
     *
     * @return whether the run was not interrupted
     */
    public boolean isFinished() {
        return reason != Reason.INTERRUPTED;
    }
}
