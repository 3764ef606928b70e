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
package ai.djl.mamba.families;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.zoo.checkpoint.CheckpointCodec;
import ai.djl.mamba.zoo.checkpoint.ConfigFile;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.TransformersKeys;
import com.google.gson.JsonObject;
import java.util.Set;

/** Checkpoints of models with {@link GatedLinearBlock}s, in the dialect of transformers alone. */
public final class GatedLinearCodec implements CheckpointCodec {

    private static final String MODEL_TYPE = "gated_linear";

    /** Creates the codec, as Java's service loader does. */
    public GatedLinearCodec() {}

    @Override
    public Set<String> modelTypes() {
        return Set.of(MODEL_TYPE);
    }

    @Override
    public Set<String> layers() {
        return Set.of();
    }

    @Override
    public MambaConfig read(ConfigFile config, Dialect dialect) throws MalformedModelException {
        return TransformersKeys.readModel(config, true)
                .setNumLayers(TransformersKeys.numLayers(config))
                .optMixer(new GatedLinearOptions(config.positive("expand", 2)))
                .build();
    }

    @Override
    public boolean writes(MambaConfig config, Dialect dialect) {
        return dialect == Dialect.TRANSFORMERS
                && config.mixers().size() == 1
                && config.layers().get(0) instanceof GatedLinearOptions;
    }

    @Override
    public JsonObject write(MambaConfig config, Form form) {
        GatedLinearOptions options = (GatedLinearOptions) config.layers().get(0);
        long inner = (long) options.expand() * config.modelSize();
        JsonObject json = TransformersKeys.begin(MODEL_TYPE, "GatedLinear", inner, config, form);
        json.addProperty("expand", options.expand());
        TransformersKeys.addModel(json, false, false, config, form);
        return json;
    }
}
