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
package ai.djl.mamba.zoo.internal.files;

import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.zoo.internal.tensors.TemporarySibling;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The files that a tokenizer has beside a model: those of the hub, and one of this project. */
public final class TokenizerFiles {

    /** The tokenizers that the {@code tokenizers} library reads. */
    public static final String JSON = "tokenizer.json";

    /** A vocabulary of characters. */
    public static final String ALPHABET = "alphabet.json";

    static final List<String> NAMES =
            List.of(JSON, "tokenizer_config.json", "special_tokens_map.json", ALPHABET);

    private TokenizerFiles() {}

    /**
     * Checks that the files of a tokenizer can be read, as far as they exist.
     *
     * @param folder the folder of the tokenizer
     * @throws FileSystemException if a name is that of a folder, a pipe or a device
     */
    public static void requireReadable(Path folder) throws FileSystemException {
        for (String name : NAMES) {
            PlainFiles.requireReadable(folder.resolve(name));
        }
    }

    /**
     * Copies the files of a tokenizer, and deletes those of another one that was there before.
     *
     * @param from the folder of the tokenizer, which may have none
     * @param to the folder of another model
     * @throws IOException if a file cannot be read or written
     */
    public static void copy(Path from, Path to) throws IOException {
        Map<String, byte[]> contents = new HashMap<>();
        for (String name : NAMES) {
            Path file = from.resolve(name);
            PlainFiles.requireReadable(file);
            if (Files.exists(file)) {
                contents.put(name, Files.readAllBytes(file));
            }
        }
        write(to, contents);
    }

    /**
     * Writes the files of a tokenizer, and deletes those of another one that was there before.
     *
     * @param folder the folder of a model
     * @param contents the contents by name
     * @throws IOException if a file cannot be written
     */
    public static void write(Path folder, Map<String, byte[]> contents) throws IOException {
        PlainFiles.requireFolder(folder);
        Files.createDirectories(folder);
        for (String name : NAMES) {
            write(folder.resolve(name), contents.get(name));
        }
    }

    /**
     * Writes a file, or deletes it.
     *
     * @param file the file
     * @param contentOrNull the content, or {@code null} if it must not be there
     * @throws IOException if it cannot be written or deleted
     */
    public static void write(Path file, byte[] contentOrNull) throws IOException {
        if (contentOrNull == null) {
            PlainFiles.requireReplaceable(file);
            Files.deleteIfExists(file);
            return;
        }
        TemporarySibling.write(
                file, channel -> Channels.newOutputStream(channel).write(contentOrNull));
    }
}
