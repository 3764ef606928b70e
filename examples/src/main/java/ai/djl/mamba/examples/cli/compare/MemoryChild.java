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

import ai.djl.mamba.examples.cli.common.StopSignal;
import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link CompareMemoryCommand} in a new JVM like this one. */
final class MemoryChild {

    private static final int KILLED = 137;

    private final List<String> command = new ArrayList<>();

    /**
     * Prepares the process.
     *
     * @param main the main class of the command line
     * @param arguments the arguments of the command
     */
    MemoryChild(Class<?> main, List<String> arguments) {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-D")) {
                command.add(option);
            }
        }
        // the heap is in memory from the start, so that only native memory grows
        command.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.add("compare-memory");
        command.addAll(arguments);
    }

    /**
     * Measures.
     *
     * @param lengths the lengths to measure
     * @param signal ends the process early
     * @return a sample for each of them, up to the first one that says why it stopped
     */
    List<MemorySample> run(List<Integer> lengths, StopSignal signal) throws IOException {
        List<MemorySample> samples = new ArrayList<>();
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        signal.watch(process::destroyForcibly);
        try {
            Gson gson = new Gson();
            try (BufferedReader reader = process.inputReader()) {
                String line = reader.readLine();
                while (line != null) {
                    if (line.startsWith("{")) {
                        samples.add(gson.fromJson(line, MemorySample.class));
                    }
                    line = reader.readLine();
                }
            }
            int code = process.waitFor();
            if (code != 0) {
                int next = lengths.get(Math.min(samples.size(), lengths.size() - 1));
                samples.add(new MemorySample(next, null, ended(code)));
            }
            return samples;
        } catch (JsonSyntaxException e) {
            throw new IOException("a child process wrote " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String ended(int code) {
        return code == KILLED
                ? "out of memory: the system ended the process"
                : "the process that measured it ended with code " + code;
    }
}
