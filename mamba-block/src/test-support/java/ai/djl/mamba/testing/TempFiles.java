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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Temporary files of one test, which {@link TempFolderGuard} deletes at the end of the test. */
public final class TempFiles {

    private static final Deque<Path> FILES = new ArrayDeque<>();

    private TempFiles() {}

    /** Creates a folder. */
    public static Path folder(String prefix) throws IOException {
        return register(Files.createTempDirectory(prefix));
    }

    /** Creates an empty file. */
    public static Path file(String prefix, String suffix) throws IOException {
        return register(Files.createTempFile(prefix, suffix));
    }

    private static Path register(Path path) {
        synchronized (FILES) {
            FILES.push(path);
        }
        return path;
    }

    static void deleteAll() {
        synchronized (FILES) {
            try {
                while (!FILES.isEmpty()) {
                    delete(FILES.pop());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void delete(Path path) throws IOException {
        // a test may have done so
        if (Files.exists(path)) {
            ProcessFiles.delete(path);
        }
    }
}
