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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The configuration of a checkpoint.
 *
 * @param file what it was read from
 * @param dialect its dialect
 * @param sizes what it says
 */
record CheckpointConfig(ConfigFile file, Dialect dialect, MambaConfig sizes) {

    /**
     * Reads the configuration in a folder.
     *
     * @throws IOException if it is not there or cannot be read
     * @throws MalformedModelException if a key is missing or makes no sense, or the model is not
     *     one of Mamba blocks alone; the message names the file and the key
     */
    static CheckpointConfig in(Path folder) throws IOException, MalformedModelException {
        ConfigFile file = ConfigFile.in(folder);
        Dialect dialect = Dialect.of(file);
        boolean isDual = dialect.isDual(file);
        refuseVariants(file, isDual);
        MambaConfig.Builder builder =
                switch (dialect) {
                    case TRANSFORMERS -> TransformersConfig.read(file, isDual);
                    case ORIGINAL -> OriginalConfig.read(file, isDual);
                };
        OwnKeys.read(file, builder, isDual);
        return new CheckpointConfig(file, dialect, build(file, builder::build));
    }

    /** What both dialects may say of models that are not made of Mamba blocks alone. */
    private static void refuseVariants(ConfigFile file, boolean isDual)
            throws MalformedModelException {
        file.section("ssm_cfg").oneOf("layer", isDual ? "Mamba2" : "Mamba1");
        if (!file.list("attn_layer_idx").isEmpty()) {
            throw file.malformed("attn_layer_idx", "empty: attention layers are not supported");
        }
        if (file.natural("d_intermediate", 0) > 0) {
            throw file.malformed("d_intermediate", "0: MLP layers are not supported");
        }
        if (file.has("quantization_config")) {
            throw file.malformed(
                    "quantization_config", "absent: quantized weights are not supported");
        }
    }

    /** Builds the model of this configuration, or says what in the configuration forbids it. */
    <T> T build(Supplier<T> builder) throws MalformedModelException {
        return build(file, builder);
    }

    private static <T> T build(ConfigFile file, Supplier<T> builder)
            throws MalformedModelException {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw file.malformed(e.getMessage());
        }
    }

    /** Whether it is that of a model with a classification head. */
    boolean isClassifier() throws MalformedModelException {
        for (JsonElement name : file.list("architectures")) {
            if (name instanceof JsonPrimitive text
                    && text.getAsString().endsWith("ForSequenceClassification")) {
                return true;
            }
        }
        return false;
    }
}
