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

import ai.djl.Model;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.training.TrainingResult.Reason;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The examples of docs/train.md work on every engine. */
public class TrainSnippetsTest extends ModelSuite {

    private Path work;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public TrainSnippetsTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-train-snippets");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    @Test
    public void classifierLearns() throws Exception {
        Assert.assertTrue(TrainSnippets.train(engineName, manager) > 0.7f);
    }

    @Test
    public void toolsTrainAndFreeze() throws Exception {
        try (Model model = languageModel()) {
            Map<String, float[]> before = values(model.getBlock());
            TrainSnippets.tools(model, countingData(), 8, LENGTH);
            Map<String, float[]> after = values(model.getBlock());
            for (Map.Entry<String, float[]> entry : before.entrySet()) {
                boolean frozen = entry.getKey().contains("embedding");
                boolean same = Arrays.equals(entry.getValue(), after.get(entry.getKey()));
                Assert.assertEquals(same, frozen, entry.getKey());
            }
        }
    }

    @Test
    public void aRunOnFilesEnds() throws IOException {
        for (int i = 0; i < 40; i++) {
            String text = "class A" + i + " {}\n";
            Files.writeString(work.resolve("A" + i + ".java"), text.repeat(10));
        }
        MambaConfig config =
                smallConfig().setVocabSize(ByteTokenizer.VOCAB_SIZE).setNumLayers(1).build();
        try (Model model = model(new MambaLanguageModel(config))) {
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            var result = TrainSnippets.run(model, work, work.resolve("run"));
            Assert.assertEquals(result.reason(), Reason.FINISHED);
            Assert.assertEquals(result.steps(), 20);
        }
    }

    @Test
    public void aVocabularyOfOnesOwnIsSaved() throws Exception {
        Path genome = Files.writeString(work.resolve("genome.txt"), "GATTACANXT".repeat(200));
        String made = TrainSnippets.ownVocabulary(genome, work.resolve("dna"), engineName);
        Assert.assertTrue(made.matches("[ACGTN]{256}"), made);
    }

    @Test
    public void adaptersAreSavedAndMerged() throws Exception {
        Path adapter = work.resolve("adapter");
        try (Model model = languageModel();
                Model other = languageModel()) {
            for (int i = 0; i < model.getBlock().getParameters().size(); i++) {
                NDArray from = model.getBlock().getParameters().valueAt(i).getArray();
                from.copyTo(other.getBlock().getParameters().valueAt(i).getArray());
            }
            var training = trainingConfig(0.01f);
            TrainSnippets.lora(model, training, countingData(), adapter);
            LoraCheckpoint.load(other.getBlock(), adapter);
            ParameterStore parameters = new ParameterStore(manager, false);
            NDList ids = new NDList(ids(manager, 2));
            NDArray merged = model.getBlock().forward(parameters, ids, false).get(0);
            NDArray apart = other.getBlock().forward(parameters, ids, false).get(0);
            assertNear(merged, apart, 1e-4, "merged, and loaded beside the model");
        }
    }
}
