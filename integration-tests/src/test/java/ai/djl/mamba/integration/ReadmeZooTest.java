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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The README's examples about pretrained models work. */
public class ReadmeZooTest extends EngineSuite {

    private Path folder;

    public ReadmeZooTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeMethod
    public void makeModel() throws IOException {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(TokenizerFolder.VOCAB_SIZE)
                        .setModelSize(16)
                        .setNumLayers(2)
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        folder = Files.createTempDirectory("mamba-readme");
        MambaCheckpoint.save(block, folder);
        Files.writeString(
                folder.resolve("tokenizer.json"), TokenizerFolder.read("byte-level.json"));
    }

    @AfterMethod(alwaysRun = true)
    public void deleteModel() throws IOException {
        ProcessFiles.delete(folder);
    }

    @Test
    public void aModelOfTheHubContinuesText() throws Exception {
        try (HubProperties hub = new HubProperties()) {
            hub.serve(folder, "state-spaces/mamba-130m-hf");
            Assert.assertFalse(ReadmeZooSnippets.load().isEmpty());
        }
    }

    @Test
    public void textIsContinuedKeptScoredAndConverted() throws Exception {
        try (ZooModel<NDList, NDList> model = ReadmeZooSnippets.open(folder.toString());
                TextModel text = TextModel.of(model)) {
            Assert.assertFalse(ReadmeZooSnippets.generate(text).isEmpty());
            GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(20).build();
            Path state = folder.resolve("state");
            String answer = ReadmeZooSnippets.reuse(text, state, options).get(0).text();
            String whole = "A long document that many questions are about. What is it?";
            Assert.assertEquals(answer, text.generate(whole, options).text());
            Assert.assertTrue(ReadmeZooSnippets.score(text, whole) > 1);
            Path converted = folder.resolve("converted");
            ReadmeZooSnippets.convert(model, converted);
            Assert.assertEquals(MambaCheckpoint.dialect(converted), Dialect.TRANSFORMERS);
        }
    }
}
