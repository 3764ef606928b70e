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
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.checkpoint.Problems.Kind;
import ai.djl.mamba.zoo.internal.tensors.TensorInfo;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Adds the adapters of a file to a model, and sets the parameters that were trained beside them.
 * Every tensor is accounted for before anything changes.
 */
final class AdapterFiller {

    private final AdapterNames names;
    private final AdapterConfig config;
    private final TensorSource source;
    private final Map<String, Projection> targets = new LinkedHashMap<>();
    private final Map<String, Parameter> saved = new LinkedHashMap<>();

    /** The names and shapes that the file should have. */
    private final Map<String, Shape> wanted = new LinkedHashMap<>();

    private final Problems problems = new Problems();

    AdapterFiller(AdapterNames names, AdapterConfig config, TensorSource source) {
        this.names = names;
        this.config = config;
        this.source = source;
        names.projections()
                .forEach(
                        (module, projection) -> {
                            if (config.targets().contains(module)) {
                                targets.put(module, projection);
                                want(module, projection.getWeight().getArray().getShape());
                            }
                        });
        names.parameters()
                .forEach(
                        (name, parameter) -> {
                            if (config.isSaved(name)) {
                                saved.put(name, parameter);
                                wanted.put(
                                        AdapterNames.PREFIX + name,
                                        parameter.getArray().getShape());
                            }
                        });
    }

    private void want(String module, Shape weight) {
        int rank = config.rankOf(module);
        wanted.put(AdapterNames.down(module), new Shape(rank, weight.get(1)));
        wanted.put(AdapterNames.up(module), new Shape(weight.get(0), rank));
    }

    /** The options that add such adapters. */
    LoRA lora(Block block) {
        return config.lora()
                .optTargets(
                        fullNames(
                                LoRA.projections(block),
                                projection -> projection.getAdapter() != null))
                .optTrainable(fullNames(block.getParameters().toMap(), saved::containsValue))
                .build();
    }

    private static <T> String[] fullNames(Map<String, T> parts, Predicate<T> which) {
        return parts.entrySet().stream()
                .filter(part -> which.test(part.getValue()))
                .map(Map.Entry::getKey)
                .toArray(String[]::new);
    }

    /**
     * Adds the adapters, frozen.
     *
     * @throws MalformedModelException if a tensor is missing, left over, or of another shape or
     *     type; the model is then as it was before
     */
    void fill() throws IOException, MalformedModelException {
        if (targets.isEmpty()) {
            throw config.file()
                    .malformed(
                            AdapterConfig.TARGETS,
                            "names of some of the modules " + names.projections().keySet());
        }
        targets.forEach(
                (module, projection) -> {
                    if (projection.getAdapter() != null) {
                        throw new IllegalArgumentException(module + " has an adapter already");
                    }
                });
        wanted.forEach(this::check);
        findSurplus();
        if (!problems.isEmpty()) {
            throw problems.exception(source.path(), AdapterConfig.NAME + " and the model");
        }
        NDManager manager = targets.values().iterator().next().getWeight().getArray().getManager();
        try (NDManager scratch = manager.newSubManager()) {
            Map<String, NDArray> arrays = read(scratch);
            targets.forEach((module, projection) -> add(module, projection, arrays, manager));
            saved.forEach(
                    (name, parameter) -> set(parameter, arrays.get(AdapterNames.PREFIX + name)));
        }
    }

    private Map<String, NDArray> read(NDManager scratch)
            throws IOException, MalformedModelException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<String, Projection> target : targets.entrySet()) {
            String module = target.getKey();
            NDArray weight = target.getValue().getWeight().getArray();
            for (String key : new String[] {AdapterNames.down(module), AdapterNames.up(module)}) {
                arrays.put(key, source.read(scratch, key, weight.getDataType()));
            }
        }
        for (Map.Entry<String, Parameter> entry : saved.entrySet()) {
            String key = AdapterNames.PREFIX + entry.getKey();
            NDArray value = entry.getValue().getArray();
            arrays.put(key, source.read(scratch, key, value.getDataType()));
        }
        return arrays;
    }

    private void add(
            String module, Projection target, Map<String, NDArray> arrays, NDManager manager) {
        LowRankAdapter adapter = config.adapter(module);
        become(adapter.getDown(), arrays.get(AdapterNames.down(module)));
        become(adapter.getUp(), arrays.get(AdapterNames.up(module)));
        target.addAdapter(adapter, manager);
    }

    /** Initializes a parameter with a value instead of random numbers. */
    private static void become(Parameter parameter, NDArray value) {
        parameter.freeze(true);
        parameter.setInitializer(
                (manager, shape, type) -> {
                    value.attach(manager);
                    return value;
                });
    }

    private static void set(Parameter parameter, NDArray value) {
        boolean trainable = parameter.requiresGradient();
        parameter.freeze(true); // engines refuse to write to what they compute gradients of
        value.copyTo(parameter.getArray());
        parameter.freeze(!trainable);
    }

    private void check(String key, Shape shape) {
        TensorInfo found = source.tensors().get(key);
        if (found == null) {
            problems.add(Kind.MISSING, "missing " + key + " " + shape);
            return;
        }
        if (!found.shape().equals(shape)) {
            problems.add(Kind.SHAPE, key + " has shape " + found.shape() + ", expected " + shape);
        }
        if (!found.isReadable()) {
            problems.add(
                    Kind.TYPE,
                    key + " has dtype " + found.dtype() + ", expected F32, F16, BF16 or F64");
        }
    }

    private void findSurplus() throws IOException {
        Set<String> surplus = new TreeSet<>(source.tensors().keySet());
        surplus.removeAll(wanted.keySet());
        // where the head is tied, both are trained as one, but files have it twice
        String head = AdapterNames.PREFIX + ParameterNames.HEAD;
        String embedding = AdapterNames.PREFIX + ParameterNames.embedding(Dialect.TRANSFORMERS);
        if (wanted.containsKey(embedding)
                && source.tensors().containsKey(embedding)
                && surplus.remove(head)
                && !source.isSame(head, embedding)) {
            problems.add(Kind.CONTENT, head + " differs from the embedding, which is tied to it");
        }
        for (String name : surplus) {
            problems.add(
                    Kind.SURPLUS, "unexpected " + name + " " + source.tensors().get(name).shape());
        }
    }
}
