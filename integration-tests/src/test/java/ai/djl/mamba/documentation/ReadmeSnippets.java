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

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The examples of the README, word for word; {@link ReadmeSnippetsTest} runs them. */
final class ReadmeSnippets {

    private ReadmeSnippets() {}

    static void load() throws IOException, ModelNotFoundException, MalformedModelException {
        try (TextModel text = TextModel.load("mamba-130m-hf")) {
            System.out.println(text.generate("Mamba is a state space model that"));
        }
    }

    static MambaLanguageModel compose() {
        Mixer mamba = new MambaOptions(); // as in the published models
        Mixer mamba2 = Mamba2Options.builder().optStateSize(64).optHeadSize(16).build();
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(256)
                        .setModelSize(64)
                        .setLayers(List.of(mamba, mamba2, mamba, mamba2))
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config); // ids (B, L) → logits (B, L, V)
        return block;
    }

    static FineTuning.Result fineTune(Path texts, Path folder)
            throws IOException, MalformedModelException, ModelNotFoundException {
        FineTuning.Result result =
                FineTuning.builder()
                        .setModel("mamba-130m-hf")
                        .setTask(FineTuning.Task.LM) // or CLASSIFY, with labels
                        .setTexts(TrainingTexts.builder().setPaths(List.of(texts)).build())
                        .setOptions(TrainingOptions.builder().optEpochs(3).build())
                        .setFolder(new TrainingFolder(folder, false)) // true: resume
                        .optLora(LoRA.builder().setRank(8)) // without: all parameters
                        .optMerge(true) // saves the whole model, not only the adapters
                        .build()
                        .run();
        return result;
    }

    static NDList step(NDManager manager, MambaConfig config, NDArray prompt, NDArray next) {
        MambaLanguageModel block = new MambaLanguageModel(config, true); // true: returns its state
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDList outputs = block.forward(parameters, new NDList(prompt), false);
        NDList inputs = new NDList(next);
        inputs.addAll(outputs.subNDList(1)); // the state follows the logits
        NDList stepped = block.forward(parameters, inputs, false); // logits and state of one step
        return stepped;
    }
}
