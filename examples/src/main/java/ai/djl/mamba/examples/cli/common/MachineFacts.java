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
package ai.djl.mamba.examples.cli.common;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.report.Numbers;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes the machine on which something is measured. */
public final class MachineFacts {

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    private MachineFacts() {}

    /**
     * Returns the facts.
     *
     * @param engine the engine
     * @param device the device
     * @return values by name
     */
    public static Map<String, String> of(Engine engine, Device device) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("device", device.isGpu() ? gpu(device) : "CPU");
        facts.put("engine", engine.getEngineName() + ' ' + engine.getVersion());
        facts.put("scan", ModelKinds.reference().scans().nameFor(engine.getEngineName()));
        facts.put(
                "threads (OMP_NUM_THREADS)",
                System.getenv().getOrDefault("OMP_NUM_THREADS", "one per processor"));
        facts.put("Java", System.getProperty("java.version"));
        facts.put("system", System.getProperty("os.name") + ' ' + System.getProperty("os.arch"));
        return facts;
    }

    private static String gpu(Device device) {
        return String.format(
                "%s, compute capability %s, %s",
                device,
                CudaUtils.getComputeCapability(device.getDeviceId()),
                Numbers.bytes((double) CudaUtils.getGpuMemory(device).getMax()));
    }

    private static String processor() {
        try {
            List<String> lines = Files.readAllLines(PROCESSOR);
            for (String line : lines) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            return "unknown"; // not Linux
        }
        return "unknown";
    }
}
