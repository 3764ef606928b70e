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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.Logs;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsReader;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsWriter;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.Fixtures.Expected;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Adapters as PEFT 0.21.2 saves them compute what they do in Python: those that train embedding or
 * head, with names as other tools write them, with expressions of Python.
 */
public class PeftFilesTest extends LoraFilesSuite {

    private static final String TIED = "hf-tiny";
    private static final String UNTIED = "hf-tiny-mamba2";

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public PeftFilesTest(EngineSetup engine) {
        super(engine);
    }

    /** The adapters, the model that they are for, and whether its head is tied with them. */
    @DataProvider
    public Object[][] adapters() {
        return new Object[][] {
            {"embedding-saved", TIED, false},
            {"head-saved", TIED, false},
            {"both-saved", TIED, false},
            {"tying-ensured", TIED, true},
            {"head-adapted", TIED, false},
            {"layers-saved", TIED, true},
            {"python-regex", TIED, true},
            {"time-step", TIED, true},
            {"untied-head-adapted", UNTIED, false},
            {"untied-embedding-saved", UNTIED, false}
        };
    }

    private static Path peft(String name) throws Exception {
        return Path.of(PeftFilesTest.class.getResource("/peft/" + name).toURI());
    }

    private MambaLanguageModel base(String name) throws Exception {
        return MambaCheckpoint.load(Fixtures.folder(name), manager);
    }

    private double[] logits(MambaLanguageModel model) {
        return doubles(infer(model, manager.create(new long[] {1, 10, 3, 40, 5}, new Shape(1, 5))));
    }

    private static double[] expected(String name) throws Exception {
        try (Reader json = Files.newBufferedReader(peft(name).resolve("expected.json"))) {
            Expected expected = new Gson().fromJson(json, Expected[].class)[0];
            return Arrays.stream(expected.logits()).flatMapToDouble(Arrays::stream).toArray();
        }
    }

    @Test(dataProvider = "adapters")
    public void computesWhatPeftComputes(String name, String base, boolean isTied)
            throws Exception {
        MambaLanguageModel model = base(base);
        LoRA lora = LoraCheckpoint.load(model, peft(name));
        Assert.assertEquals(model.getConfig().tiedHead(), isTied);
        assertNear(logits(model), expected(name), 1e-5, name + " unmerged");
        Path again = work.resolve("again");
        LoraCheckpoint.save(model, lora, again);
        MambaLanguageModel other = base(base);
        LoraCheckpoint.load(other, again);
        assertNear(logits(other), expected(name), 1e-5, name + " saved and loaded");
        LoRA.merge(model);
        assertNear(logits(model), expected(name), 1e-5, name + " merged");
        for (Dialect dialect : Dialect.values()) {
            Path folder = work.resolve("model-" + dialect);
            MambaCheckpoint.save(model, folder, dialect);
            MambaLanguageModel saved = MambaCheckpoint.load(folder, manager);
            Assert.assertEquals(saved.getConfig(), model.getConfig());
            assertNear(logits(saved), expected(name), 1e-5, name + " merged and saved");
        }
    }

    @Test(dataProvider = "adapters")
    public void modelOfTheOriginalDialect(String name, String base, boolean isTied)
            throws Exception {
        Path folder = work.resolve("original");
        MambaCheckpoint.save(base(base), folder, Dialect.ORIGINAL);
        MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
        LoraCheckpoint.load(model, peft(name));
        Assert.assertEquals(model.getConfig().tiedHead(), isTied);
        assertNear(logits(model), expected(name), 1e-5, name);
    }

    /** How else the tensors may be named. */
    @DataProvider
    public Object[][] names() {
        UnaryOperator<String> bare = name -> name.replace("base_model.model.", "");
        UnaryOperator<String> backbone =
                name -> name.replace("base_model.model.backbone.", "base_model.model.");
        UnaryOperator<String> original = name -> name.replace("embeddings.", "embedding.");
        UnaryOperator<String> inMemory =
                name ->
                        name.replaceFirst("(lora_[AB])\\.", "$1.default.")
                                .replaceFirst(
                                        "(embeddings|model\\.lm_head)\\.w",
                                        "$1.modules_to_save.default.w");
        UnaryOperator<String> old =
                name -> name.replace("embeddings.w", "embeddings.modules_to_save.w");
        UnaryOperator<String> compiled = name -> "_orig_mod." + name;
        UnaryOperator<String> within =
                name -> name.replace("base_model.model.", "base_model.model.module._orig_mod.");
        return new Object[][] {
            {bare}, {backbone}, {original}, {inMemory}, {old}, {compiled}, {within}
        };
    }

    @Test(dataProvider = "names")
    public void otherNamesOfTheSame(UnaryOperator<String> rename) throws Exception {
        for (String name : List.of("embedding-saved", "both-saved")) {
            Path folder = copy(name);
            Map<String, NDArray> renamed = new LinkedHashMap<>();
            try (SafetensorsReader reader = new SafetensorsReader(folder.resolve(TENSORS))) {
                read(reader).forEach((key, value) -> renamed.put(rename.apply(key), value));
            }
            SafetensorsWriter.write(folder.resolve(TENSORS), renamed);
            if (renamed.keySet().stream().anyMatch(key -> key.contains("embedding."))) {
                String config = Files.readString(folder.resolve(CONFIG));
                Files.writeString(
                        folder.resolve(CONFIG), config.replace("\"embeddings", "\"embedding"));
            }
            MambaLanguageModel model = base(TIED);
            LoraCheckpoint.load(model, folder);
            assertNear(logits(model), expected(name), 1e-5, name);
        }
    }

    private static void edit(Path folder, String key, String json) throws Exception {
        JsonObject config = config(folder);
        config.add(key, JsonParser.parseString(json));
        Files.writeString(folder.resolve(CONFIG), config.toString());
    }

    @Test
    public void namesThatStandForTheSameAreRefused() throws Exception {
        Path folder = copy("embedding-saved");
        Map<String, NDArray> arrays;
        try (SafetensorsReader reader = new SafetensorsReader(folder.resolve(TENSORS))) {
            arrays = read(reader);
        }
        String embedding = "base_model.model.backbone.embeddings.";
        arrays.put(embedding + "modules_to_save.weight", arrays.get(embedding + "weight"));
        SafetensorsWriter.write(folder.resolve(TENSORS), arrays);
        assertRefused(folder, "both stand for " + embedding + "weight");
    }

    @Test
    public void shardsOfAdapters() throws Exception {
        Path folder = copy("both-saved");
        Map<String, NDArray> arrays;
        try (SafetensorsReader reader = new SafetensorsReader(folder.resolve(TENSORS))) {
            arrays = read(reader);
        }
        Files.delete(folder.resolve(TENSORS));
        JsonObject map = new JsonObject();
        int shard = 0;
        for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
            String file = String.format("adapter_model-%05d-of-00004.safetensors", ++shard);
            SafetensorsWriter.write(folder.resolve(file), Map.of(array.getKey(), array.getValue()));
            map.addProperty(array.getKey(), file);
        }
        JsonObject index = new JsonObject();
        index.add("weight_map", map);
        Files.writeString(folder.resolve(TENSORS + ".index.json"), index.toString());
        MambaLanguageModel model = base(TIED);
        LoRA lora = LoraCheckpoint.load(model, folder);
        assertNear(logits(model), expected("both-saved"), 1e-5, "of shards");
        LoraCheckpoint.save(model, lora, folder); // shards that are left over must not shadow it
        LoraCheckpoint.load(base(TIED), folder);
        Assert.assertFalse(Files.exists(folder.resolve(TENSORS + ".index.json")));
    }

    private Path copy(String name) throws Exception {
        Path folder = Files.createTempDirectory(work, name);
        for (String file : List.of(CONFIG, TENSORS)) {
            Files.copy(peft(name).resolve(file), folder.resolve(file));
        }
        return folder;
    }

    @Test
    public void aRefusedAdapterLeavesTheHeadTied() throws Exception {
        Path folder = copy("embedding-saved");
        edit(folder, "modules_to_save", "[\"embeddings\", \"norm_f\"]");
        MambaLanguageModel model = base(TIED);
        int arrays = manager.getManagedArrays().size();
        Assert.assertThrows(
                MalformedModelException.class, () -> LoraCheckpoint.load(model, folder));
        Assert.assertTrue(model.getConfig().tiedHead());
        Assert.assertNull(model.getHead());
        Assert.assertEquals(manager.getManagedArrays().size(), arrays);
    }

    @Test
    public void adaptersOfTheTimeStepAreExplainedOnce() throws Exception {
        String loaded = Logs.of(() -> LoraCheckpoint.load(base(TIED), peft("time-step")));
        Assert.assertEquals(loaded.split("mixer.dt_proj", -1).length, 3, loaded); // two layers
        Assert.assertTrue(loaded.contains("PEFT leaves them out"), loaded);
        LoRA lora = LoRA.builder().setRank(1).optTargets("dt_proj").build();
        MambaLanguageModel model = base(TIED);
        String trained = Logs.of(() -> lora.apply(model, manager));
        Assert.assertTrue(trained.contains("PEFT leaves them out"), trained);
        String other = Logs.of(() -> LoraCheckpoint.load(base(TIED), peft("head-saved")));
        Assert.assertFalse(other.contains("dt_proj"), other);
    }

    /** Expressions, and what is said of those that Java cannot read. */
    @DataProvider
    public Object[][] expressions() {
        return new Object[][] {
            {"\".*(?(1)a|b)in_proj\"", "a regular expression that Java can read ("},
            {"\"(?P<a>x)(?P<a>y)\"", "two groups have one name near index 8"},
            {"\"(?P=a)\"", "unknown group near index 0"},
            {"\"(?P<a>x)(?P=a)\"", "references to groups are not supported near index 8"},
            {"\"(a)\\\\1\"", "invalid escape sequence: \\1 near index 3"},
            {"\".*(?=x)\"", "Perl syntax: (?= near index 2"},
            {"\".*(?<!x)y\"", "near index"},
            {"\"(?>a)\"", "Perl syntax: (?> near index 0"},
            {"\"(((a{30}){30}){30})\"", "too many repetitions near index"},
            {"\"" + "a".repeat(10_001) + "\"", "too long"}
        };
    }

    @Test(dataProvider = "expressions")
    public void expressionsThatJavaCannotReadAreRefused(String regex, String complaint)
            throws Exception {
        Path folder = copy("python-regex");
        edit(folder, "target_modules", regex);
        assertRefused(folder, complaint);
    }

    @Test
    public void unknownKeysAreSaid() throws Exception {
        Path folder = copy("head-saved");
        edit(folder, "use_something_new", "true");
        String said = Logs.of(() -> LoraCheckpoint.load(base(TIED), folder));
        Assert.assertTrue(said.contains("unknown keys [use_something_new]"), said);
    }

    private void assertRefused(Path folder, String complaint) throws Exception {
        MambaLanguageModel model = base(TIED);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> LoraCheckpoint.load(model, folder));
        Assert.assertTrue(e.getMessage().contains(complaint), e.getMessage());
    }
}
