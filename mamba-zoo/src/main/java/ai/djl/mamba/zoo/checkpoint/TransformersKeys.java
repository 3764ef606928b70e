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
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Locale;

/**
 * The keys that {@code config.json} has in the dialect of the transformers library whatever the
 * family of the model. Keys that may be absent have the defaults of that library.
 *
 * <p>Options that the dialect lacks have keys of our own, written only where they are needed:
 * {@code unpadded_vocab_size} and {@code pad_vocab_size_multiple}, {@code rms_norm} and {@code
 * dropout}. Transformers ignores keys that it does not know.
 */
public final class TransformersKeys {

    private static final String MODEL_TYPE = "model_type";
    private static final String MODEL_SIZE = "hidden_size";
    private static final String NUM_LAYERS = "num_hidden_layers";
    private static final String INNER_SIZE = "intermediate_size";
    private static final String EXPAND = "expand";
    private static final String VOCAB_SIZE = "vocab_size";
    private static final String UNPADDED_VOCAB_SIZE = "unpadded_vocab_size";
    private static final String VOCAB_MULTIPLE = "pad_vocab_size_multiple";
    private static final String RMS_NORM = "rms_norm";

    private TransformersKeys() {}

    /** Whether a configuration has the sizes that this dialect requires. */
    static boolean isTransformers(ConfigFile config) {
        return config.has(MODEL_SIZE);
    }

    /**
     * Returns the type of the model.
     *
     * @param config the configuration
     * @return the model type, or null if there is none
     * @throws MalformedModelException if it is not a string
     */
    public static String modelType(ConfigFile config) throws MalformedModelException {
        return config.text(MODEL_TYPE, null);
    }

    /**
     * Reads the sizes and options that do not concern the mixers.
     *
     * @param config the configuration
     * @param tiedHead whether the head is tied where the configuration does not say it
     * @return a builder that still needs the layers
     * @throws MalformedModelException if a value makes no sense, or describes a variant that is not
     *     supported
     */
    public static MambaConfig.Builder readModel(ConfigFile config, boolean tiedHead)
            throws MalformedModelException {
        config.oneOf("hidden_act", "silu", "swish");
        if (config.has("mixer_rms_eps")) {
            throw config.malformed(
                    "mixer_rms_eps", "absent: norms on B, C and Δ are not supported");
        }
        OwnKeys.refuseVariants(config);
        MambaConfig.Builder builder =
                MambaConfig.builder()
                        .setModelSize(config.positive(MODEL_SIZE))
                        .optNorm(
                                new Norm(
                                        config.flag(RMS_NORM, true),
                                        config.number("layer_norm_epsilon", 1e-5)))
                        .optTiedHead(config.flag("tie_word_embeddings", tiedHead))
                        .optDropout(OwnKeys.dropout(config));
        readVocabulary(config, builder);
        return builder;
    }

    private static void readVocabulary(ConfigFile config, MambaConfig.Builder builder)
            throws MalformedModelException {
        int padded = config.positive(VOCAB_SIZE);
        int inUse = config.positive(UNPADDED_VOCAB_SIZE, padded);
        int multiple = config.positive(VOCAB_MULTIPLE, 1);
        if ((inUse + multiple - 1L) / multiple * multiple != padded) {
            // transformers has rounded already: its vocab_size is the size of the embedding
            if (config.has(UNPADDED_VOCAB_SIZE)) {
                throw config.malformed(
                        UNPADDED_VOCAB_SIZE, "a number that is rounded to " + padded);
            }
            multiple = 1;
        }
        builder.setVocabSize(inUse).optPadVocabMultiple(multiple);
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
     * Reads the inner size, which the configuration may also give as {@code intermediate_size}.
     *
     * @param config the configuration
     * @return E = expand · d
     * @throws MalformedModelException if the two contradict each other
     */
    public static long innerSize(ConfigFile config) throws MalformedModelException {
        long inner = (long) config.positive(EXPAND, 2) * config.positive(MODEL_SIZE);
        if (config.has(INNER_SIZE) && config.positive(INNER_SIZE) != inner) {
            throw config.malformed(INNER_SIZE, "expand · hidden_size = " + inner);
        }
        return inner;
    }

    /**
     * Reads the sizes and options that all mixers with a convolution have.
     *
     * @param config the configuration
     * @param builder the builder of the mixer's options
     * @param <T> the type of the builder
     * @return the builder
     * @throws MalformedModelException if a value makes no sense
     */
    public static <T extends MixerBuilder<T>> T readMixer(ConfigFile config, T builder)
            throws MalformedModelException {
        return builder.optConvKernel(config.positive("conv_kernel", 4))
                .optExpand(config.positive(EXPAND, 2))
                .optBias(config.flag("use_bias", false))
                .optConvBias(config.flag("use_conv_bias", true));
    }

    /**
     * Reads the range of the initial time step.
     *
     * @param config the configuration
     * @return the range
     * @throws MalformedModelException if a value is not a number
     * @throws IllegalArgumentException if the range makes no sense
     */
    public static TimeStepInit timeStepInit(ConfigFile config) throws MalformedModelException {
        return new TimeStepInit(
                config.number("time_step_min", 0.001),
                config.number("time_step_max", 0.1),
                config.number("time_step_floor", 1e-4));
    }

    /**
     * Starts a configuration: the class, the type and the sizes of the model.
     *
     * @param modelType the type
     * @param className how the name of the class begins
     * @param innerSize E
     * @param config the sizes and options
     * @param form what the configuration is written for
     * @return the configuration, to be continued with {@link #addMixer}
     */
    public static JsonObject begin(
            String modelType,
            String className,
            long innerSize,
            MambaConfig config,
            CheckpointCodec.Form form) {
        JsonObject json = new JsonObject();
        JsonArray architectures = new JsonArray();
        architectures.add(className + form.head());
        json.add(OwnKeys.ARCHITECTURES, architectures);
        json.addProperty(MODEL_TYPE, modelType);
        json.addProperty(VOCAB_SIZE, config.paddedVocabSize());
        json.addProperty(MODEL_SIZE, config.modelSize());
        json.addProperty(INNER_SIZE, innerSize);
        json.addProperty(NUM_LAYERS, config.numLayers());
        return json;
    }

    /**
     * Adds the sizes of the mixers; keys that only one family has follow.
     *
     * @param json the configuration
     * @param stateSize N
     * @param convKernel K
     * @param expand E / d
     * @param init the range of the initial time step
     */
    public static void addMixer(
            JsonObject json, int stateSize, int convKernel, int expand, TimeStepInit init) {
        json.addProperty("state_size", stateSize);
        json.addProperty("conv_kernel", convKernel);
        json.addProperty(EXPAND, expand);
        json.addProperty("time_step_min", init.min());
        json.addProperty("time_step_max", init.max());
        json.addProperty("time_step_floor", init.floor());
    }

    /**
     * Adds the options that do not concern the mixers alone; keys of our own may follow.
     *
     * @param json the configuration
     * @param bias whether in_proj and out_proj have a bias
     * @param convBias whether the convolution has one
     * @param config the sizes and options
     * @param form what the configuration is written for
     */
    public static void addModel(
            JsonObject json,
            boolean bias,
            boolean convBias,
            MambaConfig config,
            CheckpointCodec.Form form) {
        json.addProperty("layer_norm_epsilon", config.norm().epsilon());
        json.addProperty("use_bias", bias);
        json.addProperty("use_conv_bias", convBias);
        json.addProperty("hidden_act", "silu");
        json.addProperty("residual_in_fp32", true);
        json.addProperty("tie_word_embeddings", config.tiedHead());
        json.addProperty("torch_dtype", form.type().name().toLowerCase(Locale.ROOT));
        if (config.padVocabMultiple() > 1) {
            json.addProperty(UNPADDED_VOCAB_SIZE, config.vocabSize());
            json.addProperty(VOCAB_MULTIPLE, config.padVocabMultiple());
        }
        if (!config.norm().rms()) {
            json.addProperty(RMS_NORM, false);
        }
    }
}
