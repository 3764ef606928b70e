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
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProjectFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The examples of the README are the code of {@link ReadmeSnippets}, and that code works. */
public class ReadmeTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ReadmeTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void readmeShowsWhatIsTested() throws IOException {
        Path root = ProjectFiles.root();
        String readme = Files.readString(root.resolve("README.md"));
        Path sources = root.resolve("integration-tests/src/test/java/ai/djl/mamba/integration");
        StringBuilder tested = new StringBuilder();
        for (String name : List.of("Readme", "ReadmeZoo", "ReadmeTraining")) {
            tested.append(squeeze(Files.readString(sources.resolve(name + "Snippets.java"))));
        }
        Matcher blocks = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(readme);
        int count = 0;
        while (blocks.find()) {
            count++;
            String snippet = squeeze(blocks.group(1));
            Assert.assertTrue(
                    tested.indexOf(snippet) >= 0, "not in the tested snippets: " + snippet);
        }
        Assert.assertTrue(count >= 4, "the README has lost its examples");
    }

    private static String squeeze(String code) {
        return code.replaceAll("\\s+", " ").strip();
    }

    @Test
    public void blocksCompose() {
        for (Block block : new Block[] {ReadmeSnippets.compose(), ReadmeSnippets.ablation()}) {
            block.initialize(manager, DataType.FLOAT32, new Shape(2, 5, 8));
            NDArray x = normal(1, DataType.FLOAT32, 2, 5, 8);
            NDList y = block.forward(new ParameterStore(manager, false), new NDList(x), false);
            Assert.assertEquals(y.getShapes(), block.getOutputShapes(new Shape[] {x.getShape()}));
        }
    }

    @Test
    public void configurationMakesMamba2() {
        MambaLanguageModel model = new MambaLanguageModel(ReadmeSnippets.mamba2(), true);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        NDArray ids = manager.create(new long[] {72, 105, 33}, new Shape(1, 3));
        NDList outputs = model.forward(new ParameterStore(manager, false), new NDList(ids), false);
        Assert.assertEquals(outputs.get(0).getShape(), new Shape(1, 3, 256));
        Assert.assertEquals(outputs.get(2).getShape(), new Shape(1, 8, 16, 64), "the first state");
    }

    @Test
    public void classifierLearns() throws Exception {
        Assert.assertTrue(ReadmeSnippets.train(engineName, manager) > 0.7f);
    }

    @Test
    public void modelSteps() throws IOException {
        Assert.assertTrue(ReadmeSnippets.step(manager));
    }

    @Test
    public void scanIsNativeOrThereIsAReason() {
        String[] found = ReadmeSnippets.nativeOperators(engineName);
        Assert.assertEquals(found[0], found[1] == null ? "native" : "chunked");
    }

    @Test
    public void paddingIsExact() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(9).setModelSize(8).setNumLayers(1).build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray padded = ReadmeSnippets.pad(manager, parameters, block);
        NDArray alone = manager.create(new long[] {8}, new Shape(1, 1));
        NDList expected = block.forward(parameters, new NDList(alone), false);
        assertNear(padded.get("1:2, 2:3"), expected.get(0), 1e-6, "the padded row");
    }
}
