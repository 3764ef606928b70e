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
package ai.djl.mamba;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.training.LoRA;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Files that version 0.1 saved give what they gave then: parameters of models and blocks, alone and
 * in a file of DJL, and states. The resources hold them, and in {@code expected.json} what the
 * models computed.
 */
public class LegacyFilesTest extends EngineSuite {

    private static final Path FOLDER = folder();
    private static final JsonObject PARAMETERS = json("params");
    private static final JsonObject STATES = json("states");

    /** Kernels add in another order than those of the machine that wrote the files. */
    private static final double TOLERANCE = 1e-5;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public LegacyFilesTest(EngineSetup engine) {
        super(engine);
    }

    private static Path folder() {
        try {
            return Path.of(LegacyFilesTest.class.getResource("/legacy").toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonObject json(String folder) {
        try {
            String text = Files.readString(FOLDER.resolve(folder).resolve("expected.json"));
            return JsonParser.parseString(text).getAsJsonObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Object[][] samples(JsonObject expected, String key) {
        return expected.entrySet().stream()
                .filter(entry -> entry.getValue().getAsJsonObject().has(key))
                .map(Map.Entry::getKey)
                .map(name -> new Object[] {name})
                .toArray(Object[][]::new);
    }

    /** Everything. */
    @DataProvider
    public static Object[][] samples() {
        return samples(PARAMETERS, "raw");
    }

    /** The models that are there in files of DJL, too. */
    @DataProvider
    public static Object[][] models() {
        return samples(PARAMETERS, "djl_name");
    }

    /** The language models, which save the text of their configuration. */
    @DataProvider
    public static Object[][] configured() {
        return samples(PARAMETERS, "config_text");
    }

    /** The classifiers, of whose configuration nothing is saved. */
    @DataProvider
    public static Object[][] unconfigured() {
        return samples(PARAMETERS, "config_text_not_stored");
    }

    @DataProvider
    public static Object[][] states() {
        return samples(STATES, "file");
    }

    private static JsonObject sample(JsonObject all, String name) {
        return all.getAsJsonObject(name);
    }

    /** An array as it is written in the expectations. */
    private NDArray array(JsonElement json) {
        JsonObject array = json.getAsJsonObject();
        long[] shape = longs(array.get("shape"));
        if (array.get("type").getAsString().equals("INT64")) {
            return manager.create(longs(array.get("values")), new Shape(shape));
        }
        List<JsonElement> values = array.getAsJsonArray("values").asList();
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).getAsFloat();
        }
        return manager.create(floats, new Shape(shape));
    }

    private static long[] longs(JsonElement json) {
        return json.getAsJsonArray().asList().stream().mapToLong(JsonElement::getAsLong).toArray();
    }

    private static byte[] raw(String name) throws IOException {
        return Files.readAllBytes(
                FOLDER.resolve("params")
                        .resolve(sample(PARAMETERS, name).get("raw").getAsString()));
    }

    private void load(Block block, byte[] bytes) throws IOException, MalformedModelException {
        block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private SequenceBlock block(String name) {
        SequenceBlock block = LegacyModels.block(name);
        if (name.endsWith("-lora")) {
            LoRA.builder().setRank(2).optAlpha(4).build().apply(block, manager);
        }
        return block;
    }

    private void assertGivesWhatItGave(Block block, String name) {
        JsonObject sample = sample(PARAMETERS, name);
        NDList input = new NDList(array(sample.get("input")));
        NDArray output =
                block.forward(new ParameterStore(manager, false), input, false).singletonOrThrow();
        assertNear(output, array(sample.get("output")), TOLERANCE, name);
    }

    @Test(dataProvider = "samples")
    public void parametersAreLoaded(String name) throws IOException, MalformedModelException {
        SequenceBlock fresh = block(name);
        load(fresh, raw(name));
        assertGivesWhatItGave(fresh, name);
        Shape input = array(sample(PARAMETERS, name).get("input")).getShape();
        SequenceBlock initialized = block(name);
        initialized.initialize(manager, DataType.FLOAT32, input);
        load(initialized, raw(name));
        assertGivesWhatItGave(initialized, name);
    }

    /** Optimizers and the checkpoints of trainings refer to parameters by name. */
    @Test(dataProvider = "samples")
    public void parametersHaveTheirNames(String name) throws IOException, MalformedModelException {
        SequenceBlock block = block(name);
        load(block, raw(name));
        JsonObject sample = sample(PARAMETERS, name);
        if (sample.has("parameters")) {
            Assert.assertEquals(block.getParameters().size(), sample.get("parameters").getAsInt());
        }
        if (sample.has("parameter_names")) {
            List<String> names =
                    sample.getAsJsonArray("parameter_names").asList().stream()
                            .map(JsonElement::getAsString)
                            .toList();
            Assert.assertEquals(block.getParameters().keys(), names);
        }
    }

    @Test(dataProvider = "models")
    public void modelsOfDjlAreLoaded(String name) throws IOException, MalformedModelException {
        try (Model model = Model.newInstance(name, device(), engineName)) {
            model.setBlock(block(name));
            model.load(FOLDER.resolve("params/djl"), name);
            Assert.assertEquals(model.getProperty("Epoch"), "3");
            Assert.assertEquals(model.getProperty("Note"), "legacy sample");
            assertGivesWhatItGave(model.getBlock(), name);
        }
    }

    @Test(dataProvider = "configured")
    public void configurationsAreRead(String name) throws IOException, MalformedModelException {
        String text = sample(PARAMETERS, name).get("config_text").getAsString();
        MambaConfig config = MambaConfig.parse(text);
        Assert.assertEquals(config, LegacyModels.config(name));
        Assert.assertTrue(new String(raw(name), StandardCharsets.ISO_8859_1).contains(text));
        if (!name.endsWith("-lora")) {
            MambaLanguageModel model = new MambaLanguageModel(config);
            load(model, raw(name));
            assertGivesWhatItGave(model, name);
        }
    }

    @Test(dataProvider = "unconfigured")
    public void configurationsOfClassifiersAreRead(String name) {
        String text = sample(PARAMETERS, name).get("config_text_not_stored").getAsString();
        Assert.assertEquals(MambaConfig.parse(text), LegacyModels.config(name));
    }

    @Test(dataProvider = "configured")
    public void parametersOfAnotherModelAreRefused(String name) throws IOException {
        MambaConfig saved = LegacyModels.config(name);
        for (Object[] row : configured()) {
            MambaConfig expected = LegacyModels.config((String) row[0]);
            if (expected.equals(saved)) {
                continue;
            }
            byte[] bytes = raw(name);
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> load(new MambaLanguageModel(expected), bytes));
            Assert.assertEquals(
                    e.getMessage(),
                    "The parameters belong to another model: expected "
                            + expected.toJson()
                            + ", found "
                            + saved.toJson());
        }
    }

    @Test
    public void textsThatAreNoConfigurationAreRefused() throws IOException {
        String content = new String(raw("mamba"), StandardCharsets.ISO_8859_1);
        for (String[] change :
                new String[][] {
                    {"MambaConfig[", "MambaConfix["},
                    {"expand=2", "expand=x"},
                    {"ssm=SEL", "ssm=S_L"}
                }) {
            Assert.assertTrue(content.contains(change[0]), change[0]);
            byte[] bytes =
                    content.replace(change[0], change[1]).getBytes(StandardCharsets.ISO_8859_1);
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> load(block("mamba"), bytes));
            Assert.assertTrue(
                    e.getMessage()
                            .startsWith("The parameters do not say which model they belong to"),
                    e.getMessage());
        }
    }

    @Test(dataProvider = "states")
    public void statesAreContinued(String name) throws IOException, MalformedModelException {
        JsonObject sample = sample(STATES, name);
        MambaLanguageModel model = new MambaLanguageModel(LegacyModels.config(name));
        load(model, raw(name));
        Path file = FOLDER.resolve("states").resolve(sample.get("file").getAsString());
        try (InputStream in = Files.newInputStream(file);
                MambaState state = MambaState.load(manager, in)) {
            NDArray prompt = array(sample.get("prompt"));
            Assert.assertEquals(state.batchSize(), prompt.getShape().get(0));
            NDList inputs = new NDList(array(sample.get("continued_with")));
            inputs.addAll(state.toNDList());
            NDList result = model.forward(new ParameterStore(manager, false), inputs, false);
            assertNear(result.singletonOrThrow(), array(sample.get("output")), TOLERANCE, name);
            assertIsTheStateAfter(prompt, name, state);
        }
    }

    private void assertIsTheStateAfter(NDArray prompt, String name, MambaState state)
            throws IOException, MalformedModelException {
        MambaLanguageModel model = new MambaLanguageModel(LegacyModels.config(name), true);
        load(model, raw(name));
        NDList result =
                model.forward(new ParameterStore(manager, false), new NDList(prompt), false);
        NDList expected = result.subNDList(1);
        for (int i = 0; i < expected.size(); i++) {
            assertNear(state.toNDList().get(i), expected.get(i), TOLERANCE, name + ", array " + i);
        }
    }
}
