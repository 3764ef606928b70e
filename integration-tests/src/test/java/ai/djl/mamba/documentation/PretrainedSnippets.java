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
package ai.djl.mamba.documentation;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;

/** The examples of docs/pretrained.md, word for word; {@link PretrainedSnippetsTest} runs them. */
final class PretrainedSnippets {

    private PretrainedSnippets() {}

    static TextModel facade() throws IOException, ModelNotFoundException, MalformedModelException {
        TextModel text =
                TextModel.builder()
                        .setModel("state-spaces/mamba-130m-hf")
                        .optEngine("PyTorch")
                        .optDevice(Device.cpu())
                        .load();
        return text;
    }

    static String load()
            throws IOException,
                    ModelNotFoundException,
                    MalformedModelException,
                    TranslateException {
        String continuation;
        Criteria<String, String> criteria =
                Criteria.builder()
                        .setTypes(String.class, String.class)
                        .optModelUrls("state-spaces/mamba-130m-hf") // or optModelPath(folder)
                        .optArgument("max_new_tokens", 40)
                        .optArgument("temperature", 0.8)
                        .optArgument("seed", 7)
                        .build();
        try (ZooModel<String, String> model = criteria.loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            continuation = predictor.predict("Mamba is a state space model that");
        }
        return continuation;
    }

    static void convert(Model model, Path folder) throws IOException {
        MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
        MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS); // or ORIGINAL
    }
}
