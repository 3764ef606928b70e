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

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testng.SkipException;

/** Processes of other users of this machine, which only root can start, and what they can read. */
public final class OtherUsers {

    private static final Path TEMPORARY = Path.of("/tmp"); // that of the build may be root's alone
    private static final long LARGEST_BYTES = 16 << 20; // of a jar that is copied

    private OtherUsers() {}

    /** What runs a command as a user with no rights but those of everybody. */
    static List<String> command(int user) {
        String id = String.valueOf(user);
        return List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--");
    }

    /** Skips a test where no process of another user can be started. */
    public static void skipWhereThereAreNone() throws InterruptedException {
        List<String> java = new ArrayList<>(command(12345));
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.add("-version");
        String reason;
        try {
            Process process = new ProcessBuilder(java).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            reason = process.waitFor() == 0 && Files.isDirectory(TEMPORARY) ? null : output;
        } catch (IOException e) {
            reason = e.getMessage();
        }
        if (reason != null) {
            throw new SkipException(
                    "no process of another user, which takes root and setpriv: " + reason);
        }
    }

    /** Creates a folder that all users can read; the test deletes it. */
    public static Path readableFolder(String prefix) throws IOException {
        return withMode(Files.createTempDirectory(TEMPORARY, prefix), "rwxr-xr-x").toRealPath();
    }

    /** Creates a folder in which all users may create files, as {@code /tmp}, or also delete. */
    public static Path writableFolder(Path folder, boolean sticky) throws IOException {
        Files.createDirectory(folder);
        Files.setAttribute(folder, "unix:mode", sticky ? 01777 : 0777);
        return folder;
    }

    private static Path withMode(Path folder, String permissions) throws IOException {
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    /** Replaces the entries of a class path by copies; a copy that is there is taken. */
    static void copyClassPath(List<String> entries, Path folder) throws IOException {
        for (int i = 0; i < entries.size(); i++) {
            Path entry = Path.of(entries.get(i));
            Path copy = folder.resolve(i + "-" + entry.getFileName());
            boolean wanted =
                    Files.isDirectory(entry)
                            || (Files.isRegularFile(entry) && Files.size(entry) <= LARGEST_BYTES);
            if (wanted && !Files.exists(copy)) {
                copy(entry, copy);
            }
            entries.set(i, copy.toString());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.toList();
        }
        for (Path file : files) {
            Path copy = to.resolve(from.relativize(file).toString());
            if (Files.isDirectory(file)) {
                withMode(Files.createDirectories(copy), "rwxr-xr-x");
            } else {
                withMode(Files.copy(file, copy), "rw-r--r--");
            }
        }
    }
}
