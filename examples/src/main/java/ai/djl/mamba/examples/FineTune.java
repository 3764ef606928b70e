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
package ai.djl.mamba.examples;

import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.mamba.zoo.training.TrainingTexts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Trains low-rank adapters of a language model on your own texts, and uses them. */
public final class FineTune {

    private FineTune() {}

    /**
     * Runs the example.
     *
     * @param args a new folder for the adapters, or nothing for one that is overwritten
     * @throws Exception if the model cannot be loaded or the folder cannot be written
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args.length > 0 ? args[0] : "target/finetune");
        boolean isNew = args.length > 0;
        TrainingFolder result = new TrainingFolder(folder, false);
        result = isNew ? result : result.overwriting();
        result.check(); // before anything is written there

        Path texts = folder.resolve("texts.txt");
        Files.createDirectories(folder);
        if (!isNew) {
            Files.deleteIfExists(texts);
        }
        Files.writeString(texts, "to be or not to be, ".repeat(500), StandardOpenOption.CREATE_NEW);

        FineTuning.builder()
                .setModel("mamba-java-bytes") // or a model of the hub, or a folder
                .setTask(FineTuning.Task.LM)
                .setTexts(TrainingTexts.builder().setPaths(List.of(texts)).optHoldout(0).build())
                .setOptions(TrainingOptions.builder().optSteps(30).optLearningRate(0.01f).build())
                .setFolder(result)
                .optBatch(4)
                .optLength(64)
                .optLora(LoRA.builder().setRank(4))
                .build()
                .run();

        try (TextModel model =
                TextModel.builder()
                        .setModel("mamba-java-bytes")
                        .optAdapter(folder.resolve("adapter"))
                        .load()) {
            System.out.println("to be" + model.generate("to be"));
        }
    }
}
