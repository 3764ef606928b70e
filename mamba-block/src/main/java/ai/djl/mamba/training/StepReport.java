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
 * A report on a step of a {@link TrainingRun} and the progress of the run.
 *
 * @param step the number of steps so far, including this one
 * @param epoch the number of complete passes over the data so far
 * @param progress the share of the run that is done, in [0, 1]
 * @param loss the mean negative log-likelihood of the step's labels, in nats
 * @param gradientNorm the global norm of the gradients before clipping
 * @param learningRate the learning rate of the step
 * @param tokens the tokens read so far
 * @param seconds the seconds taken so far, including those before the run was resumed
 * @param tokensPerSecond the tokens per second since the run was started or resumed
 * @param secondsLeft the estimated seconds left at this speed; NaN if unknown
 */
public record StepReport(
        long step,
        long epoch,
        double progress,
        double loss,
        double gradientNorm,
        float learningRate,
        long tokens,
        double seconds,
        double tokensPerSecond,
        double secondsLeft) {}
