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
 * Thrown by {@link TrainingRun#run} if the loss or the gradients of a step are not finite: names
 * the step, whose update has not been made.
 */
public class TrainingDivergedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    private final long step;

    /**
     * Creates the exception.
     *
     * @param step the step, counted from 1
     * @param loss its loss
     * @param gradientNorm the norm of its gradients
     */
    public TrainingDivergedException(long step, double loss, double gradientNorm) {
        super(
                String.format(
                        "training diverged in step %d (loss %s, gradient norm %s): a lower"
                                + " learning rate may help",
                        step, loss, gradientNorm));
        this.step = step;
    }

    /**
     * Returns the step.
     *
     * @return the step, counted from 1; the parameters are those before it
     */
    public long getStep() {
        return step;
    }
}
