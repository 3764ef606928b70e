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
import ai.djl.mamba.layer.MixerBuilder;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys that {@code config.json} has in the dialect of {@code state-spaces/mamba} whatever the
 * family of the model. Keys that may be absent have the defaults of that code.
 *
 * <p>Options that the dialect lacks have keys of our own, written only where they are needed:
 * {@code norm_epsilon} and {@code dropout}. The reference implementation refuses a configuration
 * with keys that it does not know, and rightly: it could not compute that model.
 */
public final class OriginalKeys {

    static final String SSM = "ssm_cfg";
    static final String LAYER = "layer";

    private static final String DEFAULT_LAYER = "Mamba1";
    private static final String MODEL_SIZE = "d_model";
    private static final String NUM_LAYERS = "n_layer";
    private static final String EXPAND = "expand";
    private static final String EPSILON = "norm_epsilon";
    private static final double DEFAULT_EPSILON = 1e-5;

    /** The options that all layers have. */
    private static final Set<String> COMMON =
            Set.of(
                    LAYER,
                    "d_state",
                    "d_conv",
                    EXPAND,
                    "dt_min",
                    "dt_max",
                    "dt_init_floor",
                    "conv_bias",
                    "bias");

    private OriginalKeys() {}

    /** Whether a configuration has the sizes that this dialect requires. */
    static boolean isOriginal(ConfigFile config) {
        return config.has(MODEL_SIZE) && config.has(NUM_LAYERS);
    }

    /**
     * Returns the kind of the layers.
     *
     * @param config the configuration
     * @return {@code ssm_cfg.layer}
     * @throws MalformedModelException if it is not a string
     */
    public static String layer(ConfigFile config) throws MalformedModelException {
        return config.section(SSM).text(LAYER, DEFAULT_LAYER);
    }

    /**
     * Reads the sizes and options that do not concern the mixers.
     *
     * @param config the configuration
     * @return a builder that still needs the layers
     * @throws MalformedModelException if a value makes no sense, or describes a variant that is not
     *     supported
     */
    public static MambaConfig.Builder readModel(ConfigFile config) throws MalformedModelException {
        OwnKeys.refuseVariants(config);
        return MambaConfig.builder()
                .setModelSize(config.positive(MODEL_SIZE))
                .setVocabSize(config.positive("vocab_size"))
                .optPadVocabMultiple(config.positive("pad_vocab_size_multiple", 8))
                .optTiedHead(config.flag("tie_embeddings", true))
                .optNorm(
                        new Norm(
                                config.flag("rms_norm", true),
                                config.number(EPSILON, DEFAULT_EPSILON)))
                .optDropout(OwnKeys.dropout(config));
    }

    /**
     * Reads the number of layers.
     *
     * @param config the configuration
     * @return the number of layers
     * @throws MalformedModelException if it is missing or out of range
     */
    public static int numLayers(ConfigFile config) throws MalformedModelException {
        return OwnKeys.numLayers(config, NUM_LAYERS);
    }

    /**
     * Reads the inner size.
     *
     * @param config the configuration
     * @return E = expand · d
     * @throws MalformedModelException if a size is missing or out of range
     */
    public static long innerSize(ConfigFile config) throws MalformedModelException {
        return (long) config.section(SSM).positive(EXPAND, 2) * config.positive(MODEL_SIZE);
    }

    /**
     * Returns the options of the layers. Those that are not known are refused, as the reference
     * implementation does it: they may change what is computed.
     *
     * @param config the configuration
     * @param special the options that only this family has
     * @return {@code ssm_cfg}
     * @throws MalformedModelException if there are others
     */
    public static ConfigFile ssm(ConfigFile config, Set<String> special)
            throws MalformedModelException {
        ConfigFile ssm = config.section(SSM);
        Set<String> unknown = new TreeSet<>(ssm.keys());
        unknown.removeAll(COMMON);
        unknown.removeAll(special);
        if (!unknown.isEmpty()) {
            throw config.malformed(SSM, "without the unknown " + unknown);
        }
        return ssm;
    }

    /**
     * Reads the sizes and options that all mixers with a convolution have.
     *
     * @param ssm the options of the layers
     * @param builder the builder of the mixer's options
     * @param <T> the type of the builder
     * @return the builder
     * @throws MalformedModelException if a value makes no sense
     */
    public static <T extends MixerBuilder<T>> T readMixer(ConfigFile ssm, T builder)
            throws MalformedModelException {
        return builder.optConvKernel(ssm.positive("d_conv", 4))
                .optExpand(ssm.positive(EXPAND, 2))
                .optBias(ssm.flag("bias", false))
                .optConvBias(ssm.flag("conv_bias", true));
    }

    /**
     * Reads the range of the initial time step.
     *
     * @param ssm the options of the layers
     * @return the range
     * @throws MalformedModelException if a value is not a number
     * @throws IllegalArgumentException if the range makes no sense
     */
    public static TimeStepInit timeStepInit(ConfigFile ssm) throws MalformedModelException {
        return new TimeStepInit(
                ssm.number("dt_min", 0.001),
                ssm.number("dt_max", 0.1),
                ssm.number("dt_init_floor", 1e-4));
    }

    /**
     * Adds the sizes of the mixers to {@code ssm_cfg}; options that only one family has follow.
     *
     * @param ssm the options of the layers, empty but for the kind of the layers
     * @param stateSize N
     * @param convKernel K
     * @param expand E / d
     * @param init the range of the initial time step
     */
    public static void addMixer(
            JsonObject ssm, int stateSize, int convKernel, int expand, TimeStepInit init) {
        ssm.addProperty("d_state", stateSize);
        ssm.addProperty("d_conv", convKernel);
        ssm.addProperty(EXPAND, expand);
        ssm.addProperty("dt_min", init.min());
        ssm.addProperty("dt_max", init.max());
        ssm.addProperty("dt_init_floor", init.floor());
    }

    /**
     * Writes the configuration around {@code ssm_cfg}; keys of our own may follow.
     *
     * @param config the sizes and options
     * @param ssm the options of the layers
     * @return the configuration
     */
    public static JsonObject model(MambaConfig config, JsonObject ssm) {
        JsonObject json = new JsonObject();
        json.addProperty(MODEL_SIZE, config.modelSize());
        json.addProperty(NUM_LAYERS, config.numLayers());
        json.addProperty("vocab_size", config.vocabSize());
        json.add(SSM, ssm);
        json.addProperty("rms_norm", config.norm().rms());
        json.addProperty("residual_in_fp32", true);
        json.addProperty("fused_add_norm", true);
        json.addProperty("pad_vocab_size_multiple", config.padVocabMultiple());
        json.addProperty("tie_embeddings", config.tiedHead());
        if (config.norm().epsilon() != DEFAULT_EPSILON) {
            json.addProperty(EPSILON, config.norm().epsilon());
        }
        return json;
    }
}
