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

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.testng.Assert;

/**
 * A JVM with this one's class path that runs the main method of a class.
 *
 * <p>Its heap is small and in memory from the start, so that its resident set grows with native
 * memory only. Its temporary folder is that of this one.
 */
public final class ChildJvm {

    private final Class<?> main;
    private final List<String> options = new ArrayList<>();
    // small work in one thread: two that wait for each other crawl on a busy machine
    private final Map<String, String> environment = new HashMap<>(Map.of("OMP_NUM_THREADS", "1"));
    private final List<String> classPath;
    private File workingFolder; // null: that of this JVM
    private int maxFileKibibytes; // 0: no limit
    private int user = -1; // -1: that of this JVM

    public ChildJvm(Class<?> main) {
        this.main = main;
        options.addAll(List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch"));
        options.addAll(
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
        with("java.io.tmpdir", System.getProperty("java.io.tmpdir"));
        // Surefire starts this JVM with a jar that names the class path; it keeps the path here
        String surefire = System.getProperty("surefire.test.class.path");
        String path = surefire == null ? System.getProperty("java.class.path") : surefire;
        classPath = new ArrayList<>(Arrays.asList(path.split(File.pathSeparator)));
    }

    /** Sets a system property. */
    public ChildJvm with(String property, Object value) {
        options.add("-D" + property + '=' + value);
        return this;
    }

    /** Gives the JVM an option. */
    public ChildJvm withOption(String option) {
        options.add(option);
        return this;
    }

    /** Gives it heap and direct memory of these sizes, in MiB. */
    public ChildJvm withMemory(int heap, int direct) {
        options.addAll(List.of("-Xms" + heap + 'm', "-Xmx" + heap + 'm'));
        options.add("-XX:MaxDirectMemorySize=" + direct + 'm');
        return this;
    }

    /** Sets an environment variable. */
    public ChildJvm withEnvironment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Lets no file that it writes grow beyond this, as if the disk were full (not on Windows). */
    public ChildJvm withFilesUpTo(int kibibytes) {
        maxFileKibibytes = kibibytes;
        return this;
    }

    /** Runs it in a folder. */
    public ChildJvm in(Path folder) {
        workingFolder = folder.toFile();
        return this;
    }

    /** Puts a folder before all others on the class path. */
    public ChildJvm withFirst(Path folder) {
        classPath.add(0, folder.toString());
        return this;
    }

    /** Removes entries from the class path. */
    public ChildJvm without(Predicate<String> entry) {
        classPath.removeIf(entry);
        return this;
    }

    /**
     * Runs it as another user, which {@link OtherUsers} must allow.
     *
     * @param id the number of the user, who need not exist
     * @param folder a folder that the user can read, for a copy of the class path without the
     *     engines' libraries
     */
    public ChildJvm as(int id, Path folder) throws IOException {
        user = id;
        OtherUsers.copyClassPath(classPath, folder);
        return this;
    }

    /** Starts it; its errors are discarded, and the caller ends it. */
    public Process start(String... args) throws IOException {
        return builder(args).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Starts it with these for its output and its errors; the caller ends it. */
    public Process start(ProcessBuilder.Redirect out, File errors, String... args)
            throws IOException {
        return builder(args).redirectOutput(out).redirectError(errors).start();
    }

    private ProcessBuilder builder(String... args) {
        List<String> command = new ArrayList<>();
        if (user >= 0) {
            command.addAll(OtherUsers.command(user));
        }
        if (maxFileKibibytes > 0) {
            String limited = "ulimit -f " + maxFileKibibytes + " && exec \"$0\" \"$@\"";
            command.addAll(List.of("bash", "-c", limited));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
        command.add(main.getName());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.directory(workingFolder);
        return builder;
    }

    /** Runs it to its end, which must be a success; returns the lines of its output. */
    public List<String> run(String... args) throws IOException, InterruptedException {
        File errors = File.createTempFile("mamba-child", ".log");
        try {
            Process process = builder(args).redirectError(errors).start();
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
}
