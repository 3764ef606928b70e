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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How much memory of a device is free, and how much this process takes: on the CPU from Linux's
 * {@code /proc}, on a GPU from the driver.
 */
final class DeviceMemory {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final Path LIMIT = Path.of("/sys/fs/cgroup/memory.max");
    private static final Path CURRENT = Path.of("/sys/fs/cgroup/memory.current");
    private static final long KIB = 1024;

    private final Device device;
    private long base;

    DeviceMemory(Device device) {
        this.device = device;
    }

    /** The number of free bytes, if that is known. */
    OptionalLong available() {
        try {
            if (device.isGpu()) {
                var usage = CudaUtils.getGpuMemory(device);
                return OptionalLong.of(usage.getMax() - usage.getUsed());
            }
            long free = line(MEMORY, "MemAvailable");
            if (Files.isReadable(LIMIT) && Files.isReadable(CURRENT)) {
                String limit = Files.readString(LIMIT).strip();
                if (!"max".equals(limit)) {
                    long current = Long.parseLong(Files.readString(CURRENT).strip());
                    free = Math.min(free, Long.parseLong(limit) - current);
                }
            }
            return OptionalLong.of(free);
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Whether peaks can be measured. */
    boolean canMeasure() {
        return device.isGpu() || (Files.isReadable(STATUS) && Files.isWritable(CLEAR));
    }

    /** Takes the current use as the base from which peaks count. */
    void setBase() throws IOException {
        base = used("VmRSS");
    }

    /** Resets the peak to the current use. */
    void resetPeak() throws IOException {
        if (!device.isGpu()) {
            Files.writeString(CLEAR, "5"); // VmHWM, see proc(5)
        }
    }

    /**
     * The peak above the base. On a GPU it is what the engine holds now, since it never gives
     * memory back.
     */
    long peak() throws IOException {
        return Math.max(0, used("VmHWM") - base);
    }

    private long used(String key) throws IOException {
        return device.isGpu() ? CudaUtils.getGpuMemory(device).getUsed() : line(STATUS, key);
    }

    private static long line(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB;
            }
        }
        throw new IOException(file + " has no " + key);
    }
}
