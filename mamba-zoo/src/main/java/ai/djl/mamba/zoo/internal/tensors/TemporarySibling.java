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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.mamba.internal.FileErrors;
import ai.djl.mamba.internal.PlainFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Temporary files that replace a file by an atomic move, which requires the same folder. Unlike
 * those of {@code Files.createTempFile}, they get the default permissions of the user.
 */
public final class TemporarySibling {

    private TemporarySibling() {}

    /**
     * Returns the path of a temporary file.
     *
     * @param path the path of the final file
     * @return an unused hidden path in the same folder
     */
    public static Path of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID());
    }

    /**
     * Writes a file atomically: under a temporary name, moved into place when it is complete and
     * synced to disk, so that readers never see an incomplete file.
     *
     * @param file the file, replaced if it exists; a link is replaced, and not followed
     * @param content writes the content
     * @throws IOException if writing fails, with the name of the file; then it does not change
     */
    public static void write(Path file, Content content) throws IOException {
        PlainFiles.requireReplaceable(file);
        Path temporary = of(file);
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.write(channel);
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw FileErrors.naming(file, temporary, e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes the content.
         *
         * @param channel the file, at its start; not closed
         * @throws IOException if writing fails
         */
        void write(FileChannel channel) throws IOException;
    }
}
