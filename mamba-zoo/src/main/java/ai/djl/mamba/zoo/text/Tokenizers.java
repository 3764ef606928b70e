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
package ai.djl.mamba.zoo.text;

import ai.djl.MalformedModelException;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the tokenizer of a model, for {@link Tokenizer#open}. */
final class Tokenizers {

    private static final String LIBRARY = "ai.djl.huggingface:tokenizers";
    private static final String LIBRARY_CLASS =
            "ai.djl.huggingface.tokenizers.HuggingFaceTokenizer";

    private Tokenizers() {}

    static boolean exists(Path folder, int vocabSize) {
        return Files.exists(folder.resolve(TokenizerFiles.JSON))
                || Files.exists(folder.resolve(TokenizerFiles.ALPHABET))
                || vocabSize == ByteTokenizer.VOCAB_SIZE;
    }

    static Tokenizer open(Path folder, int vocabSize) throws IOException, MalformedModelException {
        TokenizerFiles.requireReadable(folder);
        Path file = folder.resolve(TokenizerFiles.JSON);
        if (Files.exists(file)) {
            requireLibrary(file);
            return JsonTokenizer.open(file, vocabSize);
        }
        Path alphabet = folder.resolve(TokenizerFiles.ALPHABET);
        if (Files.exists(alphabet)) {
            return CharacterTokenizer.read(alphabet, vocabSize);
        }
        if (vocabSize == ByteTokenizer.VOCAB_SIZE) {
            return new ByteTokenizer();
        }
        throw new IOException(
                String.format(
                        "%s: there is no %s, and with %d ids the model is not a byte model (%d"
                                + " ids): it takes and returns token ids only, no text",
                        folder, TokenizerFiles.JSON, vocabSize, ByteTokenizer.VOCAB_SIZE));
    }

    private static void requireLibrary(Path file) throws IOException {
        try {
            Class.forName(LIBRARY_CLASS, false, Tokenizers.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IOException(file + ": reading it needs " + LIBRARY + " on the class path", e);
        }
    }
}
