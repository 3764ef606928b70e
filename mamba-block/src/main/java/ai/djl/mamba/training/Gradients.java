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
     * @return the gradients, to be closed; what is written to them is what the step uses
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
     * Sets the gradients to 0, whatever they are, as where a step is left out: PyTorch would add
     * the next ones to them.
     *
     * @param block the block
     */
    public static void zero(Block block) {
        try (NDList gradients = of(block)) {
            for (NDArray gradient : gradients) {
                // not a product with 0: that of NaN is NaN
                try (NDArray zeros = gradient.zerosLike()) {
                    zeros.copyTo(gradient);
                }
            }
        }
    }

    /**
     * Throws unless the gradients of a trainer are those of its block. With several devices, DJL
     * keeps copies of the parameters that nobody else can see, and adds their gradients up
     * parameter by parameter in the midst of the step.
     *
     * @param trainer the trainer
     * @param user what needs the gradients
     * @throws IllegalArgumentException if the trainer trains elsewhere than in its block
     */
    static void requireOneDevice(Trainer trainer, String user) {
        Device[] devices = trainer.getDevices();
        Checks.require(
                devices.length == 1,
                user,
                "works on one device: with %d, DJL adds up the gradients within the step only",
                devices.length);
        for (Pair<String, Parameter> pair : trainer.getModel().getBlock().getParameters()) {
            Device device = pair.getValue().getArray().getDevice();
            Checks.require(
                    device.equals(devices[0]),
                    user,
                    "parameter %s is on %s, but training on %s: DJL trains a hidden copy of it;"
                            + " make the model on that device",
                    pair.getKey(),
                    device,
                    devices[0]);
        }
    }
}
