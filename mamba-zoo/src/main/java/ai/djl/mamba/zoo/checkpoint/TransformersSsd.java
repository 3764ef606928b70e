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
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.zoo.checkpoint.ConfigFile.Range;
import com.google.gson.JsonObject;

/**
 * The keys that {@code config.json} has for Mamba-2 in the dialect of the transformers library.
 *
 * <p>{@code norm_before_gate} is ignored, as that library ignores it: published configurations say
 * {@code true} although the norm comes after the gate. What the dialect cannot say has keys of our
 * own, written only where they are needed: {@code gated_norm}, {@code channel_skip} and {@code
 * A_initializer_range}.
 *
 * <p>The gated norm normalizes each group of channels by itself, as the reference and transformers
 * 5.24 do it; transformers 5.18 normalized over all of them at once.
 */
final class TransformersSsd {

    private static final String NUM_HEADS = "num_heads";
    private static final String HEAD_DIM = "head_dim";
    private static final String N_GROUPS = "n_groups";
    private static final String CHUNK_SIZE = "chunk_size";
    private static final String TIME_STEP_LIMIT = "time_step_limit";
    private static final String DECAY_RANGE = "A_initializer_range";
    private static final String CHANNEL_SKIP = "channel_skip";
    private static final String GATED_NORM = "gated_norm";
    private static final String AFTER = "after_gate";
    private static final String BEFORE = "before_gate";
    private static final String NONE = "none";

    private TransformersSsd() {}

    /** Reads the options of blocks of an inner size. */
    static SSDConfig read(ConfigFile config, long inner) throws MalformedModelException {
        int headSize = config.positive(HEAD_DIM, 64);
        int heads = config.positive(NUM_HEADS, 128);
        if ((long) heads * headSize != inner) {
            throw config.malformed(
                    NUM_HEADS,
                    "expand · hidden_size / head_dim = "
                            + inner
                            + " / "
                            + headSize
                            + " (128 by default)");
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
        return SsdKeys.builder(config, CHUNK_SIZE, TIME_STEP_LIMIT, DECAY_RANGE)
                .optHeadSize(headSize)
                .optGroups(groups)
                .optChannelSkip(config.flag(CHANNEL_SKIP, false))
                .optGatedNorm(norm)
                .build();
    }

    /** Writes the options. */
    static void write(MambaConfig config, JsonObject json) {
        SSDConfig ssd = config.ssd();
        json.addProperty(NUM_HEADS, config.heads());
        json.addProperty(HEAD_DIM, ssd.headSize());
        json.addProperty(N_GROUPS, ssd.groups());
        json.addProperty(CHUNK_SIZE, SsdKeys.chunkSize(ssd));
        json.add(TIME_STEP_LIMIT, SsdKeys.array(SsdKeys.timeStepLimit(ssd)));
        Range decay = SsdKeys.decayRange(ssd);
        if (!decay.equals(SsdKeys.DECAY_RANGE)) {
            json.add(DECAY_RANGE, SsdKeys.array(decay));
        }
        if (ssd.channelSkip()) {
            json.addProperty(CHANNEL_SKIP, true);
        }
        if (ssd.gatedNorm() != GatedNorm.AFTER_GATE) {
            json.addProperty(GATED_NORM, ssd.gatedNorm() == GatedNorm.BEFORE_GATE ? BEFORE : NONE);
        }
    }
}
