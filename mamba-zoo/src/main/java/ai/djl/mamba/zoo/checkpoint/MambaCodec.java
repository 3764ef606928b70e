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
import ai.djl.mamba.layer.mamba.MambaOptions;
import com.google.gson.JsonObject;
import java.util.Set;

/**
 * Mamba. In both dialects our own key {@code gated}, written only where it is false, tells whether
 * the output of the SSM is gated.
 */
public final class MambaCodec implements CheckpointCodec {

    static final Set<String> MODEL_TYPES = Set.of("mamba");
    static final Set<String> LAYERS = Set.of("Mamba1");

    private static final String SELECTIVE = "selective";

    /** The options of {@code ssm_cfg} that only this layer has. */
    private static final Set<String> KEYS =
            Set.of("dt_rank", "dt_init", "dt_scale", "use_fast_path");

    private static final String RANDOM = "random";
    private static final String CONSTANT = "constant";

    /** Creates the codec, as Java's service loader does. */
    public MambaCodec() {}

    /** {@inheritDoc} */
    @Override
    public Set<String> modelTypes() {
        return MODEL_TYPES;
    }

    /** {@inheritDoc} */
    @Override
    public Set<String> layers() {
        return LAYERS;
    }

    /** {@inheritDoc} */
    @Override
    public boolean reads(ConfigFile config, Dialect dialect) throws MalformedModelException {
        return CheckpointCodec.super.reads(config, dialect) && !S4DCodec.isNamed(config);
    }

    /** {@inheritDoc} */
    @Override
    public MambaConfig read(ConfigFile config, Dialect dialect) throws MalformedModelException {
        config.oneOf(OwnKeys.SSM, SELECTIVE, S4DCodec.SSM);
        return model(config, dialect).optMixer(options(config, dialect)).build();
    }

    /** What does not concern the mixer of the layers. */
    static MambaConfig.Builder model(ConfigFile config, Dialect dialect)
            throws MalformedModelException {
        return switch (dialect) {
            case TRANSFORMERS ->
                    TransformersKeys.readModel(config, true)
                            .setNumLayers(TransformersKeys.numLayers(config));
            case ORIGINAL ->
                    OriginalKeys.readModel(config).setNumLayers(OriginalKeys.numLayers(config));
        };
    }

    static MambaOptions options(ConfigFile config, Dialect dialect) throws MalformedModelException {
        MambaOptions.Builder builder =
                switch (dialect) {
                    case TRANSFORMERS -> transformers(config);
                    case ORIGINAL -> original(OriginalKeys.ssm(config, KEYS));
                };
        return builder.optGate(config.flag(OwnKeys.GATED, true)).build();
    }

    private static MambaOptions.Builder transformers(ConfigFile config)
            throws MalformedModelException {
        TransformersKeys.innerSize(config); // checks it
        return TransformersKeys.readMixer(config, MambaOptions.builder())
                .optStateSize(config.positive("state_size", 16))
                .optTimeStepInit(TransformersKeys.timeStepInit(config))
                .optTimeStepRank(rank(config, "time_step_rank"))
                .optTimeStepWeightInit(
                        config.number("time_step_scale", 1),
                        isConstant(config, "time_step_init_scheme"));
    }

    private static MambaOptions.Builder original(ConfigFile ssm) throws MalformedModelException {
        return OriginalKeys.readMixer(ssm, MambaOptions.builder())
                .optStateSize(ssm.positive("d_state", 16))
                .optTimeStepInit(OriginalKeys.timeStepInit(ssm))
                .optTimeStepRank(rank(ssm, "dt_rank"))
                .optTimeStepWeightInit(ssm.number("dt_scale", 1), isConstant(ssm, "dt_init"));
    }

    /** The rank of Δ: 0 for "auto", which an absent key means, too. */
    private static int rank(ConfigFile config, String key) throws MalformedModelException {
        if (config.has(key) && !config.isText(key)) {
            return config.positive(key);
        }
        config.oneOf(key, "auto");
        return 0;
    }

    private static boolean isConstant(ConfigFile config, String key)
            throws MalformedModelException {
        return config.oneOf(key, RANDOM, CONSTANT).equals(CONSTANT);
    }

    /** {@inheritDoc} */
    @Override
    public boolean writes(MambaConfig config, Dialect dialect) {
        return config.mixers().size() == 1 && config.layers().get(0) instanceof MambaOptions;
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject write(MambaConfig config, Form form) {
        return write(config, (MambaOptions) config.layers().get(0), form, null);
    }

    /** Writes a configuration, with what stands in place of the usual state space layer. */
    static JsonObject write(MambaConfig config, MambaOptions options, Form form, String ssmOrNull) {
        JsonObject json =
                switch (form.dialect()) {
                    case TRANSFORMERS -> transformers(config, options, form);
                    case ORIGINAL -> OriginalKeys.model(config, original(options));
                };
        if (ssmOrNull != null) {
            json.addProperty(OwnKeys.SSM, ssmOrNull);
        }
        if (!options.gate()) {
            json.addProperty(OwnKeys.GATED, false);
        }
        OwnKeys.addDropout(json, config);
        return json;
    }

    private static JsonObject transformers(MambaConfig config, MambaOptions options, Form form) {
        long inner = (long) options.expand() * config.modelSize();
        JsonObject json = TransformersKeys.begin("mamba", "Mamba", inner, config, form);
        TransformersKeys.addMixer(
                json,
                options.stateSize(),
                options.convKernel(),
                options.expand(),
                options.timeStepInit());
        json.addProperty("time_step_rank", options.timeStepRank());
        json.addProperty("time_step_scale", options.timeStepScale());
        json.addProperty("time_step_init_scheme", scheme(options));
        TransformersKeys.addModel(json, options.bias(), options.convBias(), config, form);
        return json;
    }

    private static JsonObject original(MambaOptions options) {
        JsonObject ssm = new JsonObject();
        OriginalKeys.addMixer(
                ssm,
                options.stateSize(),
                options.convKernel(),
                options.expand(),
                options.timeStepInit());
        ssm.addProperty("conv_bias", options.convBias());
        ssm.addProperty("bias", options.bias());
        ssm.addProperty("dt_rank", options.timeStepRank());
        ssm.addProperty("dt_init", scheme(options));
        ssm.addProperty("dt_scale", options.timeStepScale());
        return ssm;
    }

    private static String scheme(MambaOptions options) {
        return options.constantTimeStepWeight() ? CONSTANT : RANDOM;
    }
}
