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
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.zoo.checkpoint.CheckpointFolder.Content;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Saves and loads classifiers as folders in the form that the transformers library gives to models
 * for sequence classification: the configuration has {@code id2label}, the head is {@code
 * score.weight} (C, d).
 *
 * <p>What that form cannot say has keys of our own: {@code pooling} ("last" or "mean"), {@code
 * bidirectional}, {@code score_bias} and, for input vectors, their size {@code vector_size}. Where
 * they are absent the head is what it is in transformers: of the last token, without bias.
 */
public final class ClassifierCheckpoint {

    private static final String POOLING = "pooling";
    private static final String BIDIRECTIONAL = "bidirectional";
    private static final String SCORE_BIAS = "score_bias";
    private static final String VECTOR_SIZE = "vector_size";
    private static final String NUM_LABELS = "num_labels";
    private static final String ID_TO_LABEL = "id2label";
    private static final String LABEL_TO_ID = "label2id";

    /** More classes have to be named in the file. */
    private static final int MOST_UNNAMED = 1 << 16;

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
     * type of their own.
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
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        ParameterNames.of(model)
                .forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
        CheckpointFolder.save(
                Content.MODEL,
                folder,
                config(model, labels, type),
                Map.of(
                        MambaCheckpoint.SAFETENSORS,
                        file -> SafetensorsWriter.write(file, arrays, type)));
    }

    private static JsonObject config(MambaClassifier model, List<String> labels, DataType type) {
        JsonObject json =
                TransformersConfig.write(model.getConfig(), type, "ForSequenceClassification");
        JsonObject idToLabel = new JsonObject();
        JsonObject labelToId = new JsonObject();
        for (int i = 0; i < labels.size(); i++) {
            idToLabel.addProperty(String.valueOf(i), labels.get(i));
            labelToId.addProperty(labels.get(i), i);
        }
        json.addProperty(NUM_LABELS, labels.size());
        json.add(ID_TO_LABEL, idToLabel);
        json.add(LABEL_TO_ID, labelToId);
        json.addProperty(POOLING, model.getPooling().name().toLowerCase(Locale.ROOT));
        json.addProperty(BIDIRECTIONAL, model.isBidirectional());
        json.addProperty(SCORE_BIAS, model.getHead().getBias() != null);
        Projection input = model.getInputProjection();
        if (input != null) {
            json.addProperty(VECTOR_SIZE, input.getWeight().getArray().getShape().get(1));
        }
        return json;
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
        LoadTypes.check(type, manager);
        CheckpointConfig config = classifierConfig(folder);
        try (TensorSource source = CheckpointFolder.open(folder, config.sizes())) {
            MambaClassifier model = build(config);
            // before they exist: an engine may reserve memory for gradients
            model.freezeParameters(true);
            int vectorSize = config.file().natural(VECTOR_SIZE, 0);
            Shape input = vectorSize == 0 ? new Shape(1, 1) : new Shape(1, 1, vectorSize);
            new ModelFiller(model, input, ParameterNames.of(model), source).fill(manager, type);
            return model;
        }
    }

    private static MambaClassifier build(CheckpointConfig config) throws MalformedModelException {
        ConfigFile file = config.file();
        MambaClassifier.Builder builder =
                MambaClassifier.builder()
                        .setConfig(config.sizes())
                        .setNumClasses(numLabels(file))
                        .optPooling(
                                file.oneOf(POOLING, "last", "mean").equals("mean")
                                        ? Pooling.MEAN
                                        : Pooling.LAST)
                        .optBidirectional(file.flag(BIDIRECTIONAL, false))
                        .optHeadBias(file.flag(SCORE_BIAS, false))
                        .optVectorInput(file.natural(VECTOR_SIZE, 0) > 0);
        return config.build(builder::build);
    }

    /**
     * Reads the names of the classes.
     *
     * @param folder the folder of the classifier
     * @return the names, by the index of their logit; LABEL_0, LABEL_1, … where there are none
     * @throws IOException if the configuration cannot be read
     * @throws MalformedModelException if it is not that of a classifier
     */
    public static List<String> labels(Path folder) throws IOException, MalformedModelException {
        ConfigFile config = classifierConfig(folder).file();
        int count = numLabels(config);
        if (!config.has(ID_TO_LABEL)) {
            return IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
        }
        ConfigFile section = config.section(ID_TO_LABEL);
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add(section.text(String.valueOf(i), null));
        }
        return List.copyOf(labels);
    }

    /** The number of classes, if all that is said of them agrees. */
    private static int numLabels(ConfigFile config) throws MalformedModelException {
        if (!config.has(ID_TO_LABEL)) {
            int count = config.positive(NUM_LABELS, 2); // the default of transformers
            if (count > MOST_UNNAMED) {
                throw config.malformed(NUM_LABELS, "at most " + MOST_UNNAMED + " without names");
            }
            return count;
        }
        ConfigFile section = config.section(ID_TO_LABEL);
        int count = section.keys().size();
        boolean isComplete = count > 0;
        for (int i = 0; i < count; i++) {
            isComplete &= section.text(String.valueOf(i), null) != null;
        }
        if (!isComplete) {
            throw config.malformed(ID_TO_LABEL, "the names of classes 0, 1, …");
        }
        if (config.positive(NUM_LABELS, count) != count) {
            throw config.malformed(NUM_LABELS, "the number of classes in id2label, " + count);
        }
        return count;
    }

    private static CheckpointConfig classifierConfig(Path folder)
            throws IOException, MalformedModelException {
        CheckpointConfig config = CheckpointConfig.in(folder);
        if (!config.isClassifier()) {
            throw config.file()
                    .malformed("\"architectures\" names no model for sequence classification");
        }
        return config;
    }
}
