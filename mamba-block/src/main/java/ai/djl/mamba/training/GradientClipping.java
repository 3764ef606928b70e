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

import ai.djl.mamba.nn.Checks;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;

/**
 * Clips gradients by their global norm.
 *
 * <p>DJL's {@code Optimizer.optClipGrad} is no substitute: it works number by number, and in the
 * PyTorch engine it bounds gradients from above only.
 */
public final class GradientClipping {

    private GradientClipping() {}

    /**
     * Scales the gradients of a block so that the norm of all of them together is at most a bound.
     * To be called between {@code backward} and {@code Trainer.step}, on one device.
     *
     * @param block the block; frozen parameters do not count
     * @param maxNorm the bound
     * @return the norm before; where it is not finite the gradients are left as they are
     * @throws IllegalArgumentException if the bound is not positive
     */
    public static double clipGlobalNorm(Block block, double maxNorm) {
        Checks.require(
                maxNorm > 0, "GradientClipping", "maxNorm must be positive, got %s", maxNorm);
        NDList gradients = new NDList();
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.requiresGradient()) {
                gradients.add(parameter.getArray().getGradient());
            }
        }
        try (gradients) {
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
            // one transfer from the device for all parameters
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
