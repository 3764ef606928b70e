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

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Names files that become another one in a single move, which needs the same folder. Unlike those
 * of {@code Files.createTempFile} they get the permissions that the user's files usually have.
 */
public final class TemporarySibling {

    private TemporarySibling() {}

    /**
     * Names a file.
     *
     * @param path the path that the file is to become
     * @return an unused hidden name beside it
     */
    public static Path of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID());
    }

    /**
     * Writes a file under another name, and moves it into place in one step when it is complete and
     * on the disk, so that no reader ever sees half a file.
     *
     * @param file the file, replaced if it exists
     * @param content what writes it
     * @throws IOException if writing fails; then the file is as it was
     */
    public static void write(Path file, Content content) throws IOException {
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
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Writes what a file holds. */
    @FunctionalInterface
    public interface Content {

        /**
         * Writes it.
         *
         * @param channel the file, at its start; it stays open
         * @throws IOException if writing fails
         */
        void write(FileChannel channel) throws IOException;
    }
}
