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
package ai.djl.mamba.examples.cli.common;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.internal.model.RunFolder;
import ai.djl.modality.Classifications;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A text classifier, as the zoo loads it: String → Classifications. */
public final class TextClassifier implements AutoCloseable {

    private static final int BATCH = 16;

    private final ZooModel<String, Classifications> model;
    private final Predictor<String, Classifications> predictor;

    private TextClassifier(ZooModel<String, Classifications> model) {
        this.model = model;
        predictor = model.newPredictor();
    }

    /**
     * Loads a classifier.
     *
     * @param name a folder, or any other name that {@link MambaModels} finds
     * @param engine the engine
     * @param common the options with the device
     */
    public static TextClassifier open(String name, String engine, CommonOptions common)
            throws IOException, MalformedModelException, ModelNotFoundException {
        Criteria.Builder<String, Classifications> criteria =
                MambaModels.criteria(name, String.class, Classifications.class);
        Path folder = Path.of(name);
        if (Files.isDirectory(folder)) {
            ClassifierCheckpoint.labels(
                    RunFolder.newestModel(folder)); // DJL would not say that it is not a classifier
        }
        criteria.optEngine(engine).optDevice(common.device());
        try {
            return new TextClassifier(criteria.build().loadModel());
        } catch (ModelNotFoundException e) {
            throw new ModelNotFoundException(name + ": the model is not a classifier", e);
        }
    }

    /**
     * Classifies texts, in batches.
     *
     * @param texts the texts
     * @return the classes of each
     * @throws TranslateException if the model fails
     */
    public List<Classifications> classify(List<String> texts) throws TranslateException {
        List<Classifications> all = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += BATCH) {
            int to = Math.min(from + BATCH, texts.size());
            all.addAll(predictor.batchPredict(texts.subList(from, to)));
        }
        return all;
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }
}
