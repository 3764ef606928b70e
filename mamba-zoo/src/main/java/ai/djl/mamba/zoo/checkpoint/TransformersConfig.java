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
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Locale;

/**
 * {@code config.json} in the dialect of the transformers library. Keys that may be absent have the
 * defaults of that library.
 *
 * <p>What that dialect cannot say has keys of our own, written only where they are needed: {@code
 * unpadded_vocab_size} and {@code pad_vocab_size_multiple}, {@code rms_norm}, {@code ssm}, {@code
 * gated} and {@code dropout}. Transformers ignores keys that it does not know.
 */
final class TransformersConfig {

    private TransformersConfig() {}

    /** Reads the sizes and options. */
    static MambaConfig.Builder read(ConfigFile config, boolean isDual)
            throws MalformedModelException {
        refuseVariants(config);
        MambaConfig.Builder builder =
                MambaConfig.builder()
                        .setModelSize(config.positive("hidden_size"))
                        .setNumLayers(config.positive("num_hidden_layers"))
                        .optStateSize(config.positive("state_size", isDual ? 128 : 16))
                        .optConvKernel(config.positive("conv_kernel", 4))
                        .optExpand(config.positive("expand", 2))
                        .optTimeStepRange(
                                config.number("time_step_min", 0.001),
                                config.number("time_step_max", 0.1),
                                config.number("time_step_floor", 1e-4))
                        .optNorm(
                                config.flag("rms_norm", true),
                                config.number("layer_norm_epsilon", 1e-5))
                        .optBias(config.flag("use_bias", false))
                        .optConvBias(config.flag("use_conv_bias", true))
                        .optTiedHead(config.flag("tie_word_embeddings", !isDual));
        readVocabulary(config, builder);
        long inner = (long) config.positive("expand", 2) * config.positive("hidden_size");
        if (config.has("intermediate_size") && config.positive("intermediate_size") != inner) {
            throw config.malformed("intermediate_size", "expand · hidden_size = " + inner);
        }
        if (isDual) {
            builder.optSsd(TransformersSsd.read(config, inner));
        } else {
            readTimeSteps(config, builder);
        }
        return builder;
    }

    private static void readTimeSteps(ConfigFile config, MambaConfig.Builder builder)
            throws MalformedModelException {
        builder.optTimeStepRank(config.timeStepRank("time_step_rank"))
                .optTimeStepInit(
                        config.number("time_step_scale", 1),
                        config.oneOf("time_step_init_scheme", "random", "constant")
                                .equals("constant"));
    }

    private static void refuseVariants(ConfigFile config) throws MalformedModelException {
        config.oneOf("hidden_act", "silu", "swish");
        if (config.has("mixer_rms_eps")) {
            throw config.malformed(
                    "mixer_rms_eps",
                    "absent: norms on B, C and Δ, as FalconMamba has them, are not supported");
        }
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

    /** Writes the configuration of a model with a head, whose parameters have a type. */
    static JsonObject write(MambaConfig config, DataType type, String head) {
        boolean isDual = config.ssm() == MambaConfig.Ssm.SSD;
        JsonObject json = new JsonObject();
        JsonArray architectures = new JsonArray();
        architectures.add((isDual ? "Mamba2" : "Mamba") + head);
        json.add("architectures", architectures);
        json.addProperty("model_type", isDual ? "mamba2" : "mamba");
        json.addProperty("vocab_size", config.paddedVocabSize());
        json.addProperty("hidden_size", config.modelSize());
        json.addProperty("intermediate_size", config.innerSize());
        json.addProperty("num_hidden_layers", config.numLayers());
        json.addProperty("state_size", config.stateSize());
        json.addProperty("conv_kernel", config.convKernel());
        json.addProperty("expand", config.expand());
        json.addProperty("time_step_min", config.timeStepMin());
        json.addProperty("time_step_max", config.timeStepMax());
        json.addProperty("time_step_floor", config.timeStepFloor());
        if (isDual) {
            TransformersSsd.write(config, json);
        } else {
            json.addProperty("time_step_rank", config.timeStepRank());
            json.addProperty("time_step_scale", config.timeStepScale());
            json.addProperty(
                    "time_step_init_scheme", config.constantTimeStepInit() ? "constant" : "random");
        }
        json.addProperty("layer_norm_epsilon", config.normEpsilon());
        json.addProperty("use_bias", config.bias());
        json.addProperty("use_conv_bias", config.convBias());
        json.addProperty("hidden_act", "silu");
        json.addProperty("residual_in_fp32", true);
        json.addProperty("tie_word_embeddings", config.tiedHead());
        json.addProperty("torch_dtype", type.name().toLowerCase(Locale.ROOT));
        if (config.padVocabMultiple() > 1) {
            json.addProperty("unpadded_vocab_size", config.vocabSize());
            json.addProperty("pad_vocab_size_multiple", config.padVocabMultiple());
        }
        if (!config.rmsNorm()) {
            json.addProperty("rms_norm", false);
        }
        OwnKeys.write(config, json);
        return json;
    }
}
