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
import ai.djl.mamba.internal.Malformed;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.text.GenerationArguments;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads how a model wants its texts continued: {@code generation_config.json}. */
public final class GenerationDefaults {

    private static final Logger LOGGER = LoggerFactory.getLogger(GenerationDefaults.class);

    private static final String DO_SAMPLE = "do_sample";
    private static final String TOP_K = "top_k";
    private static final String SEQUENCES = "num_return_sequences";

    /** What transformers takes for a file that samples and does not say it. */
    private static final int DEFAULT_TOP_K = 50;

    private static final Type OPTIONS =
            TypeToken.getParameterized(Map.class, String.class, Object.class).getType();

    /** What others decide: {@link EndOfText}, and who takes the texts. */
    private static final Set<String> NOT_HERE = Set.of("eos_token_id", SEQUENCES);

    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private GenerationDefaults() {}

    /**
     * Reads the options of a model, with the meaning that they have in transformers: without {@code
     * do_sample} the most likely token is taken, and with it the 50 most likely ones count unless
     * {@code top_k} says otherwise. The ids that end a text are left to {@link EndOfText}, and the
     * number of texts to the caller. What is not supported is named in a warning, once for each
     * file.
     *
     * @param folder the folder of the model
     * @param orElse the options for what the file does not say
     * @return the options
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not a JSON object
     */
    public static GenerationOptions of(Path folder, GenerationOptions orElse)
            throws IOException, MalformedModelException {
        Path file = folder.resolve(ModelFiles.GENERATION);
        if (!Files.exists(file)) {
            return orElse;
        }
        Map<String, Object> given = read(file);
        Map<String, Object> read = new LinkedHashMap<>();
        given.forEach(
                (name, value) -> {
                    if (GenerationArguments.names().contains(name)) {
                        read.put(name, value);
                    } else {
                        GenerationArguments.problem(name, value)
                                .ifPresent(problem -> warn(file, problem + ": not applied"));
                    }
                });
        if (sequences(read) > 1) {
            warn(
                    file,
                    String.format(
                            "\"%s\" is %s: applied by the command line only, as a text model"
                                    + " returns one text where no options are given; ask for more by"
                                    + " this name or by optSamples",
                            SEQUENCES, read.get(SEQUENCES)));
        }
        read.keySet().removeAll(NOT_HERE);
        if (read.get(DO_SAMPLE) == null) {
            read.put(DO_SAMPLE, false);
        } else if (read.get(TOP_K) == null && Boolean.TRUE.equals(read.get(DO_SAMPLE))) {
            read.put(TOP_K, DEFAULT_TOP_K);
        }
        try {
            return GenerationArguments.read(read, orElse);
        } catch (IllegalArgumentException e) {
            warn(file, e.getMessage() + "; nothing of the file is applied but the ids of the end");
            return orElse;
        }
    }

    /**
     * What a file says that options cannot tell from what it does not say.
     *
     * @param isGreedy whether it wants the most likely token: by {@code do_sample}, or without it
     *     by a {@code temperature} of 0
     * @param sequences how many continuations it wants; 1 if it does not say
     */
    public record Said(boolean isGreedy, int sequences) {}

    /**
     * Reads what {@link #of} leaves to the caller.
     *
     * @param folder the folder of the model
     * @return what the file says, if there is one
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not a JSON object
     */
    public static Said said(Path folder) throws IOException, MalformedModelException {
        Path file = folder.resolve(ModelFiles.GENERATION);
        if (!Files.exists(file)) {
            return new Said(false, 1);
        }
        Map<String, Object> given = read(file);
        Object sampled = given.get(DO_SAMPLE);
        boolean isCold =
                given.get("temperature") instanceof Number number && number.doubleValue() == 0;
        return new Said(
                sampled == null ? isCold : "false".equals(sampled.toString()), sequences(given));
    }

    /** A wrong number is refused, or warned of, elsewhere. */
    private static int sequences(Map<String, Object> given) {
        return given.get(SEQUENCES) instanceof Number number ? Math.max(1, number.intValue()) : 1;
    }

    private static Map<String, Object> read(Path file) throws IOException, MalformedModelException {
        PlainFiles.requireReadable(file);
        try {
            Map<String, Object> values = JsonUtils.GSON.fromJson(Files.readString(file), OPTIONS);
            return values == null ? Map.of() : values; // an empty file
        } catch (CharacterCodingException | JsonParseException e) {
            throw Malformed.of(file + ": expected a JSON object", e);
        }
    }

    private static void warn(Path file, String problem) {
        String message = Printable.of(file + ": " + problem);
        if (WARNED.add(message)) {
            LOGGER.warn(message);
        }
    }
}
