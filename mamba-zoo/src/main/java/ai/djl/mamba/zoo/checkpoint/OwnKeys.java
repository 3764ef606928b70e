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

/** What both dialects have under the same keys, and keys of our own that neither knows. */
final class OwnKeys {

    static final String ARCHITECTURES = "architectures";

    /** What stands in place of the usual state space layer. */
    static final String SSM = "ssm";

    static final String GATED = "gated";

    private static final String DROPOUT = "dropout";

    /** More layers would cost memory before the number of tensors refutes them. */
    private static final int MAX_LAYERS = 1 << 16;

    private OwnKeys() {}

    static int numLayers(ConfigFile config, String key) throws MalformedModelException {
        int numLayers = config.positive(key);
        if (numLayers > MAX_LAYERS) {
            throw config.malformed(key, "at most " + MAX_LAYERS);
        }
        return numLayers;
    }

    /** Refuses models that have other layers than the mixers. */
    static void refuseVariants(ConfigFile config) throws MalformedModelException {
        if (!config.list("attn_layer_idx").isEmpty()) {
            throw config.malformed("attn_layer_idx", "empty: attention layers are not supported");
        }
        if (config.natural("d_intermediate", 0) > 0) {
            throw config.malformed("d_intermediate", "0: MLP layers are not supported");
        }
        if (config.has("quantization_config")) {
            throw config.malformed(
                    "quantization_config", "absent: quantized weights are not supported");
        }
    }

    static float dropout(ConfigFile config) throws MalformedModelException {
        return (float) config.number(DROPOUT, 0);
    }

    static void addDropout(JsonObject json, MambaConfig config) {
        if (config.dropout() > 0) {
            json.addProperty(DROPOUT, config.dropout());
        }
    }
}
