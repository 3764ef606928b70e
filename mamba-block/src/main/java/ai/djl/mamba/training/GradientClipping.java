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

import ai.djl.mamba.internal.Checks;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;

/**
 * Clips gradients by their global norm, by a method call or as a listener of {@code EasyTrain}:
 *
 * <pre>{@code
 * config.addTrainingListeners(TrainingListener.Defaults.logging())
 *         .addTrainingListeners(new GradientClipping(1.0));
 * }</pre>
 *
 * <p>DJL's {@code Optimizer.optClipGrad} is not a substitute: it works element by element, and on
 * PyTorch it bounds gradients from above only.
 */
public final class GradientClipping extends TrainingListenerAdapter {

    private static final String NAME = "GradientClipping";

    private final double maxNorm;
    private double lastNorm = Double.NaN;

    /**
     * Creates a listener that clips the gradients of each batch.
     *
     * @param maxNorm the largest norm
     * @throws IllegalArgumentException if the norm is not positive
     */
    public GradientClipping(double maxNorm) {
        checkMaxNorm(maxNorm);
        this.maxNorm = maxNorm;
    }

    /**
     * Clips the gradients. DJL calls this between {@code backward} and the step.
     *
     * @param trainer the trainer, with one device
     * @param batchData not used
     * @throws IllegalArgumentException if the trainer has several devices, or a device other than
     *     that of its model: DJL trains copies there whose gradients are not accessible
     */
    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batchData) {
        Gradients.requireOneDevice(trainer, NAME);
        lastNorm = clipGlobalNorm(trainer.getModel().getBlock(), maxNorm);
    }

    /**
     * Returns the norm of the gradients of the last batch, before clipping.
     *
     * @return the norm, NaN before the first batch
     */
    public double getLastNorm() {
        return lastNorm;
    }

    private static void checkMaxNorm(double maxNorm) {
        Checks.require(maxNorm > 0, NAME, "maxNorm must be positive, got %s", maxNorm);
    }

    /**
     * Scales the gradients of a block down to a largest global norm. Call this between {@code
     * backward} and {@code Trainer.step}, on one device.
     *
     * @param block the block; its frozen parameters are left out
     * @param maxNorm the largest norm
     * @return the norm before clipping; if it is not finite, the gradients do not change
     * @throws IllegalArgumentException if the norm is not positive
     */
    public static double clipGlobalNorm(Block block, double maxNorm) {
        checkMaxNorm(maxNorm);
        Checks.given("GradientClipping", "block", block);
        try (NDList gradients = Gradients.of(block)) {
            double norm = globalNorm(gradients);
            if (norm > maxNorm && Double.isFinite(norm)) {
                gradients.forEach(gradient -> gradient.muli(maxNorm / norm));
            }
            return norm;
        }
    }

    private static double globalNorm(NDList gradients) {
        if (gradients.isEmpty()) {
            return 0;
        }
        try (NDManager scratch = gradients.get(0).getManager().newSubManager()) {
            NDList squares = new NDList();
            for (NDArray gradient : gradients) {
                NDArray square = gradient.square();
                square.attach(scratch);
                NDArray sum = square.sum();
                sum.attach(scratch);
                squares.add(sum.reshape(1));
            }
            // a single transfer from the device for all parameters
            NDArray all = NDArrays.concat(squares);
            all.attach(scratch);
            double total = 0;
            for (Number square : all.toArray()) {
                total += square.doubleValue();
            }
            return Math.sqrt(total);
        }
    }
}
