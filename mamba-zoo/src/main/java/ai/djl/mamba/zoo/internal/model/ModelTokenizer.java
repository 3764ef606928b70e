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
package ai.djl.mamba.zoo.internal.model;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.zoo.internal.hub.Hub;
import ai.djl.mamba.zoo.internal.hub.HubId;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Opens the tokenizer of a loaded model. */
public final class ModelTokenizer {

    /** A size of vocabulary for which a file is needed. */
    private static final int NO_BYTES = Integer.MAX_VALUE;

    private ModelTokenizer() {}

    /**
     * Opens the tokenizer of a model: the one that the argument {@link TextArguments#TOKENIZER}
     * names, or that of its folder.
     *
     * @param model a model that the zoo loaded; the tokenizer is closed with it
     * @param vocabSize the size of the model's vocabulary
     * @return the tokenizer
     * @throws IOException if there is none, or it cannot be read; the message says what to do
     * @throws MalformedModelException if the tokenizer is broken or of another vocabulary
     */
    public static Tokenizer open(Model model, int vocabSize)
            throws IOException, MalformedModelException {
        Tokenizer tokenizer = Tokenizer.open(folder(model), vocabSize);
        model.getNDManager().attachInternal(UUID.randomUUID().toString(), tokenizer);
        return tokenizer;
    }

    /**
     * Opens the tokenizer of a model, if it has one.
     *
     * @param model a model that the zoo loaded; the tokenizer is closed with it
     * @param vocabSize the size of the model's vocabulary
     * @return the tokenizer, if the argument {@link TextArguments#TOKENIZER} names one or the
     *     folder has one
     * @throws IOException if the named tokenizer is not there, or one cannot be read
     * @throws MalformedModelException if the tokenizer is broken or of another vocabulary
     */
    public static Optional<Tokenizer> find(Model model, int vocabSize)
            throws IOException, MalformedModelException {
        boolean isNamed =
                model.getProperty(TextArguments.TOKENIZER) != null; // so it has to be there
        return isNamed || Tokenizer.exists(model.getModelPath(), vocabSize)
                ? Optional.of(open(model, vocabSize))
                : Optional.empty();
    }

    /**
     * Finds the files of the tokenizer of a model, from the hub if need be.
     *
     * @param model a model that the zoo loaded
     * @return the folder that the argument {@link TextArguments#TOKENIZER} names, or that of the
     *     model, which may have no tokenizer
     * @throws IOException if the argument names nothing, or the download fails
     */
    public static Path folder(Model model) throws IOException {
        String named = model.getProperty(TextArguments.TOKENIZER);
        if (named == null) {
            return model.getModelPath();
        }
        return folder(named);
    }

    /**
     * Finds the files of a tokenizer, from the hub if need be.
     *
     * @param named a folder or a model of the hub
     * @return the folder
     * @throws IOException if it is neither, or the download fails
     */
    public static Path folder(String named) throws IOException {
        check(named);
        return Files.isDirectory(Path.of(named))
                ? Path.of(named)
                : Hub.fromEnvironment().downloadTokenizer(HubId.parse(named), null);
    }

    /**
     * Checks that a name can be that of a tokenizer, before a model is loaded.
     *
     * @param named a folder or a model of the hub
     * @throws IOException if it is neither, or a folder without a tokenizer
     */
    public static void check(String named) throws IOException {
        Path folder = path(named);
        if (folder == null || !Files.isDirectory(folder)) {
            if (!HubId.isHubId(named)) {
                throw new NoSuchFileException(
                        named,
                        null,
                        "there is no such folder for the tokenizer, and it is not a model of the"
                                + " hub (owner/name)");
            }
        } else if (!Tokenizer.exists(folder, NO_BYTES)) {
            throw new NoSuchFileException(
                    named, null, "the folder has no tokenizer.json, nor an alphabet.json");
        }
    }

    private static Path path(String named) {
        try {
            return Path.of(named);
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
