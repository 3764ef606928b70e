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
package ai.djl.mamba.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Temporary folders, child processes and what Linux tells about the memory of this one. */
public final class ProcessFiles {

    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessFiles() {}

    /** Deletes a folder and what is in it. */
    public static void delete(Path dir) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(dir)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /** Runs the main method of a class in a new JVM; returns its output. */
    public static List<String> java(Class<?> main, String... args)
            throws IOException, InterruptedException {
        return new ChildJvm(main).run(args);
    }

    public static boolean isLinux() {
        return Files.isReadable(STATUS);
    }

    /** Lets VmHWM start again from what is resident now. */
    public static void resetPeak() throws IOException {
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    }

    /** A figure of /proc/self/status in bytes, such as VmRSS or VmHWM. */
    public static long status(String key) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException(STATUS + " has no " + key);
    }

    /** The two figures behind a name in the output of a child. */
    public static long[] figures(List<String> lines, String name) {
        for (String line : lines) {
            String[] words = line.split(" ", 3);
            if (words[0].equals(name)) {
                return new long[] {Long.parseLong(words[1]), Long.parseLong(words[2])};
            }
        }
        throw new AssertionError("no " + name + " in " + lines);
    }
}
