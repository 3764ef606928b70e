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
 * What came of a {@link TrainingRun}.
 *
 * @param reason why it ended
 * @param steps the steps made, those before it was resumed with them
 * @param epochs the complete passes over the data
 * @param tokens the tokens read
 * @param seconds the seconds taken, those before it was resumed with them
 * @param tokensPerSecond the tokens read in a second, since the run was started or resumed
 * @param trainLoss the mean loss of the steps since the evaluation before the last one, in nats
 * @param last the last evaluation; {@code null} where nothing was held out
 * @param best the best evaluation, of which the parameters are where {@link
 *     TrainingOptions#keepBest} asks for them; {@code null} where nothing was held out
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
        /** Evaluations did not get better any more. */
        STOPPED_EARLY,
        /** {@link TrainingRun#stop} was called; with a checkpoint the run can be resumed. */
        INTERRUPTED
    }

    /**
     * Returns whether there is nothing to resume.
     *
     * @return whether the run came to its end
     */
    public boolean isFinished() {
        return reason != Reason.INTERRUPTED;
    }
}
