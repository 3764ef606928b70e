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
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads and writes {@code config.json} in the dialect of the transformers library.
 *
 * <p>What that dialect cannot say has keys of our own, written only where they are needed: {@code
 * unpadded_vocab_size} and {@code pad_vocab_size_multiple}, {@code rms_norm}, {@code ssm} and
 * {@code dropout}. Transformers ignores keys that it does not know.
 */
public final class TransformersConfig {

    private static final String MODEL_TYPE = "mamba";
    private static final String S4D = "s4d";
    private static final long MOST_CHANNELS = 1 << 28;

    private TransformersConfig() {}

    /**
     * Reads a configuration.
     *
     * @param file the file
     * @return the sizes and options
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if a key is missing or makes no sense, or the model is not a
     *     Mamba-1 model; the message names the file and the key
     */
    public static MambaConfig read(Path file) throws IOException, MalformedModelException {
        ConfigFile config = new ConfigFile(file);
        refuseOtherModels(config);
        MambaConfig.Builder builder =
                MambaConfig.builder()
                        .setModelSize(config.positive("hidden_size"))
                        .setNumLayers(config.positive("num_hidden_layers"))
                        .optStateSize(config.positive("state_size"))
                        .optConvKernel(config.positive("conv_kernel"))
                        .optExpand(config.positive("expand"))
                        .optTimeStepRank(timeStepRank(config))
                        .optTimeStepRange(
                                config.number("time_step_min", 0.001),
                                config.number("time_step_max", 0.1),
                                config.number("time_step_floor", 1e-4))
                        .optTimeStepInit(
                                config.number("time_step_scale", 1),
                                "constant".equals(config.text("time_step_init_scheme", "random")))
                        .optNorm(
                                config.flag("rms_norm", true),
                                config.number("layer_norm_epsilon", 1e-5))
                        .optBias(config.flag("use_bias", false))
                        .optConvBias(config.flag("use_conv_bias", true))
                        .optTiedHead(config.flag("tie_word_embeddings", true))
                        .optDropout((float) config.number("dropout", 0))
                        .optSsm(ssm(config));
        readVocabulary(config, builder);
        if ((long) config.positive("expand") * config.positive("hidden_size") > MOST_CHANNELS) {
            throw config.malformed("expand · hidden_size is impossibly large");
        }
        MambaConfig result;
        try {
            result = builder.build();
        } catch (IllegalArgumentException e) {
            throw config.malformed(e.getMessage());
        }
        if (config.positive("intermediate_size", result.innerSize()) != result.innerSize()) {
            throw config.malformed(
                    "intermediate_size", "expand · hidden_size = " + result.innerSize());
        }
        return result;
    }

    private static void refuseOtherModels(ConfigFile config) throws MalformedModelException {
        String type = config.text("model_type", null);
        if (type == null) {
            throw config.malformed("the key \"model_type\" is missing, expected \"mamba\"");
        }
        if (!MODEL_TYPE.equals(type)) {
            throw config.malformed(
                    "model_type \"" + type + "\" is not supported: only \"mamba\" (Mamba-1) is");
        }
        String activation = config.text("hidden_act", "silu");
        if (!"silu".equals(activation) && !"swish".equals(activation)) {
            throw config.malformed("hidden_act", "\"silu\", the activation of Mamba-1");
        }
        if (config.has("quantization_config")) {
            throw config.malformed("quantization_config", "absent: such weights are not supported");
        }
    }

    private static int timeStepRank(ConfigFile config) throws MalformedModelException {
        String key = "time_step_rank";
        if (!config.has(key) || config.isText(key)) {
            if (!"auto".equals(config.text(key, "auto"))) {
                throw config.malformed(key, "\"auto\" or a positive whole number");
            }
            return 0;
        }
        return config.positive(key);
    }

    private static MambaConfig.Ssm ssm(ConfigFile config) throws MalformedModelException {
        String name = config.text("ssm", null);
        if (name != null && !S4D.equals(name)) {
            throw config.malformed("ssm", "\"s4d\", or absent for the selective layer");
        }
        return name == null ? MambaConfig.Ssm.SELECTIVE : MambaConfig.Ssm.S4D;
    }

    private static void readVocabulary(ConfigFile config, MambaConfig.Builder builder)
            throws MalformedModelException {
        int padded = config.positive("vocab_size");
        int inUse = config.positive("unpadded_vocab_size", padded);
        int multiple = config.positive("pad_vocab_size_multiple", 1);
        if ((inUse + multiple - 1L) / multiple * multiple != padded) {
            // transformers rounds already: its vocab_size alone says what there is
            if (config.has("unpadded_vocab_size")) {
                throw config.malformed("unpadded_vocab_size", "what is rounded to " + padded);
            }
            multiple = 1;
        }
        builder.setVocabSize(inUse).optPadVocabMultiple(multiple);
    }

    /**
     * Writes a configuration.
     *
     * @param config the sizes and options
     * @param file the file, replaced if it exists
     * @throws IOException if writing fails
     */
    public static void write(MambaConfig config, Path file) throws IOException {
        JsonObject json = new JsonObject();
        JsonArray architectures = new JsonArray();
        architectures.add("MambaForCausalLM");
        json.add("architectures", architectures);
        json.addProperty("model_type", MODEL_TYPE);
        json.addProperty("vocab_size", config.paddedVocabSize());
        json.addProperty("hidden_size", config.modelSize());
        json.addProperty("intermediate_size", config.innerSize());
        json.addProperty("num_hidden_layers", config.numLayers());
        json.addProperty("state_size", config.stateSize());
        json.addProperty("conv_kernel", config.convKernel());
        json.addProperty("expand", config.expand());
        json.addProperty("time_step_rank", config.timeStepRank());
        json.addProperty("time_step_min", config.timeStepMin());
        json.addProperty("time_step_max", config.timeStepMax());
        json.addProperty("time_step_floor", config.timeStepFloor());
        json.addProperty("time_step_scale", config.timeStepScale());
        json.addProperty(
                "time_step_init_scheme", config.constantTimeStepInit() ? "constant" : "random");
        json.addProperty("layer_norm_epsilon", config.normEpsilon());
        json.addProperty("use_bias", config.bias());
        json.addProperty("use_conv_bias", config.convBias());
        json.addProperty("hidden_act", "silu");
        json.addProperty("residual_in_fp32", true);
        json.addProperty("tie_word_embeddings", config.tiedHead());
        json.addProperty("torch_dtype", "float32");
        addOwnKeys(config, json);
        String text = new GsonBuilder().setPrettyPrinting().create().toJson(json);
        Files.writeString(file, text + "\n");
    }

    private static void addOwnKeys(MambaConfig config, JsonObject json) {
        if (config.padVocabMultiple() > 1) {
            json.addProperty("unpadded_vocab_size", config.vocabSize());
            json.addProperty("pad_vocab_size_multiple", config.padVocabMultiple());
        }
        if (!config.rmsNorm()) {
            json.addProperty("rms_norm", false);
        }
        if (config.dropout() > 0) {
            json.addProperty("dropout", config.dropout());
        }
        if (config.ssm() == MambaConfig.Ssm.S4D) {
            json.addProperty("ssm", S4D);
        }
    }
}
