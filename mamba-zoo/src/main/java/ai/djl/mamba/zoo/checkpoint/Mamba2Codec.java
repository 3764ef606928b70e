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
import ai.djl.mamba.layer.mamba2.GatedNorm;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.zoo.checkpoint.ConfigFile.Range;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Optional;
import java.util.Set;

/**
 * Mamba-2.
 *
 * <p>In the dialect of transformers {@code norm_before_gate} is ignored, as that library ignores
 * it: published configurations say {@code true} although the norm comes after the gate. Options
 * that the dialect lacks have keys of our own, written only where they are needed: {@code
 * gated_norm}, {@code channel_skip} and {@code A_initializer_range}. The gated norm normalizes each
 * group of channels by itself, as the reference and transformers 5.24 do it; transformers 5.18
 * normalized over all of them at once.
 *
 * <p>Of the original's options {@code conv_init}, {@code use_mem_eff_path}, {@code process_group}
 * and {@code sequence_parallel} do not change the results of a trained model and are not kept.
 */
public final class Mamba2Codec implements CheckpointCodec {

    private static final String MODEL_TYPE = "mamba2";
    private static final String LAYER = "Mamba2";

    private static final String NUM_HEADS = "num_heads";
    private static final String HEAD_DIM = "head_dim";
    private static final String N_GROUPS = "n_groups";
    private static final String CHUNK_SIZE = "chunk_size"; // in both dialects
    private static final String TIME_STEP_LIMIT = "time_step_limit";
    private static final String DECAY = "A_initializer_range";
    private static final String CHANNEL_SKIP = "channel_skip";
    private static final String GATED_NORM = "gated_norm";
    private static final String AFTER = "after_gate";
    private static final String BEFORE = "before_gate";
    private static final String NONE = "none";

    private static final String ORIGINAL_TIME_STEP_LIMIT = "dt_limit";
    private static final String ORIGINAL_DECAY = "A_init_range";

    /** The options of {@code ssm_cfg} that only this layer has. */
    private static final Set<String> KEYS =
            Set.of(
                    "headdim",
                    "d_ssm",
                    "ngroups",
                    ORIGINAL_DECAY,
                    "D_has_hdim",
                    "rmsnorm",
                    "norm_before_gate",
                    ORIGINAL_TIME_STEP_LIMIT,
                    CHUNK_SIZE,
                    "conv_init",
                    "use_mem_eff_path",
                    "process_group",
                    "sequence_parallel");

    private static final int DEFAULT_STATE_SIZE = 128;
    private static final int DEFAULT_CHUNK_SIZE = 256; // that of the published models
    private static final Range DEFAULT_DECAY = new Range(1, 16);
    private static final Range ANY_TIME_STEP = new Range(0, Double.POSITIVE_INFINITY);

    /** Creates the codec, as Java's service loader does. */
    public Mamba2Codec() {}

    /** {@inheritDoc} */
    @Override
    public Set<String> modelTypes() {
        return Set.of(MODEL_TYPE);
    }

    /** {@inheritDoc} */
    @Override
    public Set<String> layers() {
        return Set.of(LAYER);
    }

    /** {@inheritDoc} */
    @Override
    public MambaConfig read(ConfigFile config, Dialect dialect) throws MalformedModelException {
        if (config.has(OwnKeys.SSM)) {
            throw config.malformed(
                    OwnKeys.SSM, "absent: no other layer can replace that of Mamba-2");
        }
        if (!config.flag(OwnKeys.GATED, true)) {
            throw config.malformed(
                    OwnKeys.GATED, "absent or true: Mamba-2 blocks always have a gate");
        }
        MambaConfig.Builder model =
                switch (dialect) {
                    case TRANSFORMERS ->
                            TransformersKeys.readModel(config, false)
                                    .setNumLayers(TransformersKeys.numLayers(config))
                                    .optMixer(transformers(config));
                    case ORIGINAL ->
                            OriginalKeys.readModel(config)
                                    .setNumLayers(OriginalKeys.numLayers(config))
                                    .optMixer(original(config));
                };
        return model.build();
    }

    private static Mamba2Options transformers(ConfigFile config) throws MalformedModelException {
        long inner = TransformersKeys.innerSize(config);
        int headSize = config.positive(HEAD_DIM, 64);
        int heads = config.positive(NUM_HEADS, 128);
        if ((long) heads * headSize != inner) {
            throw config.malformed(
                    NUM_HEADS,
                    String.format(
                            "expand · hidden_size / head_dim = %d / %d (128 by default)",
                            inner, headSize));
        }
        int groups = config.positive(N_GROUPS, 8);
        if (heads % groups != 0) {
            throw config.malformed(
                    N_GROUPS, "a divisor of the number of heads, " + heads + " (8 by default)");
        }
        GatedNorm norm =
                switch (config.oneOf(GATED_NORM, AFTER, BEFORE, NONE)) {
                    case BEFORE -> GatedNorm.BEFORE_GATE;
                    case NONE -> GatedNorm.NONE;
                    default -> GatedNorm.AFTER_GATE;
                };
        Mamba2Options.Builder builder =
                TransformersKeys.readMixer(config, Mamba2Options.builder())
                        .optStateSize(config.positive("state_size", DEFAULT_STATE_SIZE));
        readRanges(config, TIME_STEP_LIMIT, DECAY, builder);
        return builder.optTimeStepInit(TransformersKeys.timeStepInit(config))
                .optHeadSize(headSize)
                .optGroups(groups)
                .optChannelSkip(config.flag(CHANNEL_SKIP, false))
                .optGatedNorm(norm)
                .build();
    }

    private static Mamba2Options original(ConfigFile config) throws MalformedModelException {
        ConfigFile ssm = OriginalKeys.ssm(config, KEYS);
        long inner = OriginalKeys.innerSize(config);
        if (ssm.has("d_ssm") && ssm.positive("d_ssm") != inner) {
            throw ssm.malformed(
                    "d_ssm",
                    String.format(
                            "absent or the inner size, %d: blocks that are an MLP in part are not"
                                    + " supported",
                            inner));
        }
        int headSize = ssm.positive("headdim", 64);
        if (inner % headSize != 0) {
            throw ssm.malformed(
                    "headdim", "a divisor of expand · d_model = " + inner + " (64 by default)");
        }
        int groups = ssm.positive("ngroups", 1);
        if (inner / headSize % groups != 0) {
            throw ssm.malformed("ngroups", "a divisor of the number of heads, " + inner / headSize);
        }
        boolean isNormFirst = ssm.flag("norm_before_gate", false);
        GatedNorm norm = isNormFirst ? GatedNorm.BEFORE_GATE : GatedNorm.AFTER_GATE;
        Mamba2Options.Builder builder =
                OriginalKeys.readMixer(ssm, Mamba2Options.builder())
                        .optStateSize(ssm.positive("d_state", DEFAULT_STATE_SIZE));
        readRanges(ssm, ORIGINAL_TIME_STEP_LIMIT, ORIGINAL_DECAY, builder);
        return builder.optTimeStepInit(OriginalKeys.timeStepInit(ssm))
                .optHeadSize(headSize)
                .optGroups(groups)
                .optChannelSkip(ssm.flag("D_has_hdim", false))
                .optGatedNorm(ssm.flag("rmsnorm", true) ? norm : GatedNorm.NONE)
                .build();
    }

    /**
     * Reads what the dialects say in the same way under different keys.
     *
     * <p>The size of the chunks is checked but not used. It suits the kernels that a checkpoint was
     * trained with and does not change the results; a loaded model chooses its own for the shape of
     * each input.
     */
    private static void readRanges(
            ConfigFile config, String limitKey, String decayKey, Mamba2Options.Builder builder)
            throws MalformedModelException {
        config.positive(CHUNK_SIZE, DEFAULT_CHUNK_SIZE);
        Range limit = config.range(limitKey, ANY_TIME_STEP);
        Range decay = config.range(decayKey, DEFAULT_DECAY);
        if (decay.min() == 0 || Double.isInfinite(decay.max())) {
            throw config.malformed(decayKey, "[min, max] with 0 < min ≤ max < Infinity");
        }
        builder.optTimeStepLimit(limit.min(), limit.max()).optDecayInit(decay.min(), decay.max());
    }

    /** {@inheritDoc} */
    @Override
    public boolean writes(MambaConfig config, Dialect dialect) {
        return config.mixers().size() == 1 && config.layers().get(0) instanceof Mamba2Options;
    }

    /** {@inheritDoc} */
    @Override
    public Optional<String> foreign(MambaConfig config, Dialect dialect) {
        if (dialect != Dialect.TRANSFORMERS) {
            return Optional.empty();
        }
        Mamba2Options options = (Mamba2Options) config.layers().get(0);
        return switch (options.gatedNorm()) {
            case BEFORE_GATE -> Optional.of("a norm before the gate");
            case NONE -> Optional.of("no norm at the gate");
            case AFTER_GATE ->
                    options.channelSkip()
                            ? Optional.of("a D of its own per channel")
                            : Optional.empty();
        };
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject write(MambaConfig config, Form form) {
        Mamba2Options options = (Mamba2Options) config.layers().get(0);
        JsonObject json =
                switch (form.dialect()) {
                    case TRANSFORMERS -> transformers(config, options, form);
                    case ORIGINAL -> OriginalKeys.model(config, original(options));
                };
        OwnKeys.addDropout(json, config);
        return json;
    }

    private static JsonObject transformers(MambaConfig config, Mamba2Options options, Form form) {
        long inner = (long) options.expand() * config.modelSize();
        JsonObject json = TransformersKeys.begin(MODEL_TYPE, LAYER, inner, config, form);
        TransformersKeys.addMixer(
                json,
                options.stateSize(),
                options.convKernel(),
                options.expand(),
                options.timeStepInit());
        json.addProperty(NUM_HEADS, inner / options.headSize());
        json.addProperty(HEAD_DIM, options.headSize());
        json.addProperty(N_GROUPS, options.groups());
        json.addProperty(CHUNK_SIZE, chunkSize(options));
        json.add(TIME_STEP_LIMIT, array(timeStepLimit(options)));
        if (!decay(options).equals(DEFAULT_DECAY)) {
            json.add(DECAY, array(decay(options)));
        }
        if (options.channelSkip()) {
            json.addProperty(CHANNEL_SKIP, true);
        }
        if (options.gatedNorm() != GatedNorm.AFTER_GATE) {
            boolean isBefore = options.gatedNorm() == GatedNorm.BEFORE_GATE;
            json.addProperty(GATED_NORM, isBefore ? BEFORE : NONE);
        }
        TransformersKeys.addModel(json, options.bias(), options.convBias(), config, form);
        return json;
    }

    private static JsonObject original(Mamba2Options options) {
        JsonObject ssm = new JsonObject();
        ssm.addProperty(OriginalKeys.LAYER, LAYER);
        OriginalKeys.addMixer(
                ssm,
                options.stateSize(),
                options.convKernel(),
                options.expand(),
                options.timeStepInit());
        ssm.addProperty("conv_bias", options.convBias());
        ssm.addProperty("bias", options.bias());
        ssm.addProperty("headdim", options.headSize());
        ssm.addProperty("ngroups", options.groups());
        ssm.add(ORIGINAL_DECAY, array(decay(options)));
        ssm.addProperty("D_has_hdim", options.channelSkip());
        ssm.addProperty("rmsnorm", options.gatedNorm() != GatedNorm.NONE);
        ssm.addProperty("norm_before_gate", options.gatedNorm() == GatedNorm.BEFORE_GATE);
        if (!timeStepLimit(options).equals(ANY_TIME_STEP)) { // most files stay strict JSON
            ssm.add(ORIGINAL_TIME_STEP_LIMIT, array(timeStepLimit(options)));
        }
        ssm.addProperty(CHUNK_SIZE, chunkSize(options));
        return ssm;
    }

    /** Both libraries require the size of the chunks. */
    private static int chunkSize(Mamba2Options options) {
        return options.chunkSize() == 0 ? DEFAULT_CHUNK_SIZE : options.chunkSize();
    }

    private static Range timeStepLimit(Mamba2Options options) {
        return new Range(options.timeStepLimitMin(), options.timeStepLimitMax());
    }

    private static Range decay(Mamba2Options options) {
        return new Range(options.decayInitMin(), options.decayInitMax());
    }

    /**
     * Makes a list of a range. An infinite end becomes a bare word, which is what Python's JSON
     * writes and all versions of both libraries read.
     */
    private static JsonArray array(Range range) {
        JsonArray array = new JsonArray();
        array.add(range.min());
        array.add(range.max());
        return array;
    }
}
