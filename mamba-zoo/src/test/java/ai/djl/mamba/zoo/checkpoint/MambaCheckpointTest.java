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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * What {@link MambaCheckpoint} saves it loads, bit by bit, and nothing of a file goes unnoticed.
 */
public class MambaCheckpointTest extends EngineSuite {

    private Path work;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public MambaCheckpointTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-checkpoint");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    @DataProvider
    public Object[][] models() {
        List<MambaConfig> configs =
                List.of(
                        builder().build(),
                        builder().optTiedHead(false).optPadVocabMultiple(8).build(),
                        builder()
                                .optMixer(mamba().optBias(true).optConvBias(false).build())
                                .optNorm(Norm.layer(1e-6))
                                .build(),
                        builder()
                                .optMixer(mamba().optTimeStepWeightInit(0.5, true).build())
                                .optDropout(0.25f)
                                .build(),
                        builder().optMixer(S4DOptions.builder().optStateSize(4).build()).build(),
                        builder().optMixer(mamba().optGate(false).build()).build(),
                        builder().optMixer(S4DOptions.builder().optGate(false).build()).build(),
                        unusual(),
                        mamba2(Mamba2Options.builder().optHeadSize(8)),
                        mamba2(
                                Mamba2Options.builder()
                                        .optHeadSize(2)
                                        .optGroups(3)
                                        .optTimeStepLimit(0.25, 0.5)
                                        .optGatedNorm(GatedNorm.BEFORE_GATE)),
                        mamba2(
                                Mamba2Options.builder()
                                        .optHeadSize(1)
                                        .optTimeStepLimit(0.01, Double.POSITIVE_INFINITY)
                                        .optDecayInit(2, 3.5)
                                        .optChannelSkip(true)
                                        .optGatedNorm(GatedNorm.NONE)));
        return configs.stream()
                .flatMap(c -> Stream.of(Dialect.values()).map(d -> new Object[] {c, d}))
                .toArray(Object[][]::new);
    }

    private static MambaConfig.Builder builder() {
        return MambaConfig.builder().setVocabSize(21).setModelSize(12).setNumLayers(2);
    }

    private static MambaOptions.Builder mamba() {
        return MambaOptions.builder();
    }

    private static MambaConfig mamba2(Mamba2Options.Builder builder) {
        Mamba2Options given = builder.build();
        Mamba2Options options =
                builder.optStateSize(5)
                        .optBias(given.groups() > 1)
                        .optConvBias(!given.channelSkip())
                        .optTimeStepInit(new TimeStepInit(0.01, 0.2, 0.003))
                        .build();
        return builder()
                .optMixer(options)
                .optTiedHead(given.groups() > 1)
                .optNorm(new Norm(!given.channelSkip(), 1e-6))
                .optDropout(0.5f)
                .build();
    }

    private static MambaConfig unusual() {
        return MambaConfig.builder()
                .setVocabSize(11)
                .setModelSize(7)
                .setNumLayers(1)
                .optPadVocabMultiple(16)
                .optMixer(
                        mamba().optStateSize(3)
                                .optConvKernel(2)
                                .optExpand(3)
                                .optTimeStepRank(1)
                                .optTimeStepInit(new TimeStepInit(0.01, 0.2, 0.003))
                                .build())
                .build();
    }

    private MambaLanguageModel newModel(MambaConfig config) {
        MambaLanguageModel model = new MambaLanguageModel(config);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        model.freezeParameters(true);
        return model;
    }

    private NDArray logits(MambaLanguageModel model) {
        NDArray input = manager.create(new long[] {1, 10, 3, 4, 5}, new Shape(1, 5));
        return model.forward(new ParameterStore(manager, false), new NDList(input), false).get(0);
    }

    private static Set<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static Set<String> filesOf(Dialect dialect) {
        return switch (dialect) {
            case TRANSFORMERS -> Set.of("config.json", "model.safetensors");
            case ORIGINAL -> Set.of("config.json", "model.safetensors", "pytorch_model.bin");
        };
    }

    private static void assertSameParameters(MambaLanguageModel found, MambaLanguageModel wanted) {
        Assert.assertEquals(found.getParameters().keys(), wanted.getParameters().keys());
        for (Pair<String, Parameter> pair : found.getParameters()) {
            NDArray array = pair.getValue().getArray();
            NDArray other = wanted.getParameters().get(pair.getKey()).getArray();
            Assert.assertEquals(array.getShape(), other.getShape(), pair.getKey());
            Assert.assertEquals(array.toByteBuffer(), other.toByteBuffer(), pair.getKey());
        }
    }

    @Test(dataProvider = "models")
    public void savedModelLoadsBitEqual(MambaConfig config, Dialect dialect) throws Exception {
        Path folder = work.resolve("new").resolve("model");
        MambaLanguageModel model = newModel(config);
        MambaCheckpoint.save(model, folder, dialect);
        MambaCheckpoint.save(model, folder, dialect); // over itself
        Assert.assertEquals(files(folder.getParent()), Set.of("model"), "nothing is left");
        Assert.assertEquals(files(folder), filesOf(dialect));
        Assert.assertEquals(MambaCheckpoint.dialect(folder), dialect);
        Assert.assertTrue(MambaCheckpoint.isCheckpoint(folder));
        MambaLanguageModel loaded = MambaCheckpoint.load(folder, manager);
        Assert.assertEquals(loaded.getConfig(), config);
        assertSameParameters(loaded, model);
        Assert.assertEquals(logits(loaded).toFloatArray(), logits(model).toFloatArray());
        for (Parameter parameter : loaded.getParameters().values()) {
            Assert.assertFalse(parameter.requiresGradient(), parameter.getName());
        }
        if (dialect == Dialect.ORIGINAL) { // the other file holds the same
            Files.delete(folder.resolve("model.safetensors"));
            assertSameParameters(MambaCheckpoint.load(folder, manager), model);
        }
    }

    @Test
    public void namesAreThoseOfTheDialect() throws Exception {
        MambaLanguageModel model = newModel(builder().build());
        MambaCheckpoint.save(model, work.resolve("t"), Dialect.TRANSFORMERS);
        try (TensorSource source = TensorFiles.open(work.resolve("t"))) {
            Set<String> names = source.tensors().keySet();
            Assert.assertTrue(names.contains("backbone.embeddings.weight"), names.toString());
            Assert.assertFalse(names.contains("lm_head.weight"), "transformers ties it by itself");
        }
        MambaCheckpoint.save(model, work.resolve("o"), Dialect.ORIGINAL);
        try (TensorSource source = TensorFiles.open(work.resolve("o"))) {
            Assert.assertTrue(source.isSame("lm_head.weight", "backbone.embedding.weight"));
        }
    }

    @Test
    public void float64IsSavedAndLoadedAsSuch() throws Exception {
        MambaLanguageModel model = new MambaLanguageModel(builder().build());
        model.initialize(manager, DataType.FLOAT64, new Shape(1, 1));
        for (Dialect dialect : Dialect.values()) {
            MambaCheckpoint.save(model, work.resolve("m"), dialect);
            MambaLanguageModel loaded =
                    MambaCheckpoint.load(work.resolve("m"), manager, DataType.FLOAT64);
            assertSameParameters(loaded, model);
            MambaLanguageModel single = MambaCheckpoint.load(work.resolve("m"), manager);
            assertNear(logits(single), logits(model), 1e-5, "logits of " + dialect);
        }
    }

    @Test
    public void widensToFloat64() throws Exception {
        Path folder = Fixtures.folder("hf-tiny");
        MambaLanguageModel model = new MambaLanguageModel(MambaCheckpoint.readConfig(folder));
        MambaCheckpoint.fill(model, folder, manager, DataType.FLOAT64);
        MambaLanguageModel single = MambaCheckpoint.load(folder, manager);
        NDArray wide = model.getEmbedding().getArray();
        Assert.assertEquals(wide.getDataType(), DataType.FLOAT64);
        Assert.assertEquals(doubles(wide), doubles(single.getEmbedding().getArray()));
    }

    @Test
    public void otherTypesAreRefused() throws Exception {
        for (DataType type : new DataType[] {DataType.FLOAT16, DataType.BFLOAT16, DataType.INT32}) {
            if (type == DataType.FLOAT16 && device().isGpu()) {
                continue;
            }
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class,
                            () -> MambaCheckpoint.load(Fixtures.folder("hf-tiny"), manager, type));
            Assert.assertTrue(e.getMessage().contains(engineName), e.getMessage());
            Assert.assertTrue(e.getMessage().contains("got " + type), e.getMessage());
        }
    }

    @Test
    public void staleWeightsDoNotShadowNewOnes() throws Exception {
        MambaLanguageModel model = newModel(builder().build());
        for (Dialect dialect : Dialect.values()) {
            Path folder = Files.createDirectory(work.resolve(dialect.name()));
            for (String stale :
                    new String[] {
                        "model.safetensors",
                        "model.safetensors.index.json",
                        "model-00001-of-00002.safetensors",
                        "pytorch_model.bin",
                        "pytorch_model.bin.index.json",
                        "pytorch_model-00002-of-00002.bin",
                        "tokenizer.json",
                        "model.bin"
                    }) {
                Files.writeString(folder.resolve(stale), "stale");
            }
            MambaCheckpoint.save(model, folder, dialect);
            Assert.assertEquals(
                    files(folder),
                    Stream.concat(
                                    filesOf(dialect).stream(),
                                    Stream.of("tokenizer.json", "model.bin"))
                            .collect(Collectors.toSet()));
            assertSameParameters(MambaCheckpoint.load(folder, manager), model);
        }
    }

    @Test
    public void failedSaveLeavesTheOldModel() throws Exception {
        Path folder = work.resolve("model");
        MambaLanguageModel model = newModel(builder().build());
        MambaCheckpoint.save(model, folder);
        Set<String> before = files(folder);
        for (Dialect dialect : Dialect.values()) {
            MambaLanguageModel empty = new MambaLanguageModel(unusual());
            Assert.expectThrows(
                    RuntimeException.class, () -> MambaCheckpoint.save(empty, folder, dialect));
            Assert.assertEquals(files(folder), before);
            assertSameParameters(MambaCheckpoint.load(folder, manager), model);
        }
    }

    @Test
    public void fillingTwiceIsRefused() throws Exception {
        Path folder = Fixtures.folder("hf-tiny");
        MambaLanguageModel model = MambaCheckpoint.load(folder, manager);
        Assert.expectThrows(
                IllegalStateException.class,
                () -> MambaCheckpoint.fill(model, folder, manager, DataType.FLOAT32));
    }

    @Test
    public void accountsForEveryTensor() throws Exception {
        Path folder = Fixtures.copy("hf-tiny", work);
        Fixtures.edit(
                folder,
                config -> {
                    config.addProperty("state_size", 9);
                    config.addProperty("use_conv_bias", false);
                    config.addProperty("use_bias", true);
                });
        assertMisfit(
                folder,
                "model.safetensors does not fit config.json",
                "backbone.layers.0.mixer.A_log has shape (64, 8), expected (64, 9)",
                "missing backbone.layers.1.mixer.in_proj.bias (128)",
                "unexpected backbone.layers.1.mixer.conv1d.bias (64)");
    }

    @Test
    public void longListsOfProblemsEndWithACount() throws Exception {
        Path folder = Fixtures.copy("hf-tiny", work);
        Fixtures.edit(folder, config -> config.addProperty("num_hidden_layers", 12));
        // ten layers of ten tensors
        assertMisfit(folder, "missing backbone.layers.2.norm.weight (32)", "and 80 more missing");
        Fixtures.edit(
                folder,
                config -> {
                    config.addProperty("num_hidden_layers", 1);
                    config.addProperty("hidden_size", 1 << 14);
                    config.remove("intermediate_size");
                });
        assertMisfit(
                folder,
                "backbone.embeddings.weight has shape (96, 32), expected (96, 16384)",
                "unexpected backbone.layers.1.mixer.A_log (64, 8)");
    }

    private void assertMisfit(Path folder, String... parts) {
        try (NDManager scratch = manager.newSubManager()) {
            MalformedModelException e =
                    Assert.expectThrows(
                            MalformedModelException.class,
                            () -> MambaCheckpoint.load(folder, scratch));
            for (String part : parts) {
                Assert.assertTrue(e.getMessage().contains(part), part + " in " + e.getMessage());
            }
            Assert.assertEquals(scratch.getManagedArrays().size(), 0, "arrays of a failed load");
        }
    }

    @Test
    public void hugeSizesTakeNoMemory() throws Exception {
        Path folder = Fixtures.copy("hf-tiny", work);
        Fixtures.edit(folder, config -> config.addProperty("state_size", 1 << 30));
        assertMisfit(folder, "expected (64, 1073741824)");
        Fixtures.edit(folder, config -> config.addProperty("ssm", "s4d"));
        assertMisfit(folder, "missing backbone.layers.0.mixer.ssm.A_imag (64, 536870912)");
    }

    @Test
    public void missingFilesAreNamed() throws Exception {
        Path folder = work.resolve("absent");
        IOException e =
                Assert.expectThrows(IOException.class, () -> MambaCheckpoint.load(folder, manager));
        Assert.assertTrue(e.getMessage().contains("absent"), e.getMessage());
        Path noWeights = Fixtures.copy("hf-tiny", work);
        Files.delete(noWeights.resolve("model.safetensors"));
        e = Assert.expectThrows(IOException.class, () -> MambaCheckpoint.load(noWeights, manager));
        Assert.assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
        Files.delete(noWeights.resolve("config.json"));
        e = Assert.expectThrows(IOException.class, () -> MambaCheckpoint.load(noWeights, manager));
        Assert.assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }
}
