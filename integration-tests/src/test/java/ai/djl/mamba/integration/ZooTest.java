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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.GenerationOptions;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.Score;
import ai.djl.mamba.zoo.text.TextStream;
import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Folders with checkpoints, loaded by DJL's {@link Criteria} alone. */
public class ZooTest extends EngineSuite {

    private static final int TEXT_VOCAB = TokenizerFolder.VOCAB_SIZE;
    private static final List<String> PROMPTS = List.of("The quick", "a", "brown fox, über alles");

    private Path parent;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ZooTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        parent = Files.createTempDirectory("mamba-zoo");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(parent);
    }

    private <I, O> ZooModel<I, O> load(Path folder, Class<I> input, Class<O> output)
            throws IOException, ModelNotFoundException, MalformedModelException {
        return criteria(folder, input, output).build().loadModel();
    }

    private <I, O> Criteria.Builder<I, O> criteria(Path folder, Class<I> input, Class<O> output) {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(folder)
                .optDevice(device())
                .optEngine(engineName);
    }

    /** A model with a tokenizer, whose end of text is an id. */
    private Path textModel() throws IOException {
        return saved("byte-level", TEXT_VOCAB);
    }

    private Path byteModel() throws IOException {
        return saved(null, 256);
    }

    private Path saved(String tokenizer, int vocabSize) throws IOException {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(vocabSize)
                        .setModelSize(16)
                        .setNumLayers(2)
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        Path folder = parent.resolve("model" + vocabSize);
        MambaCheckpoint.save(block, folder);
        if (tokenizer != null) {
            String json = TokenizerFolder.read(tokenizer + ".json");
            Files.writeString(folder.resolve("tokenizer.json"), json);
        }
        return folder;
    }

    @DataProvider
    public Object[][] fixtures() {
        return Fixtures.models();
    }

    @Test(dataProvider = "fixtures")
    public void fixturesLoadByTheirPathAlone(String name) throws Exception {
        Path folder = Fixtures.folder(name);
        JsonArray all =
                JsonParser.parseString(Files.readString(folder.resolve("expected.json")))
                        .getAsJsonArray();
        try (ZooModel<NDList, NDList> model = load(folder, NDList.class, NDList.class);
                Predictor<NDList, NDList> predictor = model.newPredictor();
                TextModel text = TextModel.of(model)) {
            for (int i = 0; i < all.size(); i++) {
                JsonObject expected = all.get(i).getAsJsonObject();
                long[] ids = longs(expected.getAsJsonArray("input_ids"));
                NDArray input = manager.create(ids, new Shape(1, ids.length));
                NDList output = predictor.predict(new NDList(input));
                double[] wanted = flat(expected.getAsJsonArray("logits"));
                assertNear(doubles(output.singletonOrThrow()), wanted, 1e-4, name + i);
                output.close();
                checkGenerator(text, ids, expected);
            }
        }
    }

    private static void checkGenerator(TextModel text, long[] ids, JsonObject expected) {
        if (expected.has("mean_nll")) {
            double meanNll = text.generator().score(ids).meanNll();
            Assert.assertEquals(meanNll, expected.get("mean_nll").getAsDouble(), 1e-4);
        }
        GenerationOptions twelve = GenerationOptions.builder().optMaxNewTokens(12).build();
        int[] greedy = text.generator().generate(List.of(ids), twelve).get(0).ids();
        long[] found = Arrays.stream(greedy).asLongStream().toArray();
        Assert.assertEquals(found, longs(expected.getAsJsonArray("greedy_12")));
    }

    private static long[] longs(JsonArray array) {
        return array.asList().stream().mapToLong(element -> element.getAsLong()).toArray();
    }

    private static double[] flat(JsonArray rows) {
        return rows.asList().stream()
                .flatMap(row -> row.getAsJsonArray().asList().stream())
                .mapToDouble(element -> element.getAsDouble())
                .toArray();
    }

    @Test
    public void idsMayComeWithLengthsAndState() throws Exception {
        try (ZooModel<NDList, NDList> model =
                        load(Fixtures.folder("hf-tiny"), NDList.class, NDList.class);
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray ids = manager.create(new long[] {5, 6, 7, 8, 0, 0}, new Shape(2, 3));
            NDArray lengths = manager.create(new long[] {3, 1});
            NDArray padded = predictor.predict(new NDList(ids, lengths)).singletonOrThrow();
            NDArray alone = manager.create(new long[] {8}, new Shape(1, 1));
            NDArray expected = predictor.predict(new NDList(alone)).singletonOrThrow();
            assertNear(padded.get("1:2, 0:1"), expected, 1e-5, "the padded row");

            MambaLanguageModel block = (MambaLanguageModel) model.getBlock();
            NDList state = ai.djl.mamba.MambaState.start(block, manager, 1).toNDList();
            NDList all = new NDList();
            for (long id : new long[] {5, 6, 7}) {
                NDList inputs = new NDList(manager.create(new long[] {id}, new Shape(1, 1)));
                inputs.addAll(state);
                NDList outputs = predictor.predict(inputs);
                all.add(outputs.head());
                state = outputs.subNDList(1);
            }
            NDArray stepped = all.get(2);
            assertNear(stepped, padded.get("0:1, 2:3"), 1e-5, "one by one");
        }
    }

    @Test
    public void textsAreContinuedAloneInBatchesAndInPieces() throws Exception {
        Path folder = textModel();
        List<String> alone = new ArrayList<>();
        try (ZooModel<String, String> model =
                        criteria(folder, String.class, String.class)
                                .optArgument("max_new_tokens", 12)
                                .build()
                                .loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            for (String prompt : PROMPTS) {
                alone.add(predictor.predict(prompt));
            }
            Assert.assertEquals(predictor.batchPredict(PROMPTS), alone);
        }
        Assert.assertTrue(alone.stream().anyMatch(text -> text.length() > 3), alone.toString());
        try (ZooModel<String[], String[]> model =
                        criteria(folder, String[].class, String[].class)
                                .optArgument("max_new_tokens", "12")
                                .build()
                                .loadModel();
                Predictor<String[], String[]> predictor = model.newPredictor()) {
            String[] batch = predictor.predict(PROMPTS.toArray(String[]::new));
            Assert.assertEquals(List.of(batch), alone);
        }
        try (ZooModel<String, TextStream> model =
                        criteria(folder, String.class, TextStream.class)
                                .optArgument("max_new_tokens", 12.0)
                                .build()
                                .loadModel();
                Predictor<String, TextStream> predictor = model.newPredictor()) {
            for (int i = 0; i < PROMPTS.size(); i++) {
                checkPieces(predictor.predict(PROMPTS.get(i)), alone.get(i));
                TextStream stream = predictor.streamingPredict(PROMPTS.get(i)).getIterativeOutput();
                checkPieces(stream, alone.get(i));
            }
        }
    }

    private static void checkPieces(TextStream stream, String expected) {
        try (stream) {
            StringBuilder joined = new StringBuilder();
            stream.forEachRemaining(joined::append);
            Assert.assertEquals(joined.toString(), expected);
            Assert.assertEquals(stream.result().text(), expected);
            Assert.assertNotNull(stream.result().finishReason());
        }
    }

    @Test
    public void closingAStreamReleasesItsState() throws Exception {
        try (ZooModel<NDList, NDList> model = load(byteModel(), NDList.class, NDList.class);
                TextModel text = TextModel.of(model)) {
            GenerationOptions options = GenerationOptions.builder().optMaxNewTokens(1000).build();
            int arrays = model.getNDManager().getManagedArrays().size();
            try (TextStream stream = text.stream("abc", options)) {
                Assert.assertTrue(stream.hasNext());
                stream.next();
            }
            text.stream("abc", options).stream().limit(3).close();
            Assert.assertEquals(model.getNDManager().getManagedArrays().size(), arrays);
        }
    }

    @Test
    public void stopStringsEndTexts() throws Exception {
        try (ZooModel<NDList, NDList> model = load(textModel(), NDList.class, NDList.class);
                TextModel text = TextModel.of(model)) {
            GenerationOptions plain = GenerationOptions.builder().optMaxNewTokens(20).build();
            String whole = text.generate(PROMPTS.get(0), plain).text();
            String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 2);
            GenerationOptions stopping =
                    plain.toBuilder().optStopStrings(List.of("nowhere", stop)).build();
            String expected = whole.substring(0, whole.indexOf(stop));
            Assert.assertEquals(text.generate(PROMPTS.get(0), stopping).text(), expected);
            try (TextStream stream = text.stream(PROMPTS.get(0), stopping)) {
                checkPieces(stream, expected);
            }
            Assert.assertEquals(text.generate(PROMPTS, stopping).get(0).text(), expected);
        }
    }

    @Test
    public void textsBecomeVectors() throws Exception {
        try (ZooModel<String, float[]> model = load(byteModel(), String.class, float[].class);
                Predictor<String, float[]> predictor = model.newPredictor()) {
            float[] vector = predictor.predict("abc");
            Assert.assertEquals(vector.length, 16);
            Assert.assertNotEquals(vector, predictor.predict("abd"));
        }
    }

    @Test
    public void textsAreClassified() throws Exception {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(256).setModelSize(8).setNumLayers(1).build();
        MambaClassifier block =
                MambaClassifier.builder().setConfig(config).setNumClasses(3).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
        Path folder = parent.resolve("classifier");
        ClassifierCheckpoint.save(block, List.of("red", "green", "blue"), folder);
        List<String> texts = List.of("abc", "a much longer text", "z");
        try (ZooModel<String, Classifications> model =
                        load(folder, String.class, Classifications.class);
                Predictor<String, Classifications> predictor = model.newPredictor()) {
            List<Classifications> batch = predictor.batchPredict(texts);
            for (int i = 0; i < texts.size(); i++) {
                Classifications one = predictor.predict(texts.get(i));
                double sum = 0;
                for (String label : List.of("red", "green", "blue")) {
                    sum += one.get(label).getProbability();
                    Assert.assertEquals(
                            batch.get(i).get(label).getProbability(),
                            one.get(label).getProbability(),
                            1e-5);
                }
                Assert.assertEquals(sum, 1, 1e-5);
            }
        }
        MambaModels.criteria(folder.toString(), String.class, Classifications.class);
        try (ZooModel<Input, Output> model = load(folder, Input.class, Output.class);
                Predictor<Input, Output> predictor = model.newPredictor()) {
            Output output = predictor.predict(request("text/plain", "abc"));
            Assert.assertTrue(output.getData().getAsString().contains("green"), output.toString());
        }
        ModelNotFoundException e =
                Assert.expectThrows(
                        ModelNotFoundException.class,
                        () -> load(folder, String.class, String.class));
        Assert.assertTrue(messages(e).contains("classifier"), messages(e));
    }

    private static String messages(Throwable e) {
        return e == null ? "" : e.getMessage() + " | " + messages(e.getCause());
    }

    private static Input request(String type, String content) {
        Input input = new Input();
        input.addProperty("Content-Type", type);
        input.add(content);
        return input;
    }

    @Test
    public void servingLoadsTheFolder() throws Exception {
        Path folder = byteModel();
        Files.writeString(
                folder.resolve("serving.properties"),
                "engine=" + engineName + "\nmax_new_tokens=7\ntop_k=5\n");
        Criteria<Input, Output> criteria =
                Criteria.builder()
                        .setTypes(Input.class, Output.class)
                        .optModelUrls(folder.toUri().toString())
                        .build();
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor()) {
            Assert.assertEquals(model.getNDManager().getEngine().getEngineName(), engineName);
            String json = predictor.predict(request("text/plain", "abc")).getAsString(0);
            String text =
                    JsonParser.parseString(json)
                            .getAsJsonObject()
                            .get("generated_text")
                            .getAsString();
            String body = "{\"inputs\": [\"abc\", \"d\"], \"parameters\": {\"max_new_tokens\": 7}}";
            JsonArray list =
                    JsonParser.parseString(
                                    predictor
                                            .predict(request("application/json", body))
                                            .getAsString(0))
                            .getAsJsonArray();
            Assert.assertEquals(list.size(), 2);
            Assert.assertEquals(
                    list.get(0).getAsJsonObject().get("generated_text").getAsString(), text);
            checkStreamed(predictor, text);
        }
    }

    private static void checkStreamed(Predictor<Input, Output> predictor, String expected)
            throws Exception {
        var streamed = predictor.streamingPredict(request("text/plain", "abc"));
        Output output = streamed.getAsyncOutput();
        streamed.computeAsyncOutput();
        Assert.assertEquals(output.getData().getAsString(), expected);
    }

    @Test
    public void manyPredictorsShareOneModel() throws Exception {
        try (ZooModel<String, String> model =
                criteria(byteModel(), String.class, String.class)
                        .optArgument("max_new_tokens", 20)
                        .build()
                        .loadModel()) {
            String expected;
            try (Predictor<String, String> predictor = model.newPredictor()) {
                expected = predictor.predict("abc");
            }
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                results.add(
                        threads.submit(
                                () -> {
                                    try (Predictor<String, String> own = model.newPredictor()) {
                                        return own.predict("abc");
                                    }
                                }));
            }
            for (Future<String> result : results) {
                Assert.assertEquals(result.get(), expected);
            }
            threads.shutdown();
        }
    }

    @Test
    public void textNeedsATokenizer() throws Exception {
        Path folder = saved(null, 300);
        IllegalStateException e =
                Assert.expectThrows(
                        IllegalStateException.class,
                        () -> load(folder, String.class, String.class));
        Assert.assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
        Path tokenizer = TokenizerFolder.of("byte-level");
        try (ZooModel<String, String> model =
                        criteria(folder, String.class, String.class)
                                .optArgument("tokenizer", tokenizer.toString())
                                .optArgument("max_new_tokens", 3)
                                .build()
                                .loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            Assert.assertNotNull(predictor.predict("ab")); // no token that the model lacks
            Exception lacking =
                    Assert.expectThrows(Exception.class, () -> predictor.predict("The state"));
            Assert.assertTrue(lacking.getMessage().contains("[0, 300)"), lacking.getMessage());
        }
        ProcessFiles.delete(folder);
        try (ZooModel<String, String> model =
                        criteria(saved(null, TEXT_VOCAB), String.class, String.class)
                                .optArgument("tokenizer", tokenizer.toString())
                                .optArgument("max_new_tokens", 3)
                                .build()
                                .loadModel();
                Predictor<String, String> predictor = model.newPredictor()) {
            Assert.assertNotNull(predictor.predict("The"));
        }
    }

    @Test
    public void brokenFoldersAreNamed() throws Exception {
        Path folder = byteModel();
        byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
        Files.write(
                folder.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 9));
        IOException e =
                Assert.expectThrows(
                        IOException.class, () -> load(folder, NDList.class, NDList.class));
        Assert.assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
        Assert.assertTrue(e.getCause() instanceof MalformedModelException, "" + e.getCause());
    }

    @DataProvider
    public Object[][] otherModels() {
        return new Object[][] {
            {"{\"model_type\": \"falcon_mamba\", \"hidden_size\": 8}", "FalconMamba"},
            {
                "{\"model_type\": \"mamba2\", \"hidden_size\": 8, \"num_hidden_layers\": 2,"
                        + " \"vocab_size\": 9, \"time_step_limit\": [0.0, Infinity]}",
                "num_heads"
            },
            {"{\"model_type\": \"jamba\"}", "jamba"},
            {
                "{\"d_model\": 8, \"n_layer\": 2, \"vocab_size\": 9, \"ssm_cfg\":"
                        + " {\"layer\": \"Mamba2\", \"d_ssm\": 8}}",
                "d_ssm"
            },
            {
                "{\"d_model\": 8, \"n_layer\": 2, \"vocab_size\": 9, \"ssm_cfg\": {},"
                        + " \"attn_layer_idx\": [1]}",
                "attn_layer_idx"
            },
        };
    }

    @Test(dataProvider = "otherModels")
    public void otherModelsAreRefusedByName(String config, String name) throws Exception {
        Path folder = byteModel();
        Files.writeString(folder.resolve("config.json"), config);
        IOException e =
                Assert.expectThrows(
                        IOException.class, () -> load(folder, NDList.class, NDList.class));
        Assert.assertTrue(e.getMessage().contains(name), e.getMessage());
        ModelNotFoundException byName =
                Assert.expectThrows(
                        ModelNotFoundException.class,
                        () -> MambaModels.criteria(folder.toString(), NDList.class, NDList.class));
        Assert.assertTrue(byName.getMessage().contains(name), byName.getMessage());
    }

    @Test
    public void foreignFoldersStayDjls() throws Exception {
        Block block = Linear.builder().setUnits(2).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
        try (Model model = Model.newInstance("linear", device(), engineName)) {
            model.setBlock(block);
            model.save(parent, "linear");
        }
        Criteria<NDList, NDList> criteria =
                criteria(parent, NDList.class, NDList.class)
                        .optModelName("linear")
                        .optBlock(Linear.builder().setUnits(2).build())
                        .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor()) {
            NDArray x = manager.ones(new Shape(1, 3));
            Assert.assertEquals(
                    predictor.predict(new NDList(x)).head().getShape(), new Shape(1, 2));
        }
    }

    @Test
    public void noTokensAreNoText() throws Exception {
        try (ZooModel<NDList, NDList> model = load(byteModel(), NDList.class, NDList.class);
                TextModel text = TextModel.of(model);
                PromptState state = text.read("abc")) {
            GenerationOptions none = GenerationOptions.builder().optMaxNewTokens(0).build();
            Assert.assertEquals(text.generate("abc", none).text(), "");
            Assert.assertEquals(text.generate(state, none).get(0).text(), "");
            try (TextStream stream = text.stream(state, none)) {
                Assert.assertFalse(stream.hasNext());
            }
        }
    }

    @Test
    public void bitsPerByteCountsTheBytesOfTheText() throws Exception {
        String prompt = "\u00fcber <|endoftext|> \ud83d\ude00 x";
        for (Path folder : List.of(byteModel(), textModel())) {
            try (ZooModel<NDList, NDList> model = load(folder, NDList.class, NDList.class);
                    TextModel text = TextModel.of(model)) {
                long[] ids = text.tokenizer().encode(prompt);
                long bytes = Arrays.stream(ids).map(text.tokenizer()::byteLength).sum();
                Assert.assertEquals(bytes, prompt.getBytes(StandardCharsets.UTF_8).length);
                Score score = text.generator().score(ids);
                double bits = score.totalNll() / Math.log(2);
                long predicted = bytes - text.tokenizer().byteLength(ids[0]);
                Assert.assertEquals(text.bitsPerByte(score, ids), bits / predicted, 1e-9);
            }
        }
    }
}
