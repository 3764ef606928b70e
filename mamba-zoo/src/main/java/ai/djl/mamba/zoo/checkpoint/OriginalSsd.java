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
import ai.djl.mamba.layer.mamba2.GatedNorm;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import com.google.gson.JsonObject;
import java.util.Set;

/**
 * The keys that {@code ssm_cfg} has for the layer {@code Mamba2} in the dialect of {@code
 * state-spaces/mamba}. Of those, {@code conv_init}, {@code use_mem_eff_path}, {@code process_group}
 * and {@code sequence_parallel} change no result of a trained model and are not kept.
 */
final class OriginalSsd {

    /** The options that only this layer has. */
    static final Set<String> KEYS =
            Set.of(
                    "headdim",
                    "d_ssm",
                    "ngroups",
                    "A_init_range",
                    "D_has_hdim",
                    "rmsnorm",
                    "norm_before_gate",
                    "dt_limit",
                    "chunk_size",
                    "conv_init",
                    "use_mem_eff_path",
                    "process_group",
                    "sequence_parallel");

    private OriginalSsd() {}

    /** Reads the options of blocks of an inner size. */
    static SSDConfig read(ConfigFile ssm, long inner) throws MalformedModelException {
        if (ssm.has("d_ssm") && ssm.positive("d_ssm") != inner) {
            throw ssm.malformed(
                    "d_ssm",
                    "absent or the inner size, "
                            + inner
                            + ": blocks that are an MLP in part are not supported");
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
        return SsdKeys.builder(ssm, "chunk_size", "dt_limit", "A_init_range")
                .optHeadSize(headSize)
                .optGroups(groups)
                .optChannelSkip(ssm.flag("D_has_hdim", false))
                .optGatedNorm(ssm.flag("rmsnorm", true) ? norm : GatedNorm.NONE)
                .build();
    }

    /** Writes the options. */
    static void write(SSDConfig ssd, JsonObject ssm) {
        ssm.addProperty("headdim", ssd.headSize());
        ssm.addProperty("ngroups", ssd.groups());
        ssm.add("A_init_range", SsdKeys.array(SsdKeys.decayRange(ssd)));
        ssm.addProperty("D_has_hdim", ssd.channelSkip());
        ssm.addProperty("rmsnorm", ssd.gatedNorm() != GatedNorm.NONE);
        ssm.addProperty("norm_before_gate", ssd.gatedNorm() == GatedNorm.BEFORE_GATE);
        if (!SsdKeys.isAnyTimeStep(ssd)) { // so that most files stay strictly JSON
            ssm.add("dt_limit", SsdKeys.array(SsdKeys.timeStepLimit(ssd)));
        }
        ssm.addProperty("chunk_size", SsdKeys.chunkSize(ssd));
    }
}
