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
package ai.djl.mamba.examples.cli.report;

import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder to which a report is written. Each file is written under another name first, so that
 * no reader sees half of one. A link in the place of a file is replaced, and not followed; one in
 * the place of the folder is refused.
 *
 * @param path the folder, created with the first file
 */
public record ReportFolder(Path path) {

    /**
     * Checks, before anything is computed, that files can be written.
     *
     * @param names their names
     * @throws IOException if there is a folder, or another thing that is not a file, under one
     */
    public void check(String... names) throws IOException {
        for (String name : names) {
            PlainFiles.requireReplaceable(path.resolve(name));
        }
    }

    /**
     * Writes a file.
     *
     * @param name its name
     * @param content its content
     * @throws IOException if writing fails
     */
    public void write(String name, byte[] content) throws IOException {
        PlainFiles.requireFolder(path);
        Files.createDirectories(path);
        TemporarySibling.write(
                path.resolve(name),
                channel -> {
                    ByteBuffer rest = ByteBuffer.wrap(content);
                    while (rest.hasRemaining()) {
                        channel.write(rest);
                    }
                });
    }

    /**
     * Writes a text file in UTF-8. Control characters, which names from files may have and a
     * terminal would obey, are escaped as JSON does it.
     *
     * @param name its name
     * @param content its text
     * @throws IOException if writing fails
     */
    public void write(String name, String content) throws IOException {
        write(name, Printable.lines(content).getBytes(StandardCharsets.UTF_8));
    }
}
