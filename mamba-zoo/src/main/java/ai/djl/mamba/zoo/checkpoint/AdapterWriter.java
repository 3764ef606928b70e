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
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Collects the content of the files of adapters. */
final class AdapterWriter {

    private final Block block;
    private final AdapterNames names;
    private final Map<String, LowRankAdapter> adapters = new LinkedHashMap<>();
    private final LowRankAdapter first;
    private final Map<String, Parameter> saved = new LinkedHashMap<>();

    /**
     * Collects the adapters of a model.
     *
     * @param block the model
     * @param trained the parameters that were trained beside the adapters
     * @throws IllegalArgumentException if there are no adapters, or the files cannot hold them
     */
    AdapterWriter(Block block, Collection<Parameter> trained) {
        this.block = block;
        names = AdapterNames.of(block);
        names.projections()
                .forEach(
                        (module, projection) -> {
                            if (projection.getAdapter() != null) {
                                adapters.put(module, projection.getAdapter());
                            }
                        });
        require(!adapters.isEmpty(), "The model has no adapters");
        first = adapters.values().iterator().next();
        for (LowRankAdapter other : adapters.values()) {
            require(
                    other.getDropout() == first.getDropout()
                            && other.isRankStabilized() == first.isRankStabilized(),
                    "The files have one rate of dropout for all adapters, and stabilize the rank"
                            + " of all or none; the adapters of the model differ");
        }
        names.parameters()
                .forEach(
                        (name, parameter) -> {
                            if (trained.contains(parameter)) {
                                saved.put(name, parameter);
                            }
                        });
        requireWholeModules();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    private void requireWholeModules() {
        for (String module : savedModules()) {
            for (String name : names.parameters().keySet()) {
                boolean isIn = name.startsWith(module + ".");
                require(
                        !isIn || saved.containsKey(name),
                        "The files hold whole modules, but only a part of "
                                + module
                                + " was trained");
                require(
                        !isIn || !adapters.containsKey(AdapterNames.module(name)),
                        "The files cannot hold both an adapter of "
                                + AdapterNames.module(name)
                                + " and the weight that it adapts");
            }
        }
    }

    /** The modules that were trained themselves, by their full names, without those in others. */
    private Set<String> savedModules() {
        Set<String> modules =
                saved.keySet().stream()
                        .map(AdapterNames::module)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> outer = new TreeSet<>(modules);
        outer.removeIf(inner -> modules.stream().anyMatch(m -> inner.startsWith(m + ".")));
        return outer;
    }

    /** Writes the tensors. */
    void writeTensors(Path file) throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        adapters.forEach(
                (module, adapter) -> {
                    arrays.put(AdapterNames.down(module), adapter.getDown().getArray());
                    arrays.put(AdapterNames.up(module), adapter.getUp().getArray());
                });
        saved.forEach(
                (name, parameter) -> arrays.put(AdapterNames.PREFIX + name, parameter.getArray()));
        if (isTiedHeadSaved()) {
            String embedding = ParameterNames.embedding(Dialect.TRANSFORMERS);
            arrays.put(AdapterNames.PREFIX + ParameterNames.HEAD, saved.get(embedding).getArray());
        }
        SafetensorsWriter.write(file, arrays);
    }

    /** PEFT copies a module that is trained, which unties the head: it needs the head as well. */
    private boolean isTiedHeadSaved() {
        return !(block instanceof MambaClassifier)
                && saved.containsKey(ParameterNames.embedding(Dialect.TRANSFORMERS))
                && !names.parameters().containsKey(ParameterNames.HEAD);
    }

    /** The configuration. */
    JsonObject config(String baseModel) {
        JsonObject json = new JsonObject();
        json.addProperty(AdapterConfig.TYPE, AdapterConfig.LORA);
        json.addProperty("task_type", block instanceof MambaClassifier ? "SEQ_CLS" : "CAUSAL_LM");
        if (baseModel != null) {
            json.addProperty("base_model_name_or_path", baseModel);
        }
        json.addProperty(AdapterConfig.RANK, first.getRank());
        json.add(AdapterConfig.ALPHA, number(first.getAlpha()));
        json.add(AdapterConfig.DROPOUT, number(first.getDropout()));
        json.addProperty(AdapterConfig.RANK_STABILIZED, first.isRankStabilized());
        json.add(
                AdapterConfig.TARGETS,
                array(shortened(adapters.keySet(), names.projections().keySet(), ".")));
        json.add(AdapterConfig.RANKS, differences(LowRankAdapter::getRank));
        json.add(AdapterConfig.ALPHAS, differences(LowRankAdapter::getAlpha));
        json.addProperty(AdapterConfig.BIAS, "none");
        json.addProperty("fan_in_fan_out", false);
        json.addProperty("use_dora", false);
        json.addProperty(AdapterConfig.INIT, true);
        json.addProperty("inference_mode", true);
        Set<String> modules = savedModules();
        if (!modules.isEmpty()) {
            if (isTiedHeadSaved()) {
                modules.add(AdapterNames.module(ParameterNames.HEAD));
            }
            Set<String> all = new TreeSet<>();
            names.parameters().keySet().forEach(name -> all.add(AdapterNames.module(name)));
            json.add(AdapterConfig.SAVED, array(shortened(modules, all, "")));
        }
        return json;
    }

    /**
     * Shortens the names of modules to their last parts, as users write them, unless PEFT would
     * take these for the names of other modules as well.
     *
     * @param separator the text before that part in the names that PEFT takes for the same
     */
    private static Set<String> shortened(Set<String> chosen, Set<String> all, String separator) {
        Set<String> shortened = new TreeSet<>();
        for (String module : chosen) {
            String last = module.substring(module.lastIndexOf('.') + 1);
            boolean isClear =
                    all.stream()
                            .filter(name -> name.equals(last) || name.endsWith(separator + last))
                            .allMatch(chosen::contains);
            shortened.add(isClear ? last : module);
        }
        return shortened;
    }

    /** The values that differ from that of the first adapter, by the names of the modules. */
    private JsonObject differences(ToDoubleFunction<LowRankAdapter> property) {
        double common = property.applyAsDouble(first);
        JsonObject json = new JsonObject();
        adapters.forEach(
                (module, adapter) -> {
                    double value = property.applyAsDouble(adapter);
                    if (value != common) {
                        json.add(module, number(value));
                    }
                });
        return json;
    }

    /** PEFT expects whole numbers to be written without a decimal point. */
    private static JsonPrimitive number(double value) {
        boolean isWhole = value == Math.rint(value) && Math.abs(value) < Long.MAX_VALUE;
        return isWhole ? new JsonPrimitive((long) value) : new JsonPrimitive(value);
    }

    private static JsonArray array(Collection<String> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }
}
