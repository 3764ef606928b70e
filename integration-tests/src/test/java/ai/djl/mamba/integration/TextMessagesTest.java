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

import ai.djl.Application;
import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.mamba.testing.ProjectFiles;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.HubProperties;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.text.GeneratedText;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.Assert;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What users of text models are told where a name, an argument or an object is wrong. */
public class TextMessagesTest {

    private static final GenerationOptions SHORT =
            GenerationOptions.builder().optMaxNewTokens(3).build();

    private Path model;

    @BeforeMethod
    public void makeModel() throws IOException {
        model = TinyModels.ofBytes(TempFiles.folder("mamba-messages").resolve("model"));
    }

    private static void expect(
            Class<? extends Throwable> type, ThrowingRunnable wrong, String... contents) {
        Throwable e = Assert.expectThrows(type, wrong);
        for (String content : contents) {
            Assert.assertTrue(String.valueOf(e.getMessage()).contains(content), e.getMessage());
        }
    }

    @Test
    public void whatIsClosedIsNamed() throws Exception {
        TextModel text = TextModel.load(model);
        PromptState closed = text.read("ab");
        closed.close();
        expect(IllegalStateException.class, () -> text.read(closed, "c"), "PromptState is closed");
        expect(IllegalStateException.class, () -> text.generate(closed, SHORT), "PromptState");
        expect(IllegalStateException.class, () -> text.stream(closed, SHORT), "PromptState");
        expect(
                IllegalStateException.class,
                () -> closed.save(new ByteArrayOutputStream()),
                "PromptState is closed");
        PromptState open = text.read("ab");
        text.close();
        for (ThrowingRunnable use :
                List.<ThrowingRunnable>of(
                        () -> text.generate("a"),
                        () -> text.stream("a"),
                        () -> text.read("a"),
                        () -> text.score("a"),
                        () -> text.generate(open, SHORT))) {
            expect(IllegalStateException.class, use, "TextModel", "is closed");
        }
        expect(
                IllegalStateException.class,
                () -> text.generator().score(new long[] {1, 2}),
                "TextGenerator",
                "closed");
    }

    @Test
    public void nullIsNamed() throws Exception {
        expect(NullPointerException.class, () -> TextModel.load((String) null), "model");
        expect(NullPointerException.class, () -> TextModel.load((Path) null), "folder");
        expect(NullPointerException.class, () -> TextModel.of(null), "model");
        try (TextModel text = TextModel.load(model)) {
            expect(NullPointerException.class, () -> text.generate((String) null), "prompt");
            expect(NullPointerException.class, () -> text.generate("a", null), "options");
            expect(NullPointerException.class, () -> text.stream((String) null), "prompt");
            expect(NullPointerException.class, () -> text.read(null), "text");
            expect(NullPointerException.class, () -> text.score(null), "text");
            expect(NullPointerException.class, () -> text.restore(null), "in");
        }
    }

    @DataProvider
    public Object[][] names() {
        return new Object[][] {
            {"mamba-130", "did you mean mamba-130m?"},
            {"mamba_java_byte", "did you mean mamba-java-bytes?"},
            {ProjectFiles.root().resolve("pom.xml").toString(), "pom.xml is a file: a model is"},
            {"hf://", "no such folder"},
            {"./nowhere", "./nowhere: no such folder"},
            {"/no/where", "/no/where: no such folder"},
            {"no/such/folder", "no/such/folder: no such folder"},
            {"nowhere/", "nowhere/: no such folder"},
            {"no\\where", "no such folder"},
        };
    }

    /** A typo in the name of a folder beside others, as target/readme, is not asked of the hub. */
    @Test
    public void aNameInAFolderThatIsHereIsNotLookedForOnTheHub() throws Exception {
        Path here = Files.createTempDirectory(Path.of("").toAbsolutePath(), "models");
        try (HubProperties hub = new HubProperties()) {
            String typo = here.getFileName() + "/readmee";
            expect(
                    ModelNotFoundException.class,
                    () -> TextModel.load(typo),
                    typo + ": no such folder; hf://" + typo + " is one of the hub");
            Assert.assertEquals(hub.server.requests.size(), 0);
            expect(IOException.class, () -> TextModel.load("hf://" + typo), typo);
            Assert.assertNotEquals(hub.server.requests.size(), 0);
        } finally {
            Files.delete(here);
        }
    }

    @Test(dataProvider = "names")
    public void aWrongNameLeadsToTheRightOne(String name, String message) {
        expect(ModelNotFoundException.class, () -> TextModel.load(name), message);
    }

    @Test
    public void theHubSaysThatThereIsNoFolderEither() throws Exception {
        try (HubProperties hub = new HubProperties()) {
            hub.server.models.clear();
            expect(
                    IOException.class,
                    () -> TextModel.load("state-spaces/mamba-130"),
                    "there is no folder state-spaces/mamba-130",
                    "did you mean state-spaces/mamba-130m?");
        }
    }

    @Test
    public void aTokenizerThatIsNotThereIsMissedAtOnce() throws Exception {
        Path empty = TempFiles.folder("mamba-no-tokenizer");
        for (String tokenizer : List.of("./nowhere", "nowhere", empty.toString())) {
            expect(
                    IOException.class,
                    () ->
                            TextModel.builder()
                                    .setModel(model.toString())
                                    .optTokenizer(tokenizer)
                                    .load(),
                    tokenizer);
        }
    }

    @DataProvider
    public Object[][] arguments() {
        return new Object[][] {
            {"max_new_token", "did you mean max_new_tokens?"},
            {"Temperature", "did you mean temperature?"},
            {"bad_words_ids", "not supported"},
        };
    }

    @Test(dataProvider = "arguments")
    public void anArgumentThatNobodyReadsIsRefused(String name, String message) throws Exception {
        expect(
                IllegalArgumentException.class,
                () ->
                        MambaModels.criteria(model.toString(), String.class, String.class)
                                .optArgument(name, "1")
                                .build()
                                .loadModel(),
                message);
        try (ZooModel<Input, Output> loaded =
                        MambaModels.criteria(model.toString(), Input.class, Output.class)
                                .build()
                                .loadModel();
                Predictor<Input, Output> predictor = loaded.newPredictor()) {
            Input input = new Input();
            input.addProperty("Content-Type", "application/json");
            input.add("{\"inputs\": \"ab\", \"parameters\": {\"" + name + "\": 1}}");
            Exception e = Assert.expectThrows(Exception.class, () -> predictor.predict(input));
            Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    @DataProvider
    public Object[][] unread() {
        return new Object[][] {
            {"adaptor", "unknown argument \"adaptor\"; did you mean adapter?"},
            {"tokenizr", "did you mean tokenizer?"},
            {"Dtype", "did you mean dtype?"},
            {"poling", "did you mean pooling?"},
            {"merge_adapter", "did you mean mergeAdapter?"},
            {"beams", "did you mean num_beams?"},
            {"stop_words", "did you mean stop_strings?"},
            {"assistant_model", "\"assistant_model\" is not supported"},
            {"fancy", "unknown argument \"fancy\""},
        };
    }

    @Test(dataProvider = "unread")
    public void eachArgumentThatNobodyReadsIsRefused(String name, String message) {
        expect(
                IllegalArgumentException.class,
                () ->
                        MambaModels.criteria(model.toString(), NDList.class, NDList.class)
                                .optArgument(name, "1")
                                .build()
                                .loadModel(),
                message);
    }

    @Test
    public void whatDjlAndItsServerPassIsNoneOfOurs() throws Exception {
        Files.writeString(
                model.resolve("serving.properties"),
                """
                engine=PyTorch
                batch_size=2
                job_queue_size=3
                gpu.minWorkers=1
                gpu.reserved_memory_mb=500
                load_on_devices=0
                option.whatever=1
                max_new_tokens=2
                eos_token_id=[32, 10]
                """);
        try (ZooModel<String, String> loaded =
                        MambaModels.criteria(model.toString(), String.class, String.class)
                                .optApplication(Application.NLP.TEXT_GENERATION)
                                .optArgument("batchifier", "stack")
                                .optArgument("mapLocation", "true")
                                .build()
                                .loadModel();
                Predictor<String, String> predictor = loaded.newPredictor()) {
            Assert.assertNotNull(predictor.predict("a"));
        }
    }

    @Test
    public void aTokenThatTheModelLacksIsNamed() throws Exception {
        Path small = TinyModels.ofText(TempFiles.folder("mamba-lacking"), Dialect.TRANSFORMERS);
        String letters =
                IntStream.range(0, 600)
                        .mapToObj(i -> Character.toString(0x4e00 + i))
                        .collect(Collectors.joining());
        try (ZooModel<NDList, NDList> loaded =
                        MambaModels.criteria(small.toString(), NDList.class, NDList.class)
                                .build()
                                .loadModel();
                TextModel text = TextModel.of(loaded, CharacterTokenizer.of(letters))) {
            String last = letters.substring(599);
            for (ThrowingRunnable use :
                    List.<ThrowingRunnable>of(
                            () -> text.generate(last),
                            () -> text.read(last),
                            () -> text.score(last))) {
                expect(IllegalArgumentException.class, use, '"' + last + "\" with the id 599");
            }
        }
    }

    @Test
    public void severalTextsDoNotFitIntoOne() throws Exception {
        try (TextModel text = TextModel.load(model)) {
            GenerationOptions two = SHORT.toBuilder().optSamples(2).build();
            expect(IllegalArgumentException.class, () -> text.generate("a", two), "2 samples");
            Assert.assertEquals(text.generate(List.of("a"), two).size(), 2);
        }
    }

    @Test
    public void theModelSaysHowItIsContinued() throws Exception {
        Path folder = TinyModels.ofBytes(TempFiles.folder("mamba-defaults").resolve("model"));
        Map<String, GenerationOptions> expected =
                Map.of(
                        "{\"max_new_tokens\": 5, \"temperature\": 0.7, \"top_k\": 4}",
                        SHORT.toBuilder().optMaxNewTokens(5).build(), // greedy
                        "{\"do_sample\": true, \"temperature\": 0.7, \"max_length\": 9}",
                        SHORT.toBuilder()
                                .optMaxNewTokens(Integer.MAX_VALUE)
                                .optMaxLength(9)
                                .optTemperature(0.7)
                                .optTopK(50)
                                .build(),
                        "{\"do_sample\": true, \"top_k\": 7, \"no_repeat_ngram_size\": 2,"
                                + " \"epsilon_cutoff\": 0.1, \"eos_token_id\": [1, 2]}",
                        GenerationOptions.builder()
                                .optTemperature(1)
                                .optTopK(7)
                                .optNoRepeatNgramSize(2)
                                .build(),
                        "{\"transformers_version\": \"5.24.0\", \"num_return_sequences\": 3}",
                        GenerationOptions.builder().build());
        for (Map.Entry<String, GenerationOptions> one : expected.entrySet()) {
            Files.writeString(folder.resolve("generation_config.json"), one.getKey());
            try (TextModel text = TextModel.load(folder)) {
                Assert.assertEquals(text.defaults(), one.getValue(), one.getKey());
                Assert.assertEquals(
                        text.generate("abc"),
                        text.generate("abc", one.getValue()).text(),
                        one.getKey());
            }
        }
    }

    @Test
    public void aContinuationCanBeRead() throws Exception {
        GenerationOptions options = SHORT.toBuilder().optLogProbs(1).build();
        try (TextModel text = TextModel.load(model)) {
            GeneratedText made = text.generate("a", options);
            Assert.assertEquals(made.toString(), '"' + made.text() + "\" (3 tokens, LENGTH)");
            Assert.assertTrue(
                    made.tokens().get(0).toString().matches("\\d+ \\(-?\\S+; \\d+ -?\\S+\\)"),
                    made.tokens().get(0).toString());
        }
    }

    @Test
    public void idsOfTheOtherEngineAreNamed() throws Exception {
        try (ZooModel<NDList, NDList> loaded =
                        MambaModels.criteria(model.toString(), NDList.class, NDList.class)
                                .optEngine("PyTorch")
                                .build()
                                .loadModel();
                Predictor<NDList, NDList> predictor = loaded.newPredictor();
                NDManager other = NDManager.newBaseManager(Device.cpu(), "MXNet")) {
            NDList ids = new NDList(other.create(new long[][] {{1, 2}}));
            Exception e = Assert.expectThrows(Exception.class, () -> predictor.predict(ids));
            Assert.assertTrue(e.getMessage().contains("MXNet"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("PyTorch"), e.getMessage());
        }
    }
}
