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
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** What {@link ClassifierCheckpoint} saves it loads, bit by bit, in the form of transformers. */
public class ClassifierCheckpointTest extends EngineSuite {

    private static final List<String> LABELS = List.of("good", "bad", "\"neither\"");
    private static final int VECTOR_SIZE = 6;

    private Path work;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ClassifierCheckpointTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-classifier");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private static MambaClassifier.Builder builder() {
        MambaConfig config =
                MambaConfig.builder().setVocabSize(21).setModelSize(8).setNumLayers(2).build();
        return MambaClassifier.builder().setConfig(config).setNumClasses(LABELS.size());
    }

    private static MambaClassifier.Builder mamba2() {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(21)
                        .setModelSize(8)
                        .setNumLayers(2)
                        .optMixer(
                                Mamba2Options.builder()
                                        .optStateSize(3)
                                        .optHeadSize(4)
                                        .optGroups(2)
                                        .build())
                        .optTiedHead(false)
                        .build();
        return builder().setConfig(config);
    }

    private MambaClassifier initialized(MambaClassifier.Builder builder, DataType type) {
        MambaClassifier model = builder.build();
        Shape ids = new Shape(1, 1);
        Shape vectors = new Shape(1, 1, VECTOR_SIZE);
        model.initialize(manager, type, model.getEmbedding() == null ? vectors : ids);
        model.freezeParameters(true);
        return model;
    }

    private double[] logits(MambaClassifier model) {
        NDArray input =
                model.getEmbedding() == null
                        ? normal(1, model.dataType(), 2, 3, VECTOR_SIZE)
                        : manager.create(new long[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
        ParameterStore store = new ParameterStore(manager, false);
        return doubles(model.forward(store, new NDList(input), false).get(0));
    }

    @DataProvider
    public Object[][] models() {
        return new Object[][] {
            {builder()},
            {builder().optPooling(Pooling.MEAN).optHeadBias(false)},
            {builder().optBidirectional(true)},
            {builder().optBidirectional(true).optPooling(Pooling.LAST).optVectorInput(true)},
            {builder().optVectorInput(true).optHeadBias(false)},
            {mamba2()},
            {mamba2().optBidirectional(true).optPooling(Pooling.MEAN)}
        };
    }

    @Test(dataProvider = "models")
    public void savedClassifierLoadsBitEqual(MambaClassifier.Builder builder) throws Exception {
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            MambaClassifier model = initialized(builder, type);
            Path folder = work.resolve("model");
            ClassifierCheckpoint.save(model, LABELS, folder);
            Assert.assertTrue(MambaCheckpoint.isClassifier(folder));
            Assert.assertEquals(ClassifierCheckpoint.labels(folder), LABELS);
            MambaClassifier loaded = ClassifierCheckpoint.load(folder, manager, type);
            Assert.assertEquals(loaded.getConfig(), model.getConfig());
            Assert.assertEquals(loaded.getPooling(), model.getPooling());
            Assert.assertEquals(loaded.isBidirectional(), model.isBidirectional());
            Assert.assertEquals(loaded.getParameters().keys(), model.getParameters().keys());
            for (Pair<String, Parameter> pair : loaded.getParameters()) {
                NDArray array = pair.getValue().getArray();
                NDArray wanted = model.getParameters().get(pair.getKey()).getArray();
                Assert.assertEquals(array.toByteBuffer(), wanted.toByteBuffer(), pair.getKey());
                Assert.assertFalse(pair.getValue().requiresGradient(), pair.getKey());
            }
            Assert.assertEquals(logits(loaded), logits(model));
        }
    }

    /** Saves a classifier and changes its configuration. */
    private Path edited(MambaClassifier.Builder builder, Consumer<JsonObject> change)
            throws IOException {
        Path folder = work.resolve("model");
        ClassifierCheckpoint.save(initialized(builder, DataType.FLOAT32), LABELS, folder);
        Fixtures.edit(folder, change);
        return folder;
    }

    @Test
    public void withoutOwnKeysTheHeadIsThatOfTransformers() throws Exception {
        Path folder =
                edited(
                        builder().optHeadBias(false),
                        config -> {
                            config.remove("pooling");
                            config.remove("bidirectional");
                            config.remove("score_bias");
                            config.remove("id2label");
                            config.remove("label2id");
                        });
        MambaClassifier loaded = ClassifierCheckpoint.load(folder, manager);
        Assert.assertEquals(loaded.getPooling(), Pooling.LAST);
        Assert.assertFalse(loaded.isBidirectional());
        Assert.assertNull(loaded.getHead().getBias());
        Assert.assertEquals(
                ClassifierCheckpoint.labels(folder), List.of("LABEL_0", "LABEL_1", "LABEL_2"));
    }

    @Test
    public void aBiasThatIsNotExpectedIsNoticed() throws Exception {
        Path folder = edited(builder(), config -> config.remove("score_bias"));
        assertRefused(folder, "unexpected score.bias (3)");
    }

    @DataProvider
    public Object[][] badConfigs() {
        return new Object[][] {
            {"id2label", "{\"0\": \"a\", \"2\": \"b\", \"3\": \"c\"}", "id2label"},
            {"id2label", "{\"0\": \"a\", \"1\": \"b\"}", "num_labels"},
            {"id2label", "{}", "id2label"},
            {"id2label", "[\"a\"]", "id2label"},
            {"num_labels", "4", "num_labels"},
            {"pooling", "\"max\"", "pooling"},
            {"bidirectional", "1", "bidirectional"},
            {"vector_size", "-1", "vector_size"},
            {"architectures", "[\"MambaForCausalLM\"]", "sequence classification"}
        };
    }

    @Test(dataProvider = "badConfigs")
    public void badConfigurationsAreRefused(String key, String value, String reason)
            throws Exception {
        assertRefused(
                edited(builder(), config -> config.add(key, JsonParser.parseString(value))),
                reason);
    }

    @Test
    public void hugeNumbersOfClassesAreRefused() throws Exception {
        Path folder =
                edited(
                        builder(),
                        config -> {
                            config.remove("id2label");
                            config.addProperty("num_labels", 1_000_000_000);
                        });
        assertRefused(folder, "num_labels");
        Assert.expectThrows(
                MalformedModelException.class, () -> ClassifierCheckpoint.labels(folder));
    }

    private void assertRefused(Path folder, String reason) {
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class,
                        () -> ClassifierCheckpoint.load(folder, manager));
        Assert.assertTrue(e.getMessage().contains(reason), e.getMessage());
        Assert.assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @Test
    public void classifiersAreNoLanguageModels() throws Exception {
        Path folder = edited(builder(), config -> {});
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> MambaCheckpoint.load(folder, manager));
        Assert.assertTrue(e.getMessage().contains("classifier"), e.getMessage());
        assertRefused(Fixtures.folder("hf-tiny"), "sequence classification");
    }

    @Test
    public void labelsMustBeThoseOfTheClasses() {
        MambaClassifier model = initialized(builder(), DataType.FLOAT32);
        for (List<String> labels : List.of(List.of("a", "b"), List.of("a", "b", "a"))) {
            Assert.expectThrows(
                    IllegalArgumentException.class,
                    () -> ClassifierCheckpoint.save(model, labels, work.resolve("model")));
        }
        Assert.assertFalse(Files.exists(work.resolve("model")));
    }
}
