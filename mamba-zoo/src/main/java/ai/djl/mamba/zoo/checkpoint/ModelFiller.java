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
import ai.djl.mamba.zoo.checkpoint.Problems.Kind;
import ai.djl.mamba.zoo.internal.tensors.TensorInfo;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Initializes a model with the tensors of a file instead of random numbers, so that no parameter is
 * ever held twice. Every tensor is accounted for before one is read.
 */
final class ModelFiller {

    private final Block model;
    private final Shape inputShape;
    private final Map<String, Parameter> parameters;
    private final TensorSource source;
    private final TensorNames names;
    private final Problems problems = new Problems();

    /**
     * Prepares to fill a model.
     *
     * @param model the model, not initialized
     * @param inputShape the shape of an input, from which the shapes of all parameters follow
     * @param parameters its parameters by the names that transformers gives them
     * @param names the tensors
     */
    ModelFiller(
            Block model, Shape inputShape, Map<String, Parameter> parameters, TensorNames names) {
        this.model = model;
        this.inputShape = inputShape;
        this.names = names;
        source = names.source();
        Parameter tied =
                model instanceof MambaLanguageModel language && language.getHead() == null
                        ? language.getEmbedding()
                        : null;
        this.parameters = new LinkedHashMap<>();
        parameters.forEach(
                (name, parameter) ->
                        this.parameters.put(
                                parameter == tied ? names.tied() : names.inFile(name), parameter));
    }

    /**
     * Fills the model.
     *
     * @throws MalformedModelException if a tensor is missing, left over, or of another shape or
     *     type; the model is then as it was before
     */
    void fill(NDManager manager, DataType type) throws IOException, MalformedModelException {
        if (model.isInitialized()) {
            throw new IllegalStateException("The model is initialized already");
        }
        // sizes that are not those of the file must not cost memory: the shapes that the model
        // needs are known once it is initialized, even with arrays that are too small
        try (NDManager scratch = manager.newSubManager()) {
            initialize(scratch, type, (m, parameter, name) -> m.zeros(new Shape(1), type));
            model.clear();
        }
        parameters.forEach((name, parameter) -> check(name, parameter.getShape()));
        findSurplus();
        if (problems.isEmpty()) {
            try {
                initialize(manager, type, (m, parameter, name) -> read(m, name, type));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        if (!problems.isEmpty()) {
            model.clear();
            throw problems.exception(source.path(), ConfigFile.NAME);
        }
    }

    private interface Values {
        NDArray of(NDManager manager, Parameter parameter, String name);
    }

    private void initialize(NDManager manager, DataType type, Values values) {
        Map<Parameter, Initializer> initializers = new HashMap<>();
        parameters.forEach(
                (name, parameter) -> {
                    initializers.put(parameter, parameter.getInitializer());
                    parameter.setInitializer((m, shape, t) -> values.of(m, parameter, name));
                });
        try {
            model.initialize(manager, type, inputShape);
        } catch (RuntimeException | Error e) { // nothing may keep memory until a finalizer runs
            model.clear();
            throw e;
        } finally {
            initializers.forEach(Parameter::setInitializer);
        }
    }

    private void check(String name, Shape shape) {
        TensorInfo found = source.tensors().get(name);
        if (found == null) {
            problems.add(Kind.MISSING, "missing " + name + " " + shape);
            return;
        }
        if (!found.shape().equals(shape)) {
            problems.add(Kind.SHAPE, name + " has shape " + found.shape() + ", expected " + shape);
        }
        if (!found.isReadable()) {
            problems.add(
                    Kind.TYPE,
                    name + " has dtype " + found.dtype() + ", expected F32, F16, BF16 or F64");
        }
    }

    private void findSurplus() throws IOException {
        Set<String> surplus = new TreeSet<>(source.tensors().keySet());
        surplus.removeAll(parameters.keySet());
        String embedding = names.inFile(ParameterNames.embedding(Dialect.TRANSFORMERS));
        // a tied model may be saved with its head, which is then the embedding once more
        if (parameters.containsKey(embedding)
                && names.hasHeadAndEmbedding()
                && surplus.remove(ParameterNames.HEAD)
                && names.hasOtherHead()) {
            problems.add(
                    Kind.CONTENT,
                    ParameterNames.HEAD
                            + " differs from the embedding, but the model has no head of its own");
        }
        for (String name : surplus) {
            problems.add(
                    Kind.SURPLUS, "unexpected " + name + " " + source.tensors().get(name).shape());
        }
    }

    private NDArray read(NDManager manager, String name, DataType type) {
        if (problems.isEmpty()) {
            try {
                return source.read(manager, name, type);
            } catch (MalformedModelException e) {
                problems.add(Kind.CONTENT, e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        // the load will fail: until then nothing needs the memory
        return manager.zeros(new Shape(1), type);
    }
}
