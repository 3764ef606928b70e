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
import ai.djl.mamba.zoo.tensors.TensorInfo;
import ai.djl.mamba.zoo.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Initializes a model with the tensors of a file in place of random numbers, so that no parameter
 * is ever held twice, and accounts for every tensor.
 */
final class ModelFiller {

    private final MambaLanguageModel model;
    private final TensorSource source;
    private final DataType type;
    private final List<String> problems = new ArrayList<>();

    ModelFiller(MambaLanguageModel model, TensorSource source, DataType type) {
        this.model = model;
        this.source = source;
        this.type = type;
    }

    void fill(NDManager manager) throws IOException, MalformedModelException {
        if (model.isInitialized()) {
            throw new IllegalStateException("The model is initialized already");
        }
        Map<String, Parameter> names = TransformersNames.of(model);
        findSurplus(names.keySet());
        Map<Parameter, Initializer> initializers = new HashMap<>();
        names.forEach(
                (name, parameter) -> {
                    initializers.put(parameter, parameter.getInitializer());
                    parameter.setInitializer((m, shape, dataType) -> read(m, name, shape));
                });
        try {
            model.initialize(manager, type, new Shape(1, 1));
        } catch (RuntimeException e) {
            model.clear();
            throw e;
        } finally {
            initializers.forEach(Parameter::setInitializer);
        }
        if (!problems.isEmpty()) {
            model.clear();
            throw new MalformedModelException(
                    source.path()
                            + " does not fit its configuration: "
                            + String.join("; ", problems));
        }
    }

    private void findSurplus(Set<String> expected) throws IOException {
        Set<String> surplus = new HashSet<>(source.tensors().keySet());
        surplus.removeAll(expected);
        if (surplus.remove(TransformersNames.HEAD) && !isCopyOfEmbedding()) {
            problems.add(
                    "lm_head.weight differs from the embedding, although the configuration says"
                            + " that they are tied");
        }
        surplus.stream()
                .sorted()
                .forEach(
                        name ->
                                problems.add(
                                        "unexpected "
                                                + name
                                                + " "
                                                + source.tensors().get(name).shape()));
    }

    /** A tied model may be saved with its head, which is then the embedding once more. */
    private boolean isCopyOfEmbedding() throws IOException {
        return !source.tensors().containsKey(TransformersNames.EMBEDDING)
                || source.isSame(TransformersNames.HEAD, TransformersNames.EMBEDDING);
    }

    private NDArray read(NDManager manager, String name, Shape shape) {
        TensorInfo found = source.tensors().get(name);
        if (found == null) {
            problems.add("missing " + name + " " + shape);
        } else if (!found.shape().equals(shape)) {
            problems.add(name + " has shape " + found.shape() + ", expected " + shape);
        } else {
            try {
                return source.read(manager, name, type);
            } catch (MalformedModelException e) {
                problems.add(e.getMessage());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        // the load fails at its end: until then nothing needs the memory that the shape asks for
        return manager.zeros(new Shape(1), type);
    }
}
