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
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.checkpoint.Problems.Kind;
import ai.djl.mamba.zoo.internal.tensors.TensorInfo;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds the adapters of a file to a model, and sets the parameters that were trained beside them.
 * Every tensor is accounted for before anything changes.
 *
 * <p>A tied head is untied where the file has an adapter of it, or another weight than for the
 * embedding: PEFT trains copies, which are not tied.
 */
final class AdapterFiller {

    private static final Logger logger = LoggerFactory.getLogger(AdapterFiller.class);

    private static final String EMBEDDING = ParameterNames.embedding(Dialect.TRANSFORMERS);
    private static final String HEAD_MODULE = AdapterNames.module(ParameterNames.HEAD);
    private static final String TIME_STEP = ".dt_proj";

    private final Block block;
    private final MambaLanguageModel tied; // the model if its head is tied, otherwise null
    private final AdapterConfig config;
    private final TensorSource source;
    private AdapterNames names; // changes when the head is untied

    /** The modules with adapters, and the shapes of their weights. */
    private final Map<String, Shape> targets = new LinkedHashMap<>();

    /** The parameters to set, and the names of their values in the file. */
    private final Map<String, String> saved = new LinkedHashMap<>();

    /** The names and shapes that the file should have. */
    private final Map<String, Shape> wanted = new LinkedHashMap<>();

    private final Problems problems = new Problems();

    AdapterFiller(Block block, AdapterConfig config, TensorSource source) {
        this.block = block;
        this.config = config;
        this.source = source;
        names = AdapterNames.of(block);
        tied = block instanceof MambaLanguageModel model && model.getHead() == null ? model : null;
        names.projections()
                .forEach((module, projection) -> want(module, shape(projection.getWeight())));
        names.parameters().forEach((name, parameter) -> wantSaved(name, shape(parameter)));
        if (tied != null) {
            want(HEAD_MODULE, shape(tied.getEmbedding()));
            wantSaved(ParameterNames.HEAD, shape(tied.getEmbedding()));
        }
    }

    private static Shape shape(Parameter parameter) {
        return parameter.getArray().getShape();
    }

    private void want(String module, Shape weight) {
        if (!config.targets().contains(module)) {
            return;
        }
        targets.put(module, weight);
        int rank = config.rankOf(module);
        wanted.put(AdapterNames.down(module), new Shape(rank, weight.get(1)));
        wanted.put(AdapterNames.up(module), new Shape(weight.get(0), rank));
        String base = AdapterNames.base(module);
        if (source.tensors().containsKey(base)) { // PEFT saves that of a head with its adapter
            wantSaved(AdapterNames.weight(module), base, weight);
        }
    }

    private void wantSaved(String name, Shape shape) {
        String key = AdapterNames.PREFIX + name;
        // PEFT can save embedding and head although they were not trained
        boolean isFound = ParameterNames.TIED.contains(name) && source.tensors().containsKey(key);
        if (config.isSaved(name) || isFound) {
            wantSaved(name, key, shape);
        }
    }

    private void wantSaved(String name, String key, Shape shape) {
        saved.put(name, key);
        wanted.put(key, shape);
    }

    /** The options that add such adapters. */
    LoRA lora() {
        return config.lora()
                .optTargets(
                        fullNames(
                                LoRA.projections(block),
                                projection -> projection.getAdapter() != null))
                .optTrainable(fullNames(block.getParameters().toMap(), isSaved()))
                .build();
    }

    private Predicate<Parameter> isSaved() {
        List<Parameter> parameters =
                saved.entrySet().stream()
                        .filter(entry -> entry.getValue().endsWith(entry.getKey()))
                        .map(entry -> names.parameters().get(entry.getKey()))
                        .toList();
        return parameters::contains; // parameters are compared by identity
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
        requireNoAdapter();
        wanted.forEach(this::check);
        findSurplus();
        if (!problems.isEmpty()) {
            throw problems.exception(source.path(), AdapterConfig.NAME + " and the model");
        }
        NDArray first = names.parameters().values().iterator().next().getArray();
        NDManager manager = first.getManager();
        try (NDManager scratch = manager.newSubManager()) {
            Map<String, NDArray> arrays = read(scratch, first.getDataType());
            forgetUnchanged(arrays);
            untie(arrays, manager);
            targets.keySet().forEach(module -> add(module, arrays, manager));
            saved.forEach((name, key) -> set(names.parameters().get(name), arrays.get(key)));
        }
        explainTimeStep();
    }

    private void requireNoAdapter() {
        for (String module : targets.keySet()) {
            Projection projection = names.projections().get(module);
            if (projection != null && projection.getAdapter() != null) {
                throw new IllegalArgumentException(module + " has an adapter already");
            }
        }
    }

    private Map<String, NDArray> read(NDManager scratch, DataType type)
            throws IOException, MalformedModelException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String key : wanted.keySet()) {
            arrays.put(key, source.read(scratch, key, type));
        }
        return arrays;
    }

    /** What the file has only beside what was trained is usually that of the model. */
    private void forgetUnchanged(Map<String, NDArray> arrays) {
        saved.entrySet()
                .removeIf(
                        entry ->
                                !config.isSaved(entry.getKey())
                                        && arrays.get(entry.getValue())
                                                .contentEquals(current(entry.getKey())));
    }

    private NDArray current(String name) {
        boolean isTiedHead = tied != null && name.equals(ParameterNames.HEAD);
        return (isTiedHead ? tied.getEmbedding() : names.parameters().get(name)).getArray();
    }

    private void untie(Map<String, NDArray> arrays, NDManager manager) {
        if (tied == null) {
            return;
        }
        String base = AdapterNames.base(HEAD_MODULE);
        if (base.equals(saved.get(ParameterNames.HEAD))) { // of a tied model it is the embedding
            saved.putIfAbsent(EMBEDDING, base);
        }
        NDArray embedding = arrays.get(saved.get(EMBEDDING));
        NDArray head = arrays.get(saved.get(ParameterNames.HEAD));
        boolean isSame = embedding != null && head != null && embedding.contentEquals(head);
        if (!targets.containsKey(HEAD_MODULE) && (isSame || (embedding == null && head == null))) {
            saved.remove(ParameterNames.HEAD); // trained as one
            return;
        }
        logger.info(
                "{}: the head is no longer tied to the embedding: one of them was trained without"
                        + " the other",
                source.path());
        tied.untieHead(manager);
        names = AdapterNames.of(block);
    }

    private void add(String module, Map<String, NDArray> arrays, NDManager manager) {
        LowRankAdapter adapter = config.adapter(module);
        become(adapter.getDown(), arrays.get(AdapterNames.down(module)));
        become(adapter.getUp(), arrays.get(AdapterNames.up(module)));
        names.projections().get(module).addAdapter(adapter, manager);
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

    private void explainTimeStep() {
        List<String> modules =
                targets.keySet().stream().filter(name -> name.endsWith(TIME_STEP)).toList();
        if (!modules.isEmpty()) {
            logger.warn(
                    "{}: the adapters of {} change the outputs here; in Python, PEFT leaves them"
                            + " out until they are merged, since transformers reads the weight of"
                            + " dt_proj by itself",
                    source.path(),
                    modules);
        }
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

    private void findSurplus() {
        Set<String> surplus = new TreeSet<>(source.tensors().keySet());
        surplus.removeAll(wanted.keySet());
        for (String name : surplus) {
            problems.add(
                    Kind.SURPLUS, "unexpected " + name + " " + source.tensors().get(name).shape());
        }
    }
}
