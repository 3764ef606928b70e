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
package ai.djl.mamba.training;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The masked cross entropy is torch's, in value and gradient. */
public class MaskedCrossEntropyTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public MaskedCrossEntropyTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public static Object[] cases() {
        return TorchOracle.read("cross_entropy.json").getAsJsonArray().asList().toArray();
    }

    private static MaskedCrossEntropy loss(JsonObject json) {
        return new MaskedCrossEntropy()
                .optLabelSmoothing(json.get("smoothing").getAsFloat())
                .optVocabSize(json.get("vocabSize").getAsInt());
    }

    private NDArray logits(JsonObject json, DataType type) {
        double[] values = TorchOracle.doubles(json.get("logits"));
        Shape shape = new Shape(TorchOracle.longs(json.get("shape")));
        NDArray logits = manager.create(values, shape).toType(type, false);
        logits.setRequiresGradient(true);
        return logits;
    }

    private NDArray labels(JsonObject json) {
        Shape shape = new Shape(TorchOracle.longs(json.get("shape")));
        return manager.create(
                TorchOracle.longs(json.get("labels")), shape.slice(0, shape.dimension() - 1));
    }

    private void assertIsTorchs(JsonObject json, DataType type, NDArray labels) {
        NDArray logits = logits(json, type);
        NDArray value;
        try (GradientCollector collector = record()) {
            value = loss(json).evaluate(new NDList(labels), new NDList(logits));
            collector.backward(value);
        }
        Assert.assertEquals(value.getShape(), new Shape(), "shape");
        assertNear(doubles(value), new double[] {json.get("loss").getAsDouble()}, 1e-6, "loss");
        assertNear(
                doubles(logits.getGradient()),
                TorchOracle.doubles(json.get("gradient")),
                1e-6,
                "gradient");
    }

    @Test(dataProvider = "cases")
    public void isTorchs(JsonElement element) {
        JsonObject json = element.getAsJsonObject();
        assertIsTorchs(json, DataType.FLOAT32, labels(json));
        assertIsTorchs(json, DataType.FLOAT64, labels(json));
        assertIsTorchs(json, DataType.FLOAT32, labels(json).expandDims(-1));
        Assert.assertEquals(
                loss(json).count(new NDList(labels(json))),
                json.get("counted").getAsLong(),
                "labels that count");
        NDArray sum =
                loss(json)
                        .evaluateSum(
                                new NDList(labels(json)),
                                new NDList(logits(json, DataType.FLOAT64)));
        assertNear(
                doubles(sum),
                new double[] {json.get("loss").getAsDouble() * json.get("counted").getAsLong()},
                1e-6,
                "sum");
    }

    @Test
    public void ignoresAnyLabelThatIsNamed() {
        NDList logits = new NDList(normal(1, DataType.FLOAT32, 3, 4));
        NDArray one = new MaskedCrossEntropy(0).evaluate(labels(2, 0, 0), logits);
        NDArray same = new MaskedCrossEntropy().evaluate(labels(2, -100, -100), logits);
        Assert.assertEquals(one.toFloatArray(), same.toFloatArray());
        Assert.assertEquals(new MaskedCrossEntropy(0).count(labels(2, 0, 0)), 1);
    }

    private NDList labels(long... labels) {
        return new NDList(manager.create(labels));
    }

    @Test
    public void whatIsIgnoredMayBeAnything() {
        float[] values = {1, 2, Float.NEGATIVE_INFINITY, 1};
        NDArray logits = manager.create(values, new Shape(2, 2));
        float loss =
                new MaskedCrossEntropy().evaluate(labels(1, -100), new NDList(logits)).getFloat();
        Assert.assertEquals(loss, (float) Math.log1p(Math.exp(-1)), 1e-6f);
    }

    @Test
    public void saysWhatDoesNotFit() {
        NDList logits = new NDList(normal(1, DataType.FLOAT32, 2, 4));
        MaskedCrossEntropy loss = new MaskedCrossEntropy();
        assertRefused(
                () -> loss.evaluate(labels(1, 4), logits), "[0, 4) for 4 classes", "got 1 to 4");
        assertRefused(() -> loss.evaluate(labels(1, -1), logits), "got -1 to 1");
        assertRefused(() -> loss.evaluate(labels(1, 2, 3), logits), "(2, 4)", "(3)");
        assertRefused(() -> loss.optVocabSize(5).evaluate(labels(1, 2), logits), "5 classes");
        assertRefused(() -> loss.optVocabSize(0), "vocabSize");
        assertRefused(() -> loss.optLabelSmoothing(1), "[0, 1)");
    }

    private static void assertRefused(Assert.ThrowingRunnable call, String... parts) {
        Exception e = Assert.expectThrows(IllegalArgumentException.class, call);
        for (String part : parts) {
            Assert.assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
        }
    }

    @Test
    public void leavesOnlyTheLossBehind() {
        NDList logits = new NDList(normal(1, DataType.FLOAT32, 2, 3, 4));
        NDList labels =
                new NDList(manager.create(new long[] {1, 2, 3, 0, -100, 1}, new Shape(2, 3)));
        MaskedCrossEntropy loss = new MaskedCrossEntropy().optLabelSmoothing(0.1f).optVocabSize(4);
        int before = manager.getManagedArrays().size();
        loss.count(labels);
        loss.evaluate(labels, logits).close();
        Assert.assertEquals(manager.getManagedArrays().size(), before, "arrays left behind");
    }
}
