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
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.zoo.checkpoint.CheckpointFolder.Content;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Saves and loads classifiers as folders in the form that the transformers library gives to models
 * for sequence classification: the configuration has {@code id2label}, the head is {@code
 * score.weight} (C, d).
 *
 * <p>Options that the form lacks have keys of our own: {@code pooling} ("last" or "mean"), {@code
 * bidirectional}, {@code score_bias} and, for input vectors, their size {@code vector_size}. If
 * they are absent, the head is that of transformers: of the last token, without bias.
 */
public final class ClassifierCheckpoint {

    private ClassifierCheckpoint() {}

    /**
     * Saves a classifier. The files replace those in the folder as {@link MambaCheckpoint#save}
     * does it.
     *
     * @param model an initialized classifier
     * @param labels the names of the classes, C of them, all different
     * @param folder the folder, made if it does not exist; files in it that are no weights stay
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the labels are not those of C classes, or the model has
     *     adapters, see {@link LoraCheckpoint}
     */
    public static void save(MambaClassifier model, List<String> labels, Path folder)
            throws IOException {
        save(model, labels, folder, model.dataType());
    }

    /**
     * Saves a classifier as {@link #save(MambaClassifier, List, Path)} does it, its numbers in a
     * given type.
     *
     * @param model an initialized classifier
     * @param labels the names of the classes, C of them, all different
     * @param folder the folder, made if it does not exist; files in it that are no weights stay
     * @param type the type in the files; FLOAT16 halves them
     * @throws IOException if the folder cannot be written
     * @throws IllegalArgumentException if the labels are not those of C classes, the classifier has
     *     adapters, see {@link LoraCheckpoint}, or a number is beyond the range of the type
     */
    public static void save(MambaClassifier model, List<String> labels, Path folder, DataType type)
            throws IOException {
        if (labels.size() != model.getNumClasses() || Set.copyOf(labels).size() != labels.size()) {
            throw new IllegalArgumentException(
                    "Expected " + model.getNumClasses() + " different labels, got " + labels);
        }
        AdapterNames.requireNone(model);
        Dialect dialect = Dialect.TRANSFORMERS;
        CheckpointCodec codec = Codecs.requireWriting(model.getConfig(), dialect);
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        ParameterNames.of(model, codec)
                .forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        JsonObject json =
                codec.write(
                        model.getConfig(),
                        new CheckpointCodec.Form(dialect, ClassifierHead.ARCHITECTURE, type));
        ClassifierHead.add(json, model, labels);
        CheckpointFolder.save(
                Content.MODEL,
                folder,
                json,
                Map.of(
                        MambaCheckpoint.SAFETENSORS,
                        file -> SafetensorsWriter.write(file, arrays, type)));
    }

    /**
     * Loads a classifier for inference, frozen, in float32.
     *
     * @param folder the folder
     * @param manager the manager that owns the parameters; it decides engine and device
     * @return the classifier
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder holds no complete classifier
     */
    public static MambaClassifier load(Path folder, NDManager manager)
            throws IOException, MalformedModelException {
        return load(folder, manager, DataType.FLOAT32);
    }

    /**
     * Loads a classifier for inference, frozen.
     *
     * @param folder the folder
     * @param manager the manager that owns the parameters; it decides engine and device
     * @param type the type of all parameters: FLOAT32, FLOAT64, or FLOAT16 with PyTorch on a GPU
     * @return the classifier
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the folder holds no complete classifier
     * @throws IllegalArgumentException if the engine cannot compute in the type
     */
    public static MambaClassifier load(Path folder, NDManager manager, DataType type)
            throws IOException, MalformedModelException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return checkpoint.loadClassifier(manager, type);
        }
    }

    /**
     * Reads the names of the classes.
     *
     * @param folder the folder of the classifier
     * @return the names, by the index of their logit; LABEL_0, LABEL_1, … if they have no names
     * @throws IOException if the configuration cannot be read
     * @throws MalformedModelException if it is not that of a classifier
     */
    public static List<String> labels(Path folder) throws IOException, MalformedModelException {
        CheckpointConfig config = CheckpointConfig.in(folder);
        config.requireClassifier();
        return ClassifierHead.labels(config.file());
    }
}
