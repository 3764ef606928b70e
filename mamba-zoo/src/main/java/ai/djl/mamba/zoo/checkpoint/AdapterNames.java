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

    /** The names of the parts of a language model or classifier. */
    static AdapterNames of(Block block) {
        Map<String, Parameter> parameters;
        if (block instanceof MambaLanguageModel model) {
            parameters = ParameterNames.of(model, Dialect.TRANSFORMERS, codec(model.getConfig()));
        } else if (block instanceof MambaClassifier model) {
            parameters = ParameterNames.of(model, codec(model.getConfig()));
        } else {
            throw new IllegalArgumentException(
                    "Expected a MambaLanguageModel or a MambaClassifier, got a "
                            + block.getClass().getName());
        }
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

    /** Refuses to save the weights of a model without its adapters. */
    static void requireNone(Block block) {
        if (LoRA.isAdapted(block)) {
            throw new IllegalArgumentException(
                    "The model has adapters, which a checkpoint of a model cannot hold: merge them"
                            + " first (LoRA.merge), or save them alone (LoraCheckpoint)");
        }
    }
}
