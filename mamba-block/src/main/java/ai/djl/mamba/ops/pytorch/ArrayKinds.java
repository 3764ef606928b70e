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
package ai.djl.mamba.ops.pytorch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The array types and devices that the library supports. */
final class ArrayKinds {

    /** Why the kernels do not run on a GPU; empty if they do. */
    private final Map<Device, Optional<String>> gpuProblems = new ConcurrentHashMap<>();

    /**
     * Returns why the library does not support arrays such as the given one.
     *
     * @param array the array
     * @return the reason, or {@code null} if it does
     */
    String refusal(NDArray array) {
        Device device = array.getDevice();
        boolean gpu = device.isGpu();
        DataType type = array.getDataType();
        boolean known =
                switch (type) {
                    case FLOAT32, FLOAT64 -> gpu || Device.Type.CPU.equals(device.getDeviceType());
                    case FLOAT16, BFLOAT16 -> gpu;
                    default -> false;
                };
        if (!known) {
            return "they do not support " + type + " on " + device.getDeviceType();
        }
        return gpu ? gpuProblems.computeIfAbsent(device, ArrayKinds::tryGpu).orElse(null) : null;
    }

    /** Compiles and runs a small kernel: the driver or its compiler may be missing. */
    private static Optional<String> tryGpu(Device device) {
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
                NDArray one = manager.ones(new Shape(1, 1));
                NDArray weight = manager.ones(new Shape(1));
                NDArray norm = new PyTorchOps(true).rmsNorm(one, weight, 0)) {
            float found = norm.getFloat();
            return found == 1 ? Optional.empty() : Optional.of("the norm of 1 is " + found);
        } catch (EngineException e) {
            return Optional.of(e.getMessage());
        }
    }
}
