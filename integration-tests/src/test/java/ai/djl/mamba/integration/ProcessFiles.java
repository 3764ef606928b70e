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
package ai.djl.mamba.integration;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;

/** Temporary folders, child processes and what Linux tells about the memory of this one. */
final class ProcessFiles {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessFiles() {}

    /** Deletes a folder and what is in it. */
    static void delete(Path dir) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(dir)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /**
     * Runs the main method of a class in a new JVM with this one's class path; returns its output.
     *
     * <p>The heap of that JVM is small and in memory from the start, so that its resident set grows
     * with native memory only.
     */
    static List<String> java(Class<?> main, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch"));
        command.addAll(
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
        // Surefire starts this JVM with a jar that names the class path; it keeps the path here
        String surefire = System.getProperty("surefire.test.class.path");
        String path = surefire == null ? System.getProperty("java.class.path") : surefire;
        command.addAll(List.of("-cp", path, main.getName()));
        command.addAll(List.of(args));
        File errors = File.createTempFile("mamba-child", ".log");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors);
            // small work in one thread: two that wait for each other crawl on a busy machine
            builder.environment().put("OMP_NUM_THREADS", "1");
            Process process = builder.start();
            List<String> output;
            try (var reader = process.inputReader()) {
                output = reader.lines().toList();
            }
            int code = process.waitFor();
            Assert.assertEquals(code, 0, main + ": " + Files.readString(errors.toPath()));
            return output;
        } finally {
            Files.delete(errors.toPath());
        }
    }

    static boolean isLinux() {
        return Files.isReadable(STATUS);
    }

    /** Lets VmHWM start again from what is resident now. */
    static void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    /** A figure of /proc/self/status in bytes, such as VmRSS or VmHWM. */
    static long status(String key) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException(STATUS + " has no " + key);
    }
}
