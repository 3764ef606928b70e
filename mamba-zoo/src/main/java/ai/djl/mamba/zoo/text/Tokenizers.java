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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the tokenizer of a model. */
public final class Tokenizers {

    private static final String FILE = "tokenizer.json";
    private static final String LIBRARY = "ai.djl.huggingface:tokenizers";
    private static final String LIBRARY_CLASS =
            "ai.djl.huggingface.tokenizers.HuggingFaceTokenizer";

    private Tokenizers() {}

    /**
     * Tells whether a model has a tokenizer that {@link #open} can find.
     *
     * @param folder the model's folder
     * @param vocabSize the size of the model's vocabulary
     * @return whether there is a {@code tokenizer.json}, or the model is a byte model
     */
    public static boolean exists(Path folder, int vocabSize) {
        return Files.exists(folder.resolve(FILE)) || vocabSize == ByteTokenizer.VOCAB_SIZE;
    }

    /**
     * Opens the tokenizer of a model: its {@code tokenizer.json}, without the truncation and
     * padding that the file may ask for, or bytes if there is none and the vocabulary has 256 ids.
     *
     * <p>A {@code tokenizer.json} needs DJL's {@code ai.djl.huggingface:tokenizers} on the class
     * path. Its native library comes with it; nothing is downloaded. It is loaded for the CPU,
     * unless {@code RUST_FLAVOR} is set.
     *
     * @param folder the model's folder
     * @param vocabSize the size of the model's vocabulary; a padded size will do
     * @return the tokenizer, which must be closed
     * @throws IOException if there is no tokenizer, the file cannot be read, or DJL's library is
     *     missing or does not load on this machine
     * @throws MalformedModelException if the file is not a tokenizer, or has ids outside of the
     *     vocabulary of the model
     */
    public static Tokenizer open(Path folder, int vocabSize)
            throws IOException, MalformedModelException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            requireLibrary(file);
            return JsonTokenizer.open(file, vocabSize);
        }
        if (vocabSize == ByteTokenizer.VOCAB_SIZE) {
            return new ByteTokenizer();
        }
        throw new IOException(
                String.format(
                        "%s: there is no %s, and with %d ids the model is not a byte model (%d"
                                + " ids): it takes and returns token ids only, no text",
                        folder, FILE, vocabSize, ByteTokenizer.VOCAB_SIZE));
    }

    private static void requireLibrary(Path file) throws IOException {
        try {
            Class.forName(LIBRARY_CLASS, false, Tokenizers.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IOException(file + ": reading it needs " + LIBRARY + " on the class path", e);
        }
    }
}
