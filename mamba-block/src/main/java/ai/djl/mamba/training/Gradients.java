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

import ai.djl.Device;
import ai.djl.mamba.internal.Checks;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import ai.djl.util.Pair;

/** The gradients of a block, between {@code backward} and {@code Trainer.step}. */
public final class Gradients {

    private Gradients() {}

    /**
     * Returns the gradients of the parameters that are not frozen.
     *
     * @param block the block
     * @return the gradients, to be closed by the caller; the step uses what is written to them
     */
    public static NDList of(Block block) {
        NDList gradients = new NDList();
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.requiresGradient()) {
                gradients.add(parameter.getArray().getGradient());
            }
        }
        return gradients;
    }

    /**
     * Sets the gradients to 0 whatever their values. Needed if a step is skipped, because PyTorch
     * would add the next gradients to them.
     *
     * @param block the block
     */
    public static void zero(Block block) {
        try (NDList gradients = of(block)) {
            for (NDArray gradient : gradients) {
                // not a multiplication by 0, which leaves NaN
                try (NDArray zeros = gradient.zerosLike()) {
                    zeros.copyTo(gradient);
                }
            }
        }
    }

    /**
     * Throws unless the gradients of a trainer are those of its block. With several devices, DJL
     * keeps inaccessible copies of the parameters, and sums their gradients parameter by parameter
     * within the step.
     *
     * @param trainer the trainer
     * @param owner the class to name in the message
     * @throws IllegalArgumentException if the trainer uses other devices than its block
     */
    static void requireOneDevice(Trainer trainer, String owner) {
        Device[] devices = trainer.getDevices();
        Checks.require(
                devices.length == 1,
                owner,
                "expected one device, got %d: DJL would sum the gradients only within the step",
                devices.length);
        for (Pair<String, Parameter> pair : trainer.getModel().getBlock().getParameters()) {
            Device device = pair.getValue().getArray().getDevice();
            Checks.require(
                    device.equals(devices[0]),
                    owner,
                    "parameter %s is on %s, but the trainer on %s, where DJL would train a hidden"
                            + " copy; create the model on that device",
                    pair.getKey(),
                    device,
                    devices[0]);
        }
    }
}
