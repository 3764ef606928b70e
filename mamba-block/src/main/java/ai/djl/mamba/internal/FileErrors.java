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

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Names the file in failures of writing: "No space left on device" alone helps nobody. */
public final class FileErrors {

    private FileErrors() {}

    /**
     * Names the file of a failure.
     *
     * @param file the file that was written
     * @param e the failure
     * @return a failure whose message names the file, possibly the same
     */
    public static IOException naming(Path file, IOException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof FileSystemException || message.contains(file.toString())
                ? e
                : named(file, message, e);
    }

    /**
     * Names the file of a failure, as {@link #naming(Path, IOException)} does, and not the
     * temporary file or folder that was written in its place.
     *
     * @param file the file or folder that was to be written
     * @param temporary what was written first
     * @param e the failure
     * @return a failure whose message names the file, possibly the same
     */
    public static IOException naming(Path file, Path temporary, IOException e) {
        if (!(e instanceof FileSystemException failed)
                || failed.getFile() == null
                || !failed.getFile().startsWith(temporary.toString())) {
            return naming(file, e);
        }
        String inside = failed.getFile().substring(temporary.toString().length());
        String reason = failed.getReason() == null ? describe(failed) : failed.getReason();
        return named(Path.of(file + inside), reason, e);
    }

    /** A failure without a reason says by its class what is wrong. */
    private static String describe(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        return e instanceof AccessDeniedException ? "access denied" : e.getClass().getSimpleName();
    }

    private static IOException named(Path file, String reason, IOException cause) {
        FileSystemException named = new FileSystemException(file.toString(), null, reason);
        named.initCause(cause);
        return named;
    }

    /**
     * Writes a file; a failure names it.
     *
     * @param file the file
     * @param content its content
     * @param options how it is opened
     * @return the file
     * @throws IOException if it cannot be written
     */
    public static Path write(Path file, byte[] content, OpenOption... options) throws IOException {
        try {
            return Files.write(file, content, options);
        } catch (IOException e) {
            throw naming(file, e);
        }
    }
}
