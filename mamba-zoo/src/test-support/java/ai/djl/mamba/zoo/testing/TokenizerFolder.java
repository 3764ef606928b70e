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
package ai.djl.mamba.zoo.testing;

import ai.djl.mamba.testing.TempFiles;
import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Folders with a tokenizer.json, made with the Python library "tokenizers" 0.23.3.
 *
 * <p>"byte-level" is made as GPT-NeoX-20B's is, "byte-fallback" as SentencePiece's are; the latter
 * says that texts are to be cut off and padded. Their cases are what that library makes of them.
 */
public final class TokenizerFolder {

    /** At least as many ids as the tokenizers have. */
    public static final int VOCAB_SIZE = 512;

    private TokenizerFolder() {}

    /** Creates a folder with a tokenizer, for one test. */
    public static Path of(String name) throws IOException {
        return containing(read(name + ".json"));
    }

    /** Creates a folder with this tokenizer.json, for one test. */
    public static Path containing(String json) throws IOException {
        Path folder = TempFiles.folder("mamba-tokenizer");
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return folder;
    }

    /** The text of a resource. */
    public static String read(String resource) throws IOException {
        try {
            return Files.readString(
                    Path.of(TokenizerFolder.class.getResource("/tokenizers/" + resource).toURI()));
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** The cases of a tokenizer: ids, decoded, and text where it was encoded. */
    public static JsonArray cases(String name) throws IOException {
        return JsonParser.parseString(read(name + "-cases.json")).getAsJsonArray();
    }
}
