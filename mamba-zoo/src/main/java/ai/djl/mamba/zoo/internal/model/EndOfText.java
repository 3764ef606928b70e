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
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.checkpoint.ConfigFile;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the tokens with which a model ends a text. */
public final class EndOfText {

    private static final Logger LOGGER = LoggerFactory.getLogger(EndOfText.class);

    private static final String ID_KEY = "eos_token_id";
    private static final String TOKEN_KEY = "eos_token";
    private static final String DEFAULT_TOKEN = "<|endoftext|>";

    private EndOfText() {}

    /**
     * Returns the ids that end a text. The first of these that is there counts:
     *
     * <ol>
     *   <li>{@code eos_token_id} in {@code generation_config.json}, a number or a list
     *   <li>{@code eos_token_id} in {@code config.json}
     *   <li>{@code eos_token} in {@code tokenizer_config.json}, looked up in the tokenizer, if it
     *       has it
     *   <li>the tokenizer's special token {@code <|endoftext|>}
     * </ol>
     *
     * <p>Ids outside of the model's vocabulary are left out. A byte model has no such ids, unless
     * one of the first two names some.
     *
     * @param folder the folder of the model
     * @param tokenizer its tokenizer, or null if it has none
     * @return the ids, perhaps none
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file is not a JSON object, or an id is not a whole
     *     number
     */
    public static int[] ids(Path folder, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        Path file = folder.resolve(ModelFiles.CONFIG);
        return ids(folder, Files.exists(file) ? ConfigFile.read(file) : null, tokenizer);
    }

    /**
     * Returns the ids that end a text, as {@link #ids(Path, Tokenizer)} does it, for a model whose
     * configuration has been read.
     *
     * @param folder the folder of the model
     * @param config its {@code config.json}, or null if it has none
     * @param tokenizer its tokenizer, or null if it has none
     * @return the ids, perhaps none
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if a file is not a JSON object, or an id is not a whole
     *     number
     */
    public static int[] ids(Path folder, ConfigFile config, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        Path generation = folder.resolve(ModelFiles.GENERATION);
        ConfigFile first = Files.exists(generation) ? ConfigFile.read(generation) : null;
        for (ConfigFile file : new ConfigFile[] {first, config}) {
            if (file != null && file.has(ID_KEY)) {
                return ids(file, vocabSize(config));
            }
        }
        if (tokenizer == null || tokenizer instanceof ByteTokenizer) {
            return new int[0];
        }
        return ofTokenizer(folder.resolve("tokenizer_config.json"), tokenizer);
    }

    private static int vocabSize(ConfigFile config) throws MalformedModelException {
        return config == null
                ? Integer.MAX_VALUE
                : config.positive("vocab_size", Integer.MAX_VALUE);
    }

    private static int[] ids(ConfigFile config, int vocabSize) throws MalformedModelException {
        JsonElement value = config.get(ID_KEY);
        List<JsonElement> elements =
                value.isJsonArray() ? value.getAsJsonArray().asList() : List.of(value);
        List<Integer> ids = new ArrayList<>();
        for (JsonElement element : elements) {
            boolean isNumber = element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
            double id = isNumber ? element.getAsDouble() : Double.NaN;
            if (id != Math.rint(id)) {
                throw config.malformed(ID_KEY, "an id or a list of ids");
            }
            if (id >= 0 && id < vocabSize) { // others, such as -1 for none, never occur
                ids.add((int) id);
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] ofTokenizer(Path file, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        if (Files.exists(file)) {
            ConfigFile config = ConfigFile.read(file);
            if (config.has(TOKEN_KEY)) {
                String token = token(config);
                OptionalInt id = tokenizer.idOf(token);
                if (id.isPresent()) {
                    return new int[] {id.getAsInt()};
                }
                LOGGER.warn(
                        "{}: the tokenizer does not have the {} \"{}\": it ends no text",
                        file,
                        TOKEN_KEY,
                        Printable.of(token));
            }
        }
        return tokenizer.idOf(DEFAULT_TOKEN).stream().filter(tokenizer::isSpecial).toArray();
    }

    private static String token(ConfigFile config) throws MalformedModelException {
        JsonElement value = config.get(TOKEN_KEY);
        JsonElement token = value.isJsonObject() ? value.getAsJsonObject().get("content") : value;
        if (token == null || !token.isJsonPrimitive()) {
            throw config.malformed(TOKEN_KEY, "a string or an object with a string \"content\"");
        }
        return token.getAsString();
    }
}
