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
package ai.djl.mamba.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The main class of {@code mamba.jar}. It needs no library itself, so that it can say what is wrong
 * if the jar lies without its folder of libraries.
 */
public final class Launcher {

    /** A class of each of the libraries without which nothing can be said at all. */
    private static final List<String> NEEDED =
            List.of("picocli.CommandLine", "ai.djl.Model", "ai.djl.mamba.MambaConfig");

    private static final int FAILURE = 1;

    private Launcher() {}

    /**
     * Runs the command line.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        try {
            for (String name : NEEDED) {
                Class.forName(name, false, Launcher.class.getClassLoader());
            }
        } catch (ClassNotFoundException e) {
            System.err.println("mamba: " + describe());
            System.exit(FAILURE);
        }
        Main.main(args);
    }

    private static String describe() {
        Path jar = Path.of(System.getProperty("java.class.path")).toAbsolutePath().normalize();
        Path libraries = jar.resolveSibling("lib");
        return String.format(
                "%s needs its libraries in %s, %s: keep both together as the build made them",
                jar.getFileName(),
                libraries,
                Files.isDirectory(libraries)
                        ? "where some are missing"
                        : "a folder that does not exist");
    }
}
