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
import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration of adapters in the format of PEFT.
 *
 * @param file what it was read from
 * @param rank the rank
 * @param alpha α
 * @param ranks the ranks of modules whose names match
 * @param alphas α of modules whose names match
 * @param dropout the rate of dropout
 * @param rankStabilized whether the factor is α/√r
 * @param targets the modules with adapters
 * @param saved the modules that were trained themselves, by how their names end
 */
record AdapterConfig(
        ConfigFile file,
        int rank,
        double alpha,
        Map<Pattern, Double> ranks,
        Map<Pattern, Double> alphas,
        double dropout,
        boolean rankStabilized,
        ModuleSelection targets,
        List<String> saved) {

    /** The name of the file in the folder of adapters. */
    static final String NAME = ModelFiles.ADAPTER_CONFIG;

    static final String TYPE = "peft_type";
    static final String LORA = "LORA";
    static final String RANK = "r";
    static final String ALPHA = "lora_alpha";
    static final String DROPOUT = "lora_dropout";
    static final String RANK_STABILIZED = "use_rslora";
    static final String RANKS = "rank_pattern";
    static final String ALPHAS = "alpha_pattern";
    static final String TARGETS = "target_modules";
    static final String SAVED = "modules_to_save";
    static final String BIAS = "bias";
    static final String INIT = "init_lora_weights";

    private static final Logger logger = LoggerFactory.getLogger(AdapterConfig.class);

    private static final String EXCLUDED = "exclude_modules";
    private static final String ALL_LINEAR = "all-linear";

    /** Keys of variants that compute something else, or adapt other parts. */
    private static final List<String> UNSUPPORTED =
            List.of(
                    "use_dora",
                    "use_qalora",
                    "use_bdlora",
                    "lora_bias",
                    "fan_in_fan_out",
                    "layers_to_transform",
                    "layer_replication",
                    "trainable_token_indices",
                    "target_parameters",
                    "alora_invocation_tokens",
                    "arrow_config",
                    "kasa_config",
                    "velora_config",
                    "monteclora_config",
                    "megatron_config");

    /** Keys that do not change what is computed, or are read elsewhere. */
    private static final Set<String> KNOWN =
            Set.of(
                    TYPE,
                    RANK,
                    ALPHA,
                    DROPOUT,
                    RANK_STABILIZED,
                    RANKS,
                    ALPHAS,
                    TARGETS,
                    SAVED,
                    BIAS,
                    INIT,
                    EXCLUDED,
                    "auto_mapping",
                    "base_model_name_or_path",
                    "corda_config",
                    "ensure_weight_tying",
                    "eva_config",
                    "inference_mode",
                    "layers_pattern",
                    "loftq_config",
                    "lora_ga_config",
                    "megatron_core",
                    "peft_version",
                    "qalora_group_size",
                    "revision",
                    "runtime_config",
                    "task_type");

    /** Initial values that PEFT subtracts from the weights of the model itself. */
    private static final Pattern CHANGES_WEIGHTS =
            Pattern.compile("(pissa|olora|corda|loftq|lora_ga).*");

    /**
     * Reads the configuration in a folder.
     *
     * @throws IOException if it is not there or cannot be read
     * @throws MalformedModelException if a key is missing, makes no sense, or asks for what is not
     *     supported; the message names the file and the key
     */
    static AdapterConfig in(Path folder) throws IOException, MalformedModelException {
        ConfigFile file = ConfigFile.in(folder, NAME);
        refuseVariants(file);
        double alpha = file.number(ALPHA, 8); // the default of PEFT
        double dropout = file.number(DROPOUT, 0);
        if (dropout < 0 || dropout >= 1) {
            throw file.malformed(DROPOUT, "in [0, 1)");
        }
        if (alpha <= 0) {
            throw file.malformed(ALPHA, "positive");
        }
        return new AdapterConfig(
                file,
                file.positive(RANK, 8),
                alpha,
                patterns(file, RANKS),
                patterns(file, ALPHAS),
                dropout,
                file.flag(RANK_STABILIZED, false),
                targets(file),
                ModuleSelection.names(file, SAVED));
    }

    private static void refuseVariants(ConfigFile file) throws MalformedModelException {
        if (!LORA.equals(file.text(TYPE, null))) {
            throw file.malformed(TYPE, "\"LORA\": other adapters are not supported");
        }
        file.oneOf(BIAS, "none");
        for (String key : UNSUPPORTED) {
            if (isSet(file.get(key))) {
                throw file.malformed(key, "absent, null or false: it is not supported");
            }
        }
        Set<String> unknown = new TreeSet<>(file.keys());
        unknown.removeAll(KNOWN);
        unknown.removeIf(key -> !isSet(file.get(key)));
        if (!unknown.isEmpty()) {
            String keys = Printable.of(unknown.toString());
            logger.warn("{}: the unknown keys {} are ignored", file, keys);
        }
        if (file.get(INIT) instanceof JsonPrimitive init
                && CHANGES_WEIGHTS.matcher(init.getAsString()).matches()) {
            throw file.malformed(
                    INIT,
                    "true or false: this way changes the weights of the model, which is not"
                            + " supported; PEFT can convert such adapters to plain ones");
        }
    }

    private static boolean isSet(JsonElement value) {
        if (value == null || value.isJsonNull()) {
            return false;
        }
        if (value.isJsonArray()) {
            return !value.getAsJsonArray().isEmpty();
        }
        if (value.isJsonObject()) {
            return !value.getAsJsonObject().isEmpty();
        }
        return !value.getAsString().equals("false");
    }

    private static ModuleSelection targets(ConfigFile file) throws MalformedModelException {
        if (!isSet(file.get(TARGETS))) {
            throw file.malformed(TARGETS, "names of modules, or a regular expression");
        }
        boolean all =
                file.get(TARGETS) instanceof JsonPrimitive text
                        && text.getAsString().equals(ALL_LINEAR);
        // "all" are those between the embedding and the head
        ModuleSelection included =
                all
                        ? module -> module.startsWith(ParameterNames.BACKBONE)
                        : ModuleSelection.of(file, TARGETS);
        ModuleSelection excluded = ModuleSelection.of(file, EXCLUDED);
        return module -> included.contains(module) && !excluded.contains(module);
    }

    private static Map<Pattern, Double> patterns(ConfigFile file, String key)
            throws MalformedModelException {
        ConfigFile section = file.section(key);
        Map<Pattern, Double> patterns = new LinkedHashMap<>();
        for (String regex : section.keys()) {
            double value =
                    key.equals(RANKS) ? section.positive(regex) : section.number(regex, Double.NaN);
            if (!(value > 0)) {
                throw section.malformed(regex, "a positive number");
            }
            patterns.put(ModuleSelection.pattern(file, key, "(.*\\.)?(" + regex + ")"), value);
        }
        return patterns;
    }

    /** Options for adapters of the default rank. */
    LoRA.Builder lora() {
        return LoRA.builder()
                .setRank(rank)
                .optAlpha(alpha)
                .optDropout(dropout)
                .optRankStabilized(rankStabilized);
    }

    /** A new adapter for a module. */
    LowRankAdapter adapter(String module) {
        return LowRankAdapter.builder()
                .setRank(rankOf(module))
                .optAlpha(find(alphas, module, alpha))
                .optDropout(dropout)
                .optRankStabilized(rankStabilized)
                .build();
    }

    /** The rank of the adapter of a module. */
    int rankOf(String module) {
        return (int) find(ranks, module, rank);
    }

    private static double find(Map<Pattern, Double> patterns, String module, double orElse) {
        for (Map.Entry<Pattern, Double> pattern : patterns.entrySet()) {
            if (pattern.getKey().matcher(module).matches()) {
                return pattern.getValue();
            }
        }
        return orElse;
    }

    /** Whether a parameter is in a module that was trained itself. */
    boolean isSaved(String parameter) {
        boolean isEmbedding = parameter.equals(ParameterNames.embedding(Dialect.TRANSFORMERS));
        return isNamed(parameter)
                || (isEmbedding && isNamed(ParameterNames.embedding(Dialect.ORIGINAL)));
    }

    private boolean isNamed(String parameter) {
        int end = parameter.lastIndexOf('.');
        while (end > 0) {
            String module = parameter.substring(0, end);
            if (saved.stream().anyMatch(module::endsWith)) {
                return true;
            }
            end = parameter.lastIndexOf('.', end - 1);
        }
        return false;
    }
}
