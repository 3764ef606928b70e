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

/**
 * How a checkpoint says what it is: the keys of {@code config.json} and the names of the tensors.
 *
 * <p>The two differ in few names, and a model of one loads from files named as those of the other.
 */
public enum Dialect {
    /**
     * That of Hugging Face transformers: {@code hidden_size}, {@code backbone.embeddings.weight}.
     */
    TRANSFORMERS,
    /** That of {@code state-spaces/mamba}: {@code d_model}, {@code backbone.embedding.weight}. */
    ORIGINAL;

    private static final String MODEL_TYPE = "model_type";
    private static final String MAMBA = "mamba";
    private static final String MAMBA2 = "mamba2";
    private static final Set<String> LOADED = Set.of(MAMBA, MAMBA2);

    /** Model types of hybrids and successors whose names do not say it. */
    private static final Set<String> RELATIVES =
            Set.of("bamba", "jamba", "zamba", "zamba2", "nemotron_h", "granitemoehybrid");

    /**
     * Recognizes the dialect of a configuration.
     *
     * <p>The model type decides first: checkpoints converted to the dialect of transformers often
     * keep the keys of the original beside their own.
     *
     * @throws MalformedModelException if it is the configuration of another model, which the
     *     message names
     */
    static Dialect of(ConfigFile config) throws MalformedModelException {
        String type = config.text(MODEL_TYPE, null);
        boolean isOriginal = config.has("d_model") && config.has("n_layer");
        if (type != null && !(isOriginal && LOADED.contains(type) && !config.has("hidden_size"))) {
            return ofModelType(config, type);
        }
        if (isOriginal) {
            return ORIGINAL;
        }
        throw config.malformed(
                "not the configuration of a Mamba model: there is neither the key \""
                        + MODEL_TYPE
                        + "\" nor \"d_model\" with \"n_layer\"");
    }

    /** Whether a configuration is that of a Mamba of some kind, known here or not. */
    static boolean isRelated(ConfigFile config) throws MalformedModelException {
        String type = config.text(MODEL_TYPE, null);
        if (type != null) {
            return type.contains(MAMBA) || RELATIVES.contains(type);
        }
        return config.list("architectures").toString().toLowerCase(Locale.ROOT).contains(MAMBA)
                || (config.has("d_model") && config.has("n_layer") && config.has("ssm_cfg"));
    }

    /** Whether the blocks of a model are those of Mamba-2. */
    boolean isDual(ConfigFile config) throws MalformedModelException {
        return switch (this) {
            case TRANSFORMERS -> MAMBA2.equals(config.text(MODEL_TYPE, null));
            case ORIGINAL -> config.section("ssm_cfg").text("layer", "").equals("Mamba2");
        };
    }

    private static Dialect ofModelType(ConfigFile config, String type)
            throws MalformedModelException {
        String what =
                switch (type) {
                    case MAMBA, MAMBA2 -> null;
                    case "falcon_mamba" -> "a FalconMamba model, which has norms on B, C and Δ";
                    default -> "another kind of model";
                };
        if (what != null) {
            throw config.malformed(
                    String.format(
                            "%s \"%s\" is not supported: this is %s, and only \"mamba\" and"
                                    + " \"mamba2\" can be loaded",
                            MODEL_TYPE, type, what));
        }
        return TRANSFORMERS;
    }
}
