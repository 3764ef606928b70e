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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.Projection;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The keys that {@code config.json} has for the head of a classifier and its classes. */
final class ClassifierHead {

    /** How the names of classes end that transformers has for classifiers. */
    static final String ARCHITECTURE = "ForSequenceClassification";

    private static final String POOLING = "pooling";
    private static final String BIDIRECTIONAL = "bidirectional";
    private static final String SCORE_BIAS = "score_bias";
    private static final String VECTOR_SIZE = "vector_size";
    private static final String NUM_LABELS = "num_labels";
    private static final String ID_TO_LABEL = "id2label";
    private static final String LABEL_TO_ID = "label2id";

    /** More classes have to be named in the file. */
    private static final int MAX_UNNAMED = 1 << 16;

    private ClassifierHead() {}

    /** Adds the keys of a classifier to a configuration. */
    static void add(JsonObject json, MambaClassifier model, List<String> labels) {
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
    }

    /** Reads the options of a classifier. */
    static MambaClassifier.Builder read(ConfigFile file, MambaConfig sizes)
            throws MalformedModelException {
        return MambaClassifier.builder()
                .setConfig(sizes)
                .setNumClasses(numLabels(file))
                .optPooling(
                        file.oneOf(POOLING, "last", "mean").equals("mean")
                                ? Pooling.MEAN
                                : Pooling.LAST)
                .optBidirectional(file.flag(BIDIRECTIONAL, false))
                .optHeadBias(file.flag(SCORE_BIAS, false))
                .optVectorInput(file.natural(VECTOR_SIZE, 0) > 0);
    }

    /** The shape of one step: ids (1, 1) or vectors (1, 1, size). */
    static Shape inputShape(ConfigFile file) throws MalformedModelException {
        int vectorSize = file.natural(VECTOR_SIZE, 0);
        return vectorSize == 0 ? new Shape(1, 1) : new Shape(1, 1, vectorSize);
    }

    /** The names of the classes; LABEL_0, LABEL_1, … if they have no names. */
    static List<String> labels(ConfigFile file) throws MalformedModelException {
        int count = numLabels(file);
        if (!file.has(ID_TO_LABEL)) {
            return IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
        }
        ConfigFile section = file.section(ID_TO_LABEL);
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add(section.text(String.valueOf(i), null));
        }
        return List.copyOf(labels);
    }

    /** The number of classes, if all keys that concern it agree. */
    private static int numLabels(ConfigFile file) throws MalformedModelException {
        if (!file.has(ID_TO_LABEL)) {
            int count = file.positive(NUM_LABELS, 2); // the default of transformers
            if (count > MAX_UNNAMED) {
                throw file.malformed(NUM_LABELS, "at most " + MAX_UNNAMED + " without names");
            }
            return count;
        }
        ConfigFile section = file.section(ID_TO_LABEL);
        int count = section.keys().size();
        boolean isComplete = count > 0;
        for (int i = 0; i < count; i++) {
            isComplete &= section.text(String.valueOf(i), null) != null;
        }
        if (!isComplete) {
            throw file.malformed(ID_TO_LABEL, "the names of classes 0, 1, …");
        }
        if (file.positive(NUM_LABELS, count) != count) {
            throw file.malformed(NUM_LABELS, "the number of classes in id2label, " + count);
        }
        return count;
    }
}
