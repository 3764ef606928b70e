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
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code config.json} in the dialect of {@code state-spaces/mamba}. Keys that may be absent have
 * the defaults of that code.
 *
 * <p>What that dialect cannot say has keys of our own, written only where they are needed: {@code
 * norm_epsilon}, {@code ssm} and {@code dropout}. The reference refuses a configuration with keys
 * that it does not know, and rightly: it could not compute that model.
 */
final class OriginalConfig {

    private static final String SSM = "ssm_cfg";
    private static final double NORM_EPSILON = 1e-5;

    /** The options that both layers have. */
    private static final Set<String> COMMON_KEYS =
            Set.of(
                    "layer",
                    "d_state",
                    "d_conv",
                    "expand",
                    "dt_min",
                    "dt_max",
                    "dt_init_floor",
                    "conv_bias",
                    "bias");

    private static final Set<String> SELECTIVE_KEYS =
            Set.of("dt_rank", "dt_init", "dt_scale", "use_fast_path");

    private OriginalConfig() {}

    /** Reads the sizes and options. */
    static MambaConfig.Builder read(ConfigFile config, boolean isDual)
            throws MalformedModelException {
        ConfigFile ssm = config.section(SSM);
        refuseUnknown(config, ssm, isDual ? OriginalSsd.KEYS : SELECTIVE_KEYS);
        MambaConfig.Builder builder =
                MambaConfig.builder()
                        .setModelSize(config.positive("d_model"))
                        .setNumLayers(config.positive("n_layer"))
                        .setVocabSize(config.positive("vocab_size"))
                        .optPadVocabMultiple(config.positive("pad_vocab_size_multiple", 8))
                        .optTiedHead(config.flag("tie_embeddings", true))
                        .optNorm(
                                config.flag("rms_norm", true),
                                config.number("norm_epsilon", NORM_EPSILON))
                        .optStateSize(ssm.positive("d_state", isDual ? 128 : 16))
                        .optConvKernel(ssm.positive("d_conv", 4))
                        .optExpand(ssm.positive("expand", 2))
                        .optTimeStepRange(
                                ssm.number("dt_min", 0.001),
                                ssm.number("dt_max", 0.1),
                                ssm.number("dt_init_floor", 1e-4))
                        .optBias(ssm.flag("bias", false))
                        .optConvBias(ssm.flag("conv_bias", true));
        if (isDual) {
            long inner = (long) ssm.positive("expand", 2) * config.positive("d_model");
            builder.optSsd(OriginalSsd.read(ssm, inner));
        } else {
            builder.optTimeStepRank(ssm.timeStepRank("dt_rank"))
                    .optTimeStepInit(
                            ssm.number("dt_scale", 1),
                            ssm.oneOf("dt_init", "random", "constant").equals("constant"));
        }
        return builder;
    }

    /** The reference fails on options that it does not know: they may change what is computed. */
    private static void refuseUnknown(ConfigFile config, ConfigFile ssm, Set<String> special)
            throws MalformedModelException {
        Set<String> unknown = new TreeSet<>(ssm.keys());
        unknown.removeAll(COMMON_KEYS);
        unknown.removeAll(special);
        if (!unknown.isEmpty()) {
            throw config.malformed(SSM, "without the unknown " + unknown);
        }
    }

    /** Writes a configuration. */
    static JsonObject write(MambaConfig config) {
        boolean isDual = config.ssm() == MambaConfig.Ssm.SSD;
        JsonObject ssm = new JsonObject();
        if (isDual) {
            ssm.addProperty("layer", "Mamba2");
        }
        ssm.addProperty("d_state", config.stateSize());
        ssm.addProperty("d_conv", config.convKernel());
        ssm.addProperty("expand", config.expand());
        ssm.addProperty("dt_min", config.timeStepMin());
        ssm.addProperty("dt_max", config.timeStepMax());
        ssm.addProperty("dt_init_floor", config.timeStepFloor());
        ssm.addProperty("conv_bias", config.convBias());
        ssm.addProperty("bias", config.bias());
        if (isDual) {
            OriginalSsd.write(config.ssd(), ssm);
        } else {
            ssm.addProperty("dt_rank", config.timeStepRank());
            ssm.addProperty("dt_init", config.constantTimeStepInit() ? "constant" : "random");
            ssm.addProperty("dt_scale", config.timeStepScale());
        }
        JsonObject json = new JsonObject();
        json.addProperty("d_model", config.modelSize());
        json.addProperty("n_layer", config.numLayers());
        json.addProperty("vocab_size", config.vocabSize());
        json.add(SSM, ssm);
        json.addProperty("rms_norm", config.rmsNorm());
        json.addProperty("residual_in_fp32", true);
        json.addProperty("fused_add_norm", true);
        json.addProperty("pad_vocab_size_multiple", config.padVocabMultiple());
        json.addProperty("tie_embeddings", config.tiedHead());
        if (config.normEpsilon() != NORM_EPSILON) {
            json.addProperty("norm_epsilon", config.normEpsilon());
        }
        OwnKeys.write(config, json);
        return json;
    }
}
