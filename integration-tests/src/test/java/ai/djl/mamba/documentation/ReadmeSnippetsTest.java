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

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The examples of the README work, and those of fine-tuning in docs/train.md. */
public class ReadmeSnippetsTest extends EngineSuite {

    private Path work;
    private HubProperties hub;

    public ReadmeSnippetsTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeMethod
    public void serveModel() throws IOException {
        work = Files.createTempDirectory("mamba-readme-snippets");
        hub = new HubProperties();
        hub.serve(
                TinyModels.ofText(work.resolve("base"), Dialect.TRANSFORMERS),
                "state-spaces/mamba-130m-hf");
    }

    @AfterMethod(alwaysRun = true)
    public void stopServing() throws IOException {
        hub.close();
        ProcessFiles.delete(work);
    }

    @Test
    public void aModelOfTheHubContinuesText() throws Exception {
        for (Snippet snippet : List.<Snippet>of(ReadmeSnippets::load, GenerateSnippets::printed)) {
            Assert.assertFalse(printed(snippet).isBlank());
        }
    }

    private static String printed(Snippet snippet) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            snippet.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** A piece of code that prints. */
    private interface Snippet {

        void run() throws Exception;
    }

    @Test
    public void aModelIsComposedAndSteps() {
        MambaLanguageModel model = ReadmeSnippets.compose();
        NDArray prompt = manager.create(new long[] {72, 101, 108, 108}, new Shape(1, 4));
        NDArray next = manager.create(new long[] {111}, new Shape(1, 1));
        NDList stepped = ReadmeSnippets.step(manager, model.getConfig(), prompt, next);
        Assert.assertEquals(stepped.get(0).getShape(), new Shape(1, 1, 256));
        Assert.assertEquals(stepped.size(), 1 + 2 * 4, "logits, and two arrays for each layer");
    }

    @Test
    public void aModelIsFineTuned() throws Exception {
        StringBuilder rows = new StringBuilder("text\n");
        for (int i = 0; i < 60; i++) {
            rows.append("see you at ").append(i).append('\n');
        }
        Path texts = Files.writeString(work.resolve("texts.csv"), rows);
        Path out = work.resolve("out");
        ReadmeSnippets.fineTune(texts, out);
        try (TextModel text = TextModel.load(out)) {
            GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(3).build();
            Assert.assertFalse(text.generate("see you", options).text().isEmpty());
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
        Path out = work.resolve("out");
        FineTuning.Result result = TrainSnippets.fineTune(mails, out);
        Assert.assertEquals(result.classes(), List.of("mail", "spam"));
        try (ZooModel<String, Classifications> model =
                        MambaModels.criteria(out.toString(), String.class, Classifications.class)
                                .build()
                                .loadModel();
                var predictor = model.newPredictor()) {
            Assert.assertEquals(predictor.predict("win").getClassNames(), List.of("mail", "spam"));
        }
    }
}
