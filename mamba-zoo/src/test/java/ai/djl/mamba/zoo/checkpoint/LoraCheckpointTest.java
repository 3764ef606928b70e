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

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.Adapters;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.zoo.internal.tensors.SafetensorsReader;
import ai.djl.mamba.zoo.internal.tensors.TorchWriter;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.Fixtures.Expected;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Adapters in the files of PEFT: what it saved, and what we save. */
public class LoraCheckpointTest extends LoraFilesSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public LoraCheckpointTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public Object[][] fixtures() {
        return new Object[][] {{"peft-tiny", 6}, {"peft-tiny-patterns", 3}};
    }

    /** The logits are what peft 0.21.2 computes with transformers 4.57.6. */
    @Test(dataProvider = "fixtures")
    public void agreesWithPeft(String name, int adapters) throws Exception {
        MambaLanguageModel model = tiny();
        LoraCheckpoint.load(model, Fixtures.folder(name));
        long found =
                Adapters.projections(model).stream().filter(p -> p.getAdapter() != null).count();
        Assert.assertEquals(found, adapters);
        Assert.assertEquals(trainable(model), Set.of());
        assertAgrees(model, name, "unmerged");
        LoRA.merge(model);
        assertAgrees(model, name, "merged");
    }

    private void assertAgrees(MambaLanguageModel model, String name, String what) throws Exception {
        Path file = Fixtures.folder(name).resolve("expected.json");
        try (Reader json = Files.newBufferedReader(file)) {
            for (Expected expected : new Gson().fromJson(json, Expected[].class)) {
                long[] ids = expected.input_ids();
                NDArray input = manager.create(ids, new Shape(1, ids.length));
                double[] wanted =
                        Arrays.stream(expected.logits()).flatMapToDouble(Arrays::stream).toArray();
                assertNear(doubles(infer(model, input)), wanted, 1e-5, name + " " + what);
            }
        }
    }

    private static Set<String> trainable(Block block) {
        Set<String> names = new TreeSet<>();
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (pair.getValue().requiresGradient()) {
                names.add(pair.getKey());
            }
        }
        return names;
    }

    /** Makes the same model each time. */
    private interface Maker {
        Block make();
    }

    private static Maker languageModel(Consumer<MambaConfig.Builder> options) {
        return () -> {
            MambaConfig.Builder config = smallConfig();
            options.accept(config);
            return new MambaLanguageModel(config.build());
        };
    }

    private static MambaClassifier.Builder classifier() {
        return MambaClassifier.builder().setConfig(smallConfig().build()).setNumClasses(3);
    }

    private Block initialized(Maker maker) {
        Block block = maker.make();
        boolean vectors = block instanceof MambaClassifier c && c.getEmbedding() == null;
        manager.getEngine().setRandomSeed(5);
        block.initialize(manager, DataType.FLOAT32, vectors ? new Shape(1, 1, 5) : new Shape(1, 1));
        return block;
    }

    private NDArray input(Block block) {
        return block instanceof MambaClassifier c && c.getEmbedding() == null
                ? normal(1, DataType.FLOAT32, 2, LENGTH, 5)
                : ids(manager, 2);
    }

    private static void makeMamba2(MambaConfig.Builder config) {
        config.optMixer(Mamba2Options.builder().optHeadSize(8).build());
    }

    /** Targets, what is trained beside them, and how PEFT calls both. */
    @DataProvider
    public Object[][] models() {
        Maker s4d = languageModel(config -> config.optMixer(new S4DOptions()));
        Maker mamba2 = languageModel(LoraCheckpointTest::makeMamba2);
        Maker tied = languageModel(config -> {});
        Maker both = () -> classifier().optBidirectional(true).build();
        Maker vectors = () -> classifier().optVectorInput(true).build();
        return new Object[][] {
            {
                tied,
                List.of("in_proj", "x_proj", "dt_proj", "out_proj"),
                List.of(),
                "[dt_proj, in_proj, out_proj, x_proj]",
                null
            },
            {
                languageModel(config -> config.optTiedHead(false)),
                List.of("lm_head"),
                List.of("embedding"),
                "[lm_head]",
                "[embeddings]"
            },
            {
                tied,
                List.of("*_02layer_*x_proj"),
                List.of("embedding", "norm_f", "*_01layer_*conv1d"),
                "[backbone.layers.1.mixer.x_proj]",
                "[backbone.layers.0.mixer.conv1d, embeddings, lm_head, norm_f]"
            },
            {s4d, List.of("in_proj"), List.of(), "[in_proj]", null},
            {
                mamba2,
                List.of("in_proj", "out_proj"),
                List.of("*_01layer_*mixer_*norm"),
                "[in_proj, out_proj]",
                "[backbone.layers.0.mixer.norm]"
            },
            {
                both,
                List.of("*_01forward_*in_proj"),
                List.of("head", "norm"),
                "[backbone.layers.0.mixer.forward.in_proj,"
                        + " backbone.layers.1.mixer.forward.in_proj]",
                "[norm, score]"
            },
            {vectors, List.of("input_proj", "head"), List.of(), "[input_proj, score]", null}
        };
    }

    @Test(dataProvider = "models")
    public void savedAdaptersLoadBitEqual(
            Maker maker, List<String> targets, List<String> trained, String modules, String saved)
            throws Exception {
        Block block = initialized(maker);
        LoRA lora =
                LoRA.builder()
                        .setRank(2)
                        .optAlpha(3)
                        .optDropout(0.25)
                        .optTargets(targets.toArray(new String[0]))
                        .optTrainable(trained.toArray(new String[0]))
                        .build();
        lora.apply(block, manager);
        Adapters.fill(block, 0.5);
        for (Parameter parameter : lora.trainableParameters(block)) {
            parameter.freeze(true);
            parameter.getArray().muli(1.25);
            parameter.freeze(false);
        }
        Set<String> trains = trainable(block);
        double[] expected = doubles(infer(block, input(block)));
        Path folder = work.resolve("new/adapter");
        LoraCheckpoint.save(block, lora, folder, "the/model");

        JsonObject config = config(folder);
        Assert.assertEquals(list(config, "target_modules"), modules);
        Assert.assertEquals(
                config.has("modules_to_save") ? list(config, "modules_to_save") : null, saved);
        Assert.assertEquals(config.get("base_model_name_or_path").getAsString(), "the/model");
        Assert.assertEquals(config.get("lora_alpha").toString(), "3");

        Block other = initialized(maker);
        other.freezeParameters(true);
        LoRA loaded = LoraCheckpoint.load(other, folder);
        Assert.assertEquals(doubles(infer(other, input(other))), expected, "loaded");
        Assert.assertEquals(trainable(other), Set.of(), "trainable for inference");
        loaded.freeze(other);
        Assert.assertEquals(trainable(other), trains, "trainable to continue");
        for (Projection projection : Adapters.projections(other)) {
            LowRankAdapter adapter = projection.getAdapter();
            if (adapter != null) {
                Assert.assertEquals(adapter.getDropout(), 0.25);
            }
        }
        Path again = work.resolve("again");
        LoraCheckpoint.save(other, loaded, again, "the/model");
        Assert.assertEquals(config(again), config);
        Assert.assertEquals(
                Files.readAllBytes(again.resolve(TENSORS)),
                Files.readAllBytes(folder.resolve(TENSORS)));
    }

    private static String list(JsonObject config, String key) {
        return config.getAsJsonArray(key).asList().stream()
                .map(element -> element.getAsString())
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @Test
    public void theFilesHaveTheNamesOfPeft() throws Exception {
        Block block = initialized(() -> classifier().build());
        LoRA lora = LoRA.builder().setRank(2).optTrainable("head").build();
        lora.apply(block, manager);
        LoraCheckpoint.save(block, lora, work);
        try (SafetensorsReader reader = new SafetensorsReader(work.resolve(TENSORS))) {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            reader.tensors().forEach((name, info) -> shapes.put(name, info.shape()));
            Map<String, Shape> expected = new LinkedHashMap<>();
            for (int i = 0; i < 2; i++) {
                String mixer = "base_model.model.backbone.layers." + i + ".mixer.";
                expected.put(mixer + "in_proj.lora_A.weight", new Shape(2, 16));
                expected.put(mixer + "in_proj.lora_B.weight", new Shape(64, 2));
                expected.put(mixer + "x_proj.lora_A.weight", new Shape(2, 32));
                expected.put(mixer + "x_proj.lora_B.weight", new Shape(9, 2));
            }
            expected.put("base_model.model.score.weight", new Shape(3, 16));
            expected.put("base_model.model.score.bias", new Shape(3));
            Assert.assertEquals(shapes, expected);
        }
        Assert.assertEquals(
                config(work).toString(),
                "{\"peft_type\":\"LORA\",\"task_type\":\"SEQ_CLS\","
                        + "\"r\":2,\"lora_alpha\":2,"
                        + "\"lora_dropout\":0,\"use_rslora\":false,"
                        + "\"target_modules\":[\"in_proj\",\"x_proj\"],"
                        + "\"rank_pattern\":{},\"alpha_pattern\":{},\"bias\":\"none\","
                        + "\"fan_in_fan_out\":false,\"use_dora\":false,"
                        + "\"init_lora_weights\":true,\"inference_mode\":true,"
                        + "\"modules_to_save\":[\"score\"]}");
    }

    @Test
    public void mamba2HasTheDefaultTargetThatItsBlocksHave() throws Exception {
        Block block = initialized(languageModel(LoraCheckpointTest::makeMamba2));
        LoRA lora = LoRA.builder().setRank(2).build();
        lora.apply(block, manager);
        LoraCheckpoint.save(block, lora, work);
        Assert.assertEquals(list(config(work), "target_modules"), "[in_proj]");
    }

    @Test
    public void ranksMayDiffer() throws Exception {
        Maker maker = languageModel(config -> {});
        Block block = initialized(maker);
        LoRA first =
                LoRA.builder().setRank(2).optRankStabilized(true).optTargets("in_proj").build();
        first.apply(block, manager);
        LoRA.builder()
                .setRank(3)
                .optAlpha(1.5)
                .optRankStabilized(true)
                .optTargets("*_02layer_*x_proj")
                .build()
                .apply(block, manager);
        Adapters.fill(block, 0.5);
        double[] expected = doubles(infer(block, input(block)));
        LoraCheckpoint.save(block, first, work);
        JsonObject config = config(work);
        String module = "backbone.layers.1.mixer.x_proj";
        Assert.assertEquals(config.get("rank_pattern").toString(), "{\"" + module + "\":3}");
        Assert.assertEquals(config.get("alpha_pattern").toString(), "{\"" + module + "\":1.5}");
        Block other = initialized(maker);
        LoraCheckpoint.load(other, work);
        Assert.assertEquals(doubles(infer(other, input(other))), expected);
    }

    @Test
    public void olderFilesOfPyTorchLoad() throws Exception {
        Path folder = Fixtures.copy("peft-tiny", work);
        try (SafetensorsReader reader = new SafetensorsReader(folder.resolve(TENSORS))) {
            Map<String, NDArray> arrays = read(reader);
            TorchWriter.write(folder.resolve("adapter_model.bin"), arrays);
        }
        Files.delete(folder.resolve(TENSORS));
        MambaLanguageModel model = tiny();
        LoRA lora = LoraCheckpoint.load(model, folder);
        assertAgrees(model, "peft-tiny", "from a .bin");
        Files.writeString(folder.resolve("model.safetensors"), "another file");
        LoraCheckpoint.save(model, lora, folder);
        try (Stream<Path> files = Files.list(folder)) {
            Assert.assertEquals(
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()),
                    Set.of(CONFIG, TENSORS, "model.safetensors"));
        }
    }

    @Test
    public void whatTheFilesCannotHoldIsRefused() {
        Block block = initialized(languageModel(config -> {}));
        LoRA lora = LoRA.builder().setRank(2).optTrainable("A_log").build();
        assertRefused("The model has no adapters", block, lora);
        lora.apply(block, manager);
        assertRefused(
                "The files hold whole modules, but only a part of backbone.layers.0.mixer was trained",
                block,
                lora);
        LoRA whole = LoRA.builder().setRank(2).optTrainable("mixer").build();
        assertRefused(
                "The files cannot hold both an adapter of backbone.layers.0.mixer.in_proj and the"
                        + " weight that it adapts",
                block,
                whole);
        LoRA dropout = LoRA.builder().setRank(2).optDropout(0.5).optTargets("out_proj").build();
        dropout.apply(block, manager);
        assertRefused(
                "The files have one rate of dropout for all adapters, and stabilize the rank of all"
                        + " or none; the adapters of the model differ",
                block,
                dropout);
        Assert.assertFalse(Files.exists(work.resolve("adapter")));
    }

    private void assertRefused(String message, Block block, LoRA lora) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> LoraCheckpoint.save(block, lora, work.resolve("adapter")));
        Assert.assertEquals(e.getMessage(), message);
    }

    @Test
    public void adaptersAreNotForgottenSilently() throws Exception {
        MambaLanguageModel model = tiny();
        LoraCheckpoint.load(model, Fixtures.folder("peft-tiny"));
        Path folder = work.resolve("model");
        Assert.assertThrows(
                IllegalArgumentException.class, () -> MambaCheckpoint.save(model, folder));
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> LoraCheckpoint.load(model, Fixtures.folder("peft-tiny")));
        LoRA.merge(model);
        MambaCheckpoint.save(model, folder);
        assertAgrees(MambaCheckpoint.load(folder, manager), "peft-tiny", "saved merged");
        MambaClassifier classifier = (MambaClassifier) initialized(() -> classifier().build());
        LoRA.builder().setRank(1).build().apply(classifier, manager);
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> ClassifierCheckpoint.save(classifier, List.of("a", "b", "c"), folder));
    }

    @Test
    public void loadingLeavesNothingBehind() throws Exception {
        MambaLanguageModel model = tiny();
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 2; i++) {
            LoraCheckpoint.load(model, Fixtures.folder("peft-tiny"));
            Assert.assertEquals(manager.getManagedArrays().size(), before + 12);
            LoRA.detach(model);
            Assert.assertEquals(manager.getManagedArrays().size(), before);
        }
    }
}
