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
package ai.djl.mamba.integration;

import ai.djl.Model;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.training.TrainingResult.Reason;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The README's examples about training work. */
public class ReadmeTrainingTest extends ModelSuite {

    private Path work;

    public ReadmeTrainingTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-readme-training");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    @Test
    public void packedDocumentsAreAlone() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(9).setModelSize(8).setNumLayers(1).build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray packed = ReadmeTrainingSnippets.pack(manager, parameters, block);
        NDArray second = manager.create(new long[] {8, 4}, new Shape(1, 2));
        NDArray alone = block.forward(parameters, new NDList(second), false).get(0);
        assertNear(packed.get(":, 3:5"), alone, 1e-6, "the second document");
    }

    @Test
    public void toolsTrainAndFreeze() throws Exception {
        try (Model model = languageModel()) {
            Map<String, float[]> before = values(model.getBlock());
            ReadmeTrainingSnippets.tools(model, countingData(), 8, LENGTH);
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
            var result = ReadmeTrainingSnippets.run(model, work, work.resolve("run"));
            Assert.assertEquals(result.reason(), Reason.FINISHED);
            Assert.assertEquals(result.steps(), 20);
        }
    }

    @Test
    public void textsAreClassified() throws Exception {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 60; i++) {
            rows.append(i % 2 == 0 ? "win win win " : "see you at ").append(i);
            rows.append(i % 2 == 0 ? ",spam\n" : ",mail\n");
        }
        Path mails = Files.writeString(work.resolve("mails.csv"), rows);
        Path base = TinyModels.ofText(work.resolve("base"), Dialect.TRANSFORMERS);
        Path out = work.resolve("out");
        try (HubProperties hub = new HubProperties()) {
            hub.serve(base, "state-spaces/mamba-130m-hf");
            FineTuning.Result result = ReadmeTrainingSnippets.fineTune(mails, out);
            Assert.assertEquals(result.classes(), List.of("mail", "spam"));
        }
        try (ZooModel<String, Classifications> model =
                        MambaModels.criteria(out.toString(), String.class, Classifications.class)
                                .build()
                                .loadModel();
                var predictor = model.newPredictor()) {
            Assert.assertEquals(predictor.predict("win").getClassNames(), List.of("mail", "spam"));
        }
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
            ReadmeTrainingSnippets.lora(model, training, countingData(), adapter);
            LoraCheckpoint.load(other.getBlock(), adapter);
            ParameterStore parameters = new ParameterStore(manager, false);
            NDList ids = new NDList(ids(manager, 2));
            NDArray merged = model.getBlock().forward(parameters, ids, false).get(0);
            NDArray apart = other.getBlock().forward(parameters, ids, false).get(0);
            assertNear(merged, apart, 1e-4, "merged, and loaded beside the model");
        }
    }
}
