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
 * What a step of a {@link TrainingRun} did and how far the run is.
 *
 * @param step the number of steps so far, with this one
 * @param epoch the number of complete passes over the data so far
 * @param progress the part of the run that is done, in [0, 1]
 * @param loss the mean negative log-likelihood of the step's labels, in nats
 * @param gradientNorm the norm of all gradients together, before it was clipped
 * @param learningRate the learning rate of the step
 * @param tokens the tokens that all steps so far have read
 * @param seconds the seconds that the run has taken, those before it was resumed with them
 * @param tokensPerSecond the tokens read in a second, since the run was started or resumed
 * @param secondsLeft the seconds that the rest will take at this speed; NaN where nobody knows
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
