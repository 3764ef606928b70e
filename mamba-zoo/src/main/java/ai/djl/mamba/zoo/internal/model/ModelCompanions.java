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
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.zoo.checkpoint.ConfigFile;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import ai.djl.mamba.zoo.text.Tokenizer;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a model beside its weights and config.json.
 *
 * @param tokenizer the folder with the files of the tokenizer, if there are any
 * @param own a tokenizer that takes the place of that, or {@code null}
 * @param generation the content of generation_config.json, or {@code null}
 */
public record ModelCompanions(Path tokenizer, Tokenizer own, String generation) {

    private static final Logger LOGGER = LoggerFactory.getLogger(ModelCompanions.class);

    private static final String GENERATION = ModelFiles.GENERATION;
    private static final List<String> TOKEN_IDS =
            List.of("bos_token_id", "eos_token_id", "pad_token_id");

    /**
     * Finds the files of a model.
     *
     * @param model a model that the zoo loaded
     * @return its files
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the configuration is broken
     */
    public static ModelCompanions of(Model model) throws IOException, MalformedModelException {
        Path file = model.getModelPath().resolve(GENERATION);
        PlainFiles.requireReadable(file);
        String generation =
                Files.isRegularFile(file)
                        ? Files.readString(file)
                        : generation(LoadedModels.config(model));
        return new ModelCompanions(ModelTokenizer.folder(model), null, generation);
    }

    /**
     * Puts another tokenizer in the place of the model's own.
     *
     * @param tokenizer the tokenizer
     * @return the files with it
     */
    public ModelCompanions with(Tokenizer tokenizer) {
        return new ModelCompanions(this.tokenizer, tokenizer, generation);
    }

    /** Token ids of config.json are not written again: generation_config.json has to hold them. */
    private static String generation(ConfigFile config) {
        JsonObject json = new JsonObject();
        TOKEN_IDS.stream().filter(config::has).forEach(key -> json.add(key, config.get(key)));
        return json.isEmpty() ? null : json.toString();
    }

    /**
     * Writes the files, and deletes those of a model that was in the folder before.
     *
     * @param folder the folder of another model
     * @throws IOException if a file cannot be written
     */
    public void write(Path folder) throws IOException {
        if (own == null) {
            TokenizerFiles.copy(tokenizer, folder);
        } else if (!own.save(folder)) {
            LOGGER.warn(
                    "{}: the {} cannot be saved beside the model: give it again when the model is"
                            + " loaded",
                    folder,
                    own.getClass().getSimpleName());
        }
        TokenizerFiles.write(
                folder.resolve(GENERATION),
                generation == null ? null : generation.getBytes(StandardCharsets.UTF_8));
    }
}
