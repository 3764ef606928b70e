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
package ai.djl.mamba.zoo;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.zoo.checkpoint.Checkpoint;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.text.PromptState;
import ai.djl.mamba.zoo.text.TextGenerator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Folders and prompt states that version 0.1 saved load and give what they gave there; the samples
 * and what the models computed are among the resources.
 */
public class LegacyFilesTest extends ContractSuite {

    private static final double TOLERANCE = 1e-5;
    private static final Path LEGACY = resource("/legacy");
    private static final JsonObject FOLDERS = read("folders/expected.json");
    private static final JsonObject PROMPTS = read("prompt-states/expected.json");

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public LegacyFilesTest(EngineSetup engine) {
        super(engine);
    }

    private static Path resource(String name) {
        try {
            return Path.of(LegacyFilesTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonObject read(String file) {
        try {
            return JsonParser.parseString(Files.readString(LEGACY.resolve(file))).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Object[][] samples(JsonObject samples, String kind) {
        List<Object[]> rows = new ArrayList<>();
        for (String name : samples.keySet()) {
            JsonObject sample = samples.getAsJsonObject(name);
            if (kind == null || sample.get("kind").getAsString().equals(kind)) {
                rows.add(new Object[] {name});
            }
        }
        Assert.assertFalse(rows.isEmpty());
        return rows.toArray(Object[][]::new);
    }

    @DataProvider
    public static Object[][] languageModels() {
        return samples(FOLDERS, "language model");
    }

    @DataProvider
    public static Object[][] classifiers() {
        return samples(FOLDERS, "classifier");
    }

    @DataProvider
    public static Object[][] promptStates() {
        return samples(PROMPTS, null);
    }

    private static Path folder(String name) {
        return LEGACY.resolve("folders").resolve(name);
    }

    private static long[] longs(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToLong(element -> element.getAsLong())
                .toArray();
    }

    private static double[] numbers(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(element -> element.getAsFloat())
                .toArray();
    }

    private static Shape shape(JsonObject array) {
        return new Shape(longs(array.getAsJsonArray("shape")));
    }

    private NDArray input(JsonObject sample) {
        JsonObject input = sample.getAsJsonObject("input");
        if (input.get("type").getAsString().equals("INT64")) {
            return manager.create(longs(input.getAsJsonArray("values")), shape(input));
        }
        return manager.create(numbers(input.getAsJsonArray("values")), shape(input))
                .toType(DataType.FLOAT32, true);
    }

    private void assertOutput(SequenceBlock block, JsonObject sample, String name) {
        ParameterStore parameters = new ParameterStore(manager, false);
        NDArray found = block.forward(parameters, new NDList(input(sample)), false).get(0);
        JsonObject output = sample.getAsJsonObject("output");
        Assert.assertEquals(found.getShape(), shape(output), name);
        assertClose(found, numbers(output.getAsJsonArray("values")), TOLERANCE, name);
    }

    /** The sample that says what a folder gives: some give what another does. */
    private static JsonObject expectation(String name) {
        JsonObject sample = FOLDERS.getAsJsonObject(name);
        String same = "input_and_output_are_those_of";
        return sample.has(same) ? FOLDERS.getAsJsonObject(sample.get(same).getAsString()) : sample;
    }

    @Test(dataProvider = "languageModels")
    public void languageModelsLoad(String name) throws Exception {
        MambaLanguageModel model = MambaCheckpoint.load(folder(name), manager);
        assertOutput(model, expectation(name), name);
        JsonObject sample = FOLDERS.getAsJsonObject(name);
        if (sample.has("config_text_loaded")) {
            String text = sample.get("config_text_loaded").getAsString();
            Assert.assertEquals(MambaConfig.parse(text), model.getConfig());
        }
    }

    @Test(dataProvider = "classifiers")
    public void classifiersLoad(String name) throws Exception {
        JsonObject sample = FOLDERS.getAsJsonObject(name);
        try (Checkpoint checkpoint = Checkpoint.open(folder(name))) {
            MambaClassifier model = checkpoint.loadClassifier(manager, DataType.FLOAT32);
            assertOutput(model, sample, name);
            List<String> labels =
                    sample.getAsJsonArray("labels").asList().stream()
                            .map(label -> label.getAsString())
                            .toList();
            Assert.assertEquals(checkpoint.labels(), labels);
        }
    }

    @Test
    public void adaptersLoad() throws Exception {
        JsonObject sample = FOLDERS.getAsJsonObject("lora-adapter");
        MambaLanguageModel model =
                MambaCheckpoint.load(folder(sample.get("base").getAsString()), manager);
        LoraCheckpoint.load(model, folder("lora-adapter"));
        assertOutput(model, sample, "lora-adapter");
    }

    @Test(dataProvider = "promptStates")
    public void promptStatesContinue(String name) throws Exception {
        JsonObject sample = PROMPTS.getAsJsonObject(name);
        Path file = LEGACY.resolve("prompt-states").resolve(sample.get("file").getAsString());
        String folder = sample.get("model").getAsString().replace("../folders/", "");
        MambaLanguageModel model = MambaCheckpoint.load(folder(folder), manager);
        TextGenerator generator = new TextGenerator(model, manager);
        try (InputStream in = Files.newInputStream(file);
                PromptState state = PromptState.load(manager, in, model)) {
            Assert.assertEquals(state.tokens(), sample.get("tokens").getAsLong());
            assertLogits(state, sample.getAsJsonArray("logits_of_prompt"), name);
            long[] more = longs(sample.getAsJsonArray("continued_with"));
            try (PromptState after = generator.read(state, more)) {
                assertLogits(after, sample.getAsJsonArray("logits_after_more"), name);
                Assert.assertEquals(after.tokens(), state.tokens() + more.length);
            }
        }
    }

    private void assertLogits(PromptState state, JsonArray expected, String name) {
        assertClose(manager.create(state.logits()), numbers(expected), TOLERANCE, name);
    }

    @Test
    public void aStateOfAnotherModelIsRefused() throws Exception {
        MambaLanguageModel other = MambaCheckpoint.load(folder("mamba2-transformers"), manager);
        try (InputStream in =
                Files.newInputStream(LEGACY.resolve("prompt-states").resolve("mamba.prompt"))) {
            Exception refused =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> PromptState.load(manager, in, other));
            Assert.assertTrue(refused.getMessage().contains("mamba2"), refused.getMessage());
        }
    }
}
