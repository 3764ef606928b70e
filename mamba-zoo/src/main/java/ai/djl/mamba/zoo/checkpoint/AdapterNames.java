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

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.training.LoRA;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The names that PEFT gives to the parts of a model.
 *
 * @param parameters the parameters by the names that transformers gives them, without those of
 *     adapters
 * @param projections the projections that can have adapters, by the names of the modules
 */
record AdapterNames(Map<String, Parameter> parameters, Map<String, Projection> projections) {

    /** The prefix that PEFT adds to all names. */
    static final String PREFIX = "base_model.model.";

    private static final String WEIGHT = ".weight";

    /** Names of PEFT's that its files lack, which files made without it may have. */
    private static final Pattern IN_MEMORY =
            Pattern.compile("(\\.lora_[AB])\\.default\\.|\\.modules_to_save(?:\\.default)?\\.");

    /** The names of the parts of a language model or classifier. */
    static AdapterNames of(Block block) {
        requireModel(block);
        Map<String, Parameter> parameters =
                block instanceof MambaLanguageModel model
                        ? ParameterNames.of(model, Dialect.TRANSFORMERS, codec(model.getConfig()))
                        : names((MambaClassifier) block);
        Map<Parameter, Projection> byWeight = new HashMap<>();
        LoRA.projections(block).values().forEach(p -> byWeight.put(p.getWeight(), p));
        Map<String, Projection> projections = new LinkedHashMap<>();
        parameters.forEach(
                (name, parameter) -> {
                    if (byWeight.containsKey(parameter)) {
                        projections.put(module(name), byWeight.get(parameter));
                    }
                });
        return new AdapterNames(parameters, projections);
    }

    private static Map<String, Parameter> names(MambaClassifier model) {
        return ParameterNames.of(model, codec(model.getConfig()));
    }

    /** Refuses what is neither a language model nor a classifier. */
    static void requireModel(Block block) {
        if (!(block instanceof MambaLanguageModel) && !(block instanceof MambaClassifier)) {
            throw new IllegalArgumentException(
                    "Expected a MambaLanguageModel or a MambaClassifier, got a "
                            + block.getClass().getName());
        }
    }

    /** Adapters also fit a model that no checkpoint can hold as a whole: then there is no codec. */
    private static CheckpointCodec codec(MambaConfig config) {
        return Codecs.writing(config, Dialect.TRANSFORMERS).orElse(null);
    }

    /** The module that a parameter is in, or a module itself. */
    static String module(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** The name of A in a file. */
    static String down(String module) {
        return PREFIX + module + ".lora_A" + WEIGHT;
    }

    /** The name of B in a file. */
    static String up(String module) {
        return PREFIX + module + ".lora_B" + WEIGHT;
    }

    /** The name in a file of the weight that an adapter changes, where it is beside it. */
    static String base(String module) {
        return PREFIX + module + ".base_layer" + WEIGHT;
    }

    /** The name of the weight of a module. */
    static String weight(String module) {
        return module + WEIGHT;
    }

    /**
     * Renames the tensors of a file to what PEFT calls them in models of transformers.
     *
     * @param names the names in the file, which may lack PEFT's prefix or that of the backbone, be
     *     those of a model of the original dialect, or have the forms that they have in memory
     * @return the change of one name
     */
    static UnaryOperator<String> canonical(Set<String> names) {
        boolean hasPrefix = names.stream().allMatch(name -> name.startsWith(PREFIX));
        UnaryOperator<String> inner = name -> hasPrefix ? name.substring(PREFIX.length()) : name;
        boolean isBare = names.stream().map(inner).anyMatch(name -> name.startsWith("layers."));
        return name -> {
            String own = inner.apply(name);
            boolean isOfHead = own.startsWith("lm_head.") || own.startsWith("score.");
            own = isBare && !isOfHead ? ParameterNames.BACKBONE + own : own;
            own = IN_MEMORY.matcher(own).replaceFirst("$1.");
            String original = ParameterNames.embedding(Dialect.ORIGINAL);
            return PREFIX
                    + (own.equals(original) ? ParameterNames.embedding(Dialect.TRANSFORMERS) : own);
        };
    }

    /** Refuses to save the weights of a model without its adapters. */
    static void requireNone(Block block) {
        if (LoRA.isAdapted(block)) {
            throw new IllegalArgumentException(
                    "The model has adapters, which a checkpoint of a model cannot hold: merge them"
                            + " first (LoRA.merge), or save them alone (LoraCheckpoint)");
        }
    }
}
