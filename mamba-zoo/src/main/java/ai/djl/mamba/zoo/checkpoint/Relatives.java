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
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Models that are related to Mamba but have no codec: they are refused by name. */
final class Relatives {

    private static final String FAMILY = "mamba";

    /** Model types of hybrids and successors whose names do not contain that of the family. */
    private static final Set<String> NAMES =
            Set.of("bamba", "jamba", "zamba", "zamba2", "nemotron_h", "granitemoehybrid");

    private Relatives() {}

    /** Whether a configuration is that of a Mamba of some kind, supported or not. */
    static boolean isRelated(ConfigFile config) throws MalformedModelException {
        String type = TransformersKeys.modelType(config);
        if (type != null) {
            return type.contains(FAMILY)
                    || NAMES.contains(type)
                    || Codecs.names(CheckpointCodec::modelTypes).contains(type);
        }
        String classes = config.list(OwnKeys.ARCHITECTURES).toString();
        return classes.toLowerCase(Locale.ROOT).contains(FAMILY)
                || (OriginalKeys.isOriginal(config) && config.has(OriginalKeys.SSM));
    }

    /** The complaint about a model type without a codec. */
    static MalformedModelException unsupported(
            ConfigFile config, String type, Set<String> supported) {
        String what =
                type.equals("falcon_mamba")
                        ? "a FalconMamba model, which has norms on B, C and Δ"
                        : "another kind of model";
        return config.malformed(
                String.format(
                        "model_type \"%s\" is not supported: this is %s, and only %s can be loaded",
                        type,
                        what,
                        supported.stream()
                                .map(name -> '"' + name + '"')
                                .collect(Collectors.joining(" and "))));
    }
}
