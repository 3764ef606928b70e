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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.internal.EngineChecks;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/** The types that the parameters of a loaded model may have. */
final class LoadTypes {

    private LoadTypes() {}

    /**
     * Checks a type, and that the device exists.
     *
     * @throws IllegalArgumentException if the blocks cannot compute in it on the engine and device,
     *     or there is no such device
     */
    static void check(DataType type, NDManager manager) {
        EngineChecks.requireDevice("Checkpoint", manager.getEngine(), manager.getDevice());
        String engine = manager.getEngine().getEngineName();
        boolean isKnown =
                switch (type) {
                    case FLOAT32, FLOAT64 -> true;
                    case FLOAT16 -> engine.equals("PyTorch") && manager.getDevice().isGpu();
                    default -> false;
                };
        if (!isKnown) {
            throw new IllegalArgumentException(
                    String.format(
                            "Expected the type float32 or float64, or float16 with PyTorch on a"
                                    + " GPU; got %s with %s on %s",
                            type, engine, manager.getDevice()));
        }
    }
}
