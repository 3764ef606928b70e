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
package ai.djl.mamba.examples.cli.transformer;

import ai.djl.Model;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import ai.djl.util.Pair;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The transformer that Mamba is compared with: causal, packed, cached, trainable. */
public class TransformerTest extends ModelSuite {

    private static final double TOLERANCE = 1e-5;
    private static final String KEYS = ".*keyProjection_bias";
    private static final String SHIFTS =
            ".*(keyProjection|valueProjection|resultProjection|03Linear)_bias";

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public TransformerTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public static Object[][] kinds() {
        return new Object[][] {{false}, {true}};
    }

    private static TransformerLanguageModel build(boolean preNorm) {
        return TransformerLanguageModel.builder()
                .setVocabSize(VOCAB)
                .setModelSize(16)
                .setNumLayers(2)
                .optHeads(4)
                .optPreNorm(preNorm)
                .build();
    }

    private TransformerLanguageModel block(boolean preNorm) {
        TransformerLanguageModel block = build(preNorm);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, LENGTH));
        return block;
    }

    private NDArray random(long seed, int rows, int length) {
        long[] ids = new Random(seed).longs((long) rows * length, 0, VOCAB).toArray();
        return manager.create(ids, new Shape(rows, length));
    }

    /** The same ids with another token at a place of the first row. */
    private NDArray changed(NDArray ids, int place) {
        long[] values = ids.toLongArray();
        values[place] = (values[place] + 1) % VOCAB;
        return manager.create(values, ids.getShape());
    }

    @Test(dataProvider = "kinds")
    public void laterTokensChangeNothingBefore(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        NDArray ids = random(1, 2, LENGTH);
        NDArray before = infer(block, ids);
        for (int place = 0; place < LENGTH; place++) {
            NDArray after = infer(block, changed(ids, place));
            String until = "0:1, :" + place;
            if (place > 0) {
                assertNear(after.get(until), before.get(until), 0, "before " + place);
            }
            String there = "0, " + place;
            Assert.assertNotEquals(
                    after.get(there).toFloatArray(), before.get(there).toFloatArray());
            assertNear(after.get("1"), before.get("1"), 0, "the other row");
        }
    }

    /** With batch norm it is not, as the documentation says. */
    @Test
    public void preNormIsCausalInTrainingToo() {
        TransformerLanguageModel block = block(true);
        NDArray ids = random(1, 2, LENGTH);
        ParameterStore store = new ParameterStore(manager, false);
        try (GradientCollector collector = record()) {
            Assert.assertNotNull(collector);
            NDArray before = block.forward(store, new NDList(ids), true).head();
            NDArray after = block.forward(store, new NDList(changed(ids, 7)), true).head();
            assertNear(after.get("0, :7"), before.get("0, :7"), 0, "before 7");
        }
    }

    @Test(dataProvider = "kinds")
    public void packedDocumentsAreAsAlone(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        NDArray ids = random(2, 2, 9);
        long[] segments = {1, 1, 1, 4, 4, 1, 1, 1, 0, 0, 7, 7, 0, 7, 7, 7, 0, 2};
        NDArray packed = infer(block, ids, manager.create(segments, new Shape(2, 9)));
        int[][] documents = {{0, 1, 2}, {3, 4}, {5, 6, 7}, {10, 11, 13, 14, 15}, {17}};
        NDArray rows = packed.reshape(18, VOCAB);
        long[] values = ids.toLongArray();
        for (int[] document : documents) {
            long[] own = Arrays.stream(document).mapToLong(i -> values[i]).toArray();
            NDArray alone = infer(block, manager.create(own, new Shape(1, own.length)));
            for (int t = 0; t < own.length; t++) {
                NDArray expected = alone.get("0, " + t);
                assertNear(rows.get(document[t]), expected, TOLERANCE, "token " + document[t]);
            }
        }
    }

    @Test(dataProvider = "kinds")
    public void lengthsAreSegments(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        NDArray ids = random(2, 2, 4);
        NDArray expected =
                infer(block, ids, manager.create(new long[][] {{1, 1, 1, 0}, {1, 1, 1, 1}}));
        NDArray actual = infer(block, ids, manager.create(new long[] {3, 4}));
        assertNear(actual, expected, 0, "logits");
        assertNear(actual.get("1:2"), infer(block, ids.get("1:2")), TOLERANCE, "whole row");
    }

    @Test(dataProvider = "kinds")
    public void cachedTokensNeedNotBeReadAgain(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        NDArray ids = random(3, 2, LENGTH);
        NDArray expected = infer(block, ids);
        ParameterStore store = new ParameterStore(manager, false);
        for (int[] parts : new int[][] {{12}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {5, 1, 6}}) {
            try (KeyValueCache cache = block.newCache(manager, 2, 4)) {
                int start = 0;
                for (int part : parts) {
                    String range = ":, " + start + ":" + (start + part);
                    NDArray logits = block.extend(store, ids.get(range), cache);
                    assertNear(logits, expected.get(range), TOLERANCE, range);
                    start += part;
                }
                Assert.assertEquals(cache.length(), LENGTH);
                Assert.assertEquals(cache.bytes(), 2L * 2 * 2 * LENGTH * 16 * Float.BYTES);
            }
        }
    }

    @Test(dataProvider = "kinds")
    public void nothingIsLeftBehind(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        NDArray ids = random(3, 2, 6);
        NDArray segments = manager.create(new long[] {6, 4});
        int parameters = manager.getManagedArrays().size();
        try (NDManager scratch = manager.newSubManager();
                KeyValueCache cache = block.newCache(manager, 2, 1)) {
            NDArray own = ids.duplicate();
            own.attach(scratch);
            ParameterStore store = new ParameterStore(scratch, false);
            block.forward(store, new NDList(own), false);
            block.forward(store, new NDList(own, segments), false);
            block.extend(store, own, cache);
            Assert.assertEquals(scratch.getManagedArrays().size(), 4, "ids and three outputs");
        }
        Assert.assertEquals(manager.getManagedArrays().size(), parameters);
    }

    /**
     * The bias of the keys has none: it adds the same to all scores of a query. Nor has what adds
     * the same to all positions before a batch norm.
     */
    @Test(dataProvider = "kinds")
    public void gradientReachesAllParameters(boolean preNorm) {
        TransformerLanguageModel block = block(preNorm);
        for (Parameter parameter : block.getParameters().values()) {
            parameter.getArray().setRequiresGradient(parameter.requiresGradient());
        }
        ParameterStore store = new ParameterStore(manager, false);
        try (GradientCollector collector = record();
                NDManager batch = manager.newSubManager()) {
            NDArray ids = random(4, 2, 6);
            ids.attach(batch);
            NDArray segments = manager.create(new long[] {6, 4});
            NDArray logits = block.forward(store, new NDList(ids, segments), true).head();
            System.gc(); // memory of Java that the graph reads is gone now, if nothing keeps it
            collector.backward(logits.softmax(2).get(":, :, 0").square().sum());
        }
        for (Pair<String, Parameter> pair : block.getParameters()) {
            if (!pair.getValue().requiresGradient()) {
                continue;
            }
            NDArray gradient = pair.getValue().getArray().getGradient();
            double norm = gradient.abs().sum().getFloat();
            boolean isShift = pair.getKey().matches(preNorm ? KEYS : SHIFTS);
            Assert.assertTrue(Double.isFinite(norm), pair.getKey());
            Assert.assertEquals(norm > 1e-6, !isShift, pair.getKey() + ' ' + norm);
        }
    }

    @Test(dataProvider = "kinds")
    public void learns(boolean preNorm) throws IOException, TranslateException {
        long[] segments = new long[16 * LENGTH];
        Arrays.setAll(segments, i -> i % LENGTH < LENGTH - i / LENGTH % 4 ? 1 : 0);
        NDArray second = manager.create(segments, new Shape(16, LENGTH));
        for (Dataset data : new Dataset[] {countingData(), countingData(second)}) {
            try (Model model = model(build(preNorm));
                    Trainer trainer = trainer(model, 0.01f)) {
                trainer.initialize(new Shape(8, LENGTH));
                double before = loss(trainer, data);
                EasyTrain.fit(trainer, 15, data, null);
                double after = loss(trainer, data);
                Assert.assertTrue(after < before / 2, "loss " + before + " became " + after);
            }
        }
    }

    @Test(dataProvider = "kinds")
    public void savesAndLoads(boolean preNorm) throws Exception {
        TransformerLanguageModel saved = block(preNorm);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        saved.saveParameters(new DataOutputStream(bytes));
        TransformerLanguageModel loaded = build(preNorm);
        loaded.loadParameters(
                manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        NDArray ids = random(5, 2, LENGTH + 20);
        assertNear(infer(loaded, ids), infer(saved, ids), 0, "logits");
        TransformerLanguageModel other = build(!preNorm);
        Assert.assertThrows(
                Exception.class,
                () ->
                        other.loadParameters(
                                manager,
                                new DataInputStream(
                                        new ByteArrayInputStream(bytes.toByteArray()))));
    }

    @Test
    public void wrongInputsAreNamed() {
        TransformerLanguageModel block = block(false);
        NDArray ids = random(5, 2, 3);
        assertRefused("(B, L)", () -> infer(block, ids.flatten()));
        assertRefused("[0, 8)", () -> infer(block, ids.add(VOCAB)));
        assertRefused("segments (2, 3)", () -> infer(block, ids, ids.get(":, :2")));
        assertRefused(
                "heads",
                () ->
                        TransformerLanguageModel.builder()
                                .setVocabSize(2)
                                .setModelSize(6)
                                .setNumLayers(1)
                                .optHeads(4)
                                .build());
        assertRefused("vocabSize", () -> TransformerLanguageModel.builder().build());
        assertRefused(
                "float32",
                () -> build(true).initialize(manager, DataType.FLOAT64, new Shape(1, 1)));
    }

    private static void assertRefused(String words, Assert.ThrowingRunnable call) {
        IllegalArgumentException e = Assert.expectThrows(IllegalArgumentException.class, call);
        Assert.assertTrue(e.getMessage().contains(words), e.getMessage());
    }
}
