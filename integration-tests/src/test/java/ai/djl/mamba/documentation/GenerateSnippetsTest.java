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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.GenerationOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The examples of docs/generate.md work on every engine. */
public class GenerateSnippetsTest extends EngineSuite {

    private Path folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GenerateSnippetsTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeModel() throws IOException {
        folder = Files.createTempDirectory("mamba-generate-snippets");
        TinyModels.ofText(folder, Dialect.TRANSFORMERS);
    }

    @AfterMethod(alwaysRun = true)
    public void deleteModel() throws IOException {
        ProcessFiles.delete(folder);
    }

    @Test
    public void textIsContinuedKeptAndScored() throws Exception {
        try (TextModel text =
                TextModel.builder().setModel(folder.toString()).optEngine(engineName).load()) {
            Assert.assertFalse(GenerateSnippets.generate(text).isEmpty());
            GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(20).build();
            Path state = folder.resolve("state");
            String answer = GenerateSnippets.reuse(text, state, options).get(0).text();
            String whole = "A long document that many questions are about. What is it?";
            Assert.assertEquals(answer, text.generate(whole, options).text());
            Assert.assertTrue(GenerateSnippets.score(text, whole) > 1);
        }
    }

    @Test
    public void modelSteps() throws IOException {
        Assert.assertTrue(GenerateSnippets.step(manager));
    }
}
