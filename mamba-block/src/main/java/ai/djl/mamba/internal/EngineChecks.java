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
package ai.djl.mamba.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks of engines and devices, whose own messages name neither what exists nor what was meant.
 */
public final class EngineChecks {

    private EngineChecks() {}

    /**
     * Checks that an engine is on the class path.
     *
     * @param owner the name of the class in the message
     * @param engine the name of the engine
     * @throws IllegalArgumentException if there is no such engine; the message names those that
     *     there are
     */
    public static void requireEngine(String owner, String engine) {
        Set<String> known = new TreeSet<>(Engine.getAllEngines());
        Checks.require(
                Engine.hasEngine(engine),
                owner,
                "there is no engine \"%s\" on the class path, which has %s%s",
                engine,
                known,
                Nearest.hint(engine, known));
    }

    /**
     * Checks that a device exists.
     *
     * @param owner the name of the class in the message
     * @param engine the engine that is to use it
     * @param device the device
     * @throws IllegalArgumentException if it is a GPU that the engine does not see
     */
    public static void requireDevice(String owner, Engine engine, Device device) {
        Checks.require(
                !device.isGpu() || device.getDeviceId() < engine.getGpuCount(),
                owner,
                "there is no device gpu%d: %s sees %d GPUs here",
                device.getDeviceId(),
                engine.getEngineName(),
                engine.getGpuCount());
    }
}
