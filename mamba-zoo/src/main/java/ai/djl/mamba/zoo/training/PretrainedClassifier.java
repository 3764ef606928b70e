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
package ai.djl.mamba.zoo.training;

import ai.djl.mamba.MambaBackbone;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts a new head on the layers of a trained model. */
final class PretrainedClassifier {

    private PretrainedClassifier() {}

    /**
     * Makes a classifier.
     *
     * @param trained a {@link MambaLanguageModel}, or a {@link MambaClassifier} of token ids that
     *     reads in one direction
     * @param numClasses the number of classes
     * @param pooling how the outputs of a row become one vector
     * @param manager the manager that owns the parameters
     * @return the classifier, initialized: embedding and layers are copies, the head is new
     * @throws IllegalArgumentException if the model is of another kind
     */
    public static MambaClassifier of(
            Block trained, int numClasses, Pooling pooling, NDManager manager) {
        MambaClassifier classifier = untrained(trained, numClasses, pooling);
        Map<Parameter, NDArray> values = new LinkedHashMap<>();
        values.put(classifier.getEmbedding(), embedding(trained).getArray());
        List<Parameter> from = backbone(trained).getParameters().values();
        List<Parameter> to = classifier.getBackbone().getParameters().values();
        for (int i = 0; i < to.size(); i++) {
            values.put(to.get(i), from.get(i).getArray());
        }
        Map<Parameter, Initializer> initializers = new LinkedHashMap<>();
        values.forEach(
                (parameter, value) -> {
                    initializers.put(parameter, parameter.getInitializer());
                    parameter.setInitializer((owner, shape, type) -> copy(value, owner));
                });
        classifier.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        initializers.forEach(Parameter::setInitializer);
        return classifier;
    }

    private static NDArray copy(NDArray value, NDManager owner) {
        NDArray copy = value.duplicate();
        copy.attach(owner);
        return copy;
    }

    /**
     * Makes the same classifier without the learned parameters, for comparison.
     *
     * @param trained the model, of which only the sizes count
     * @param numClasses the number of classes
     * @param pooling how the outputs of a row become one vector
     * @return the classifier, not initialized
     * @throws IllegalArgumentException if the model is of another kind
     */
    public static MambaClassifier untrained(Block trained, int numClasses, Pooling pooling) {
        return MambaClassifier.builder()
                .setConfig(config(trained))
                .setNumClasses(numClasses)
                .optPooling(pooling)
                .build();
    }

    /**
     * Returns the sizes of a model that can be made a classifier.
     *
     * @param trained the model
     * @return its configuration
     * @throws IllegalArgumentException if the model is of another kind
     */
    static MambaConfig config(Block trained) {
        if (trained instanceof MambaLanguageModel model) {
            return model.getConfig();
        }
        if (trained instanceof MambaClassifier model
                && model.getEmbedding() != null
                && !model.isBidirectional()) {
            return model.getConfig();
        }
        throw new IllegalArgumentException(
                "PretrainedClassifier: expected a language model, or a classifier of tokens that"
                        + " reads in one direction, got a "
                        + trained.getClass().getSimpleName());
    }

    private static Parameter embedding(Block trained) {
        return trained instanceof MambaLanguageModel model
                ? model.getEmbedding()
                : ((MambaClassifier) trained).getEmbedding();
    }

    private static MambaBackbone backbone(Block trained) {
        return trained instanceof MambaLanguageModel model
                ? model.getBackbone()
                : ((MambaClassifier) trained).getBackbone();
    }
}
