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
import ai.djl.mamba.MambaConfig.Ssm;
import com.google.gson.JsonObject;

/** The options that neither dialect knows: keys of our own, written only where they are needed. */
final class OwnKeys {

    private static final String SSM = "ssm";
    private static final String S4D = "s4d";
    private static final String SELECTIVE = "selective";
    private static final String GATED = "gated";
    private static final String DROPOUT = "dropout";

    private OwnKeys() {}

    static void read(ConfigFile config, MambaConfig.Builder builder, boolean isDual)
            throws MalformedModelException {
        builder.optSsm(ssm(config, isDual))
                .optGate(config.flag(GATED, true))
                .optDropout((float) config.number(DROPOUT, 0));
    }

    private static Ssm ssm(ConfigFile config, boolean isDual) throws MalformedModelException {
        if (!isDual) {
            return config.oneOf(SSM, SELECTIVE, S4D).equals(S4D) ? Ssm.S4D : Ssm.SELECTIVE;
        }
        if (config.has(SSM)) {
            throw config.malformed(SSM, "absent: the layer of Mamba-2 has no other in its place");
        }
        return Ssm.SSD;
    }

    static void write(MambaConfig config, JsonObject json) {
        if (config.ssm() == Ssm.S4D) {
            json.addProperty(SSM, S4D);
        }
        if (!config.gated()) {
            json.addProperty(GATED, false);
        }
        if (config.dropout() > 0) {
            json.addProperty(DROPOUT, config.dropout());
        }
    }
}
