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

import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.Adapters;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** What adapters compute, merged and not. */
public class LoRATest extends ModelSuite {

    /** All projections that any of the models here has. */
    private static final String EVERYWHERE = "*{_proj,head}";

    @Factory(dataProvider = "mixers", dataProviderClass = ModelSuite.class)
    public LoRATest(EngineSetup engine, Mixer mixer) {
        super(engine, mixer);
    }

    private Block initialized(Block block, DataType type, Shape shape) {
        block.initialize(manager, type, shape);
        return block;
    }

    private MambaLanguageModel untied(DataType type) {
        MambaConfig config = smallConfig(mixer()).optTiedHead(false).build();
        return (MambaLanguageModel)
                initialized(new MambaLanguageModel(config, true), type, new Shape(1, 1));
    }

    @DataProvider
    public Object[][] models() {
        MambaConfig s4d = smallConfig(S4DOptions.builder().optStateSize(4).build()).build();
        MambaClassifier.Builder classifier =
                MambaClassifier.builder().setConfig(smallConfig(mixer()).build()).setNumClasses(3);
        return new Object[][] {
            {new MambaLanguageModel(smallConfig(mixer()).optTiedHead(false).build()), null},
            {new MambaLanguageModel(s4d), null},
            {classifier.optBidirectional(true).optVectorInput(true).build(), 5L}
        };
    }

    private NDArray input(Long features, DataType type, int length) {
        return features == null
                ? manager.create(counting(2, length), new Shape(2, length))
                : normal(1, type, 2, length, features);
    }

    @Test(dataProvider = "models")
    public void adaptersBeginWithoutEffectAndMergeIntoTheWeights(Block block, Long features) {
        DataType type = DataType.FLOAT64;
        NDArray input = input(features, type, LENGTH);
        initialized(block, type, input.getShape());
        double[] plain = doubles(infer(block, input));
        LoRA.builder().setRank(2).optAlpha(3).optTargets(EVERYWHERE).build().apply(block, manager);
        Assert.assertTrue(
                Adapters.projections(block).stream().allMatch(p -> p.getAdapter() != null),
                "all projections have adapters");
        Assert.assertEquals(doubles(infer(block, input)), plain, "with new adapters");

        Adapters.fill(block, 0.5);
        double[] adapted = doubles(infer(block, input));
        Assert.assertTrue(distance(adapted, plain) > 1e-2, "the adapters do nothing");
        assertNear(adapted, doubles(forward(block, input, true)), 1e-12, "in training");

        LoRA.merge(block);
        Assert.assertFalse(LoRA.isAdapted(block));
        assertNear(doubles(infer(block, input)), adapted, 1e-12, "merged");
    }

    private static double distance(double[] a, double[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    private static NDArray forward(Block block, NDArray input, boolean training) {
        ParameterStore store = new ParameterStore(input.getManager(), false);
        return block.forward(store, new NDList(input), training).get(0);
    }

    @Test
    public void mergesInSinglePrecision() {
        MambaLanguageModel block = untied(DataType.FLOAT32);
        NDArray ids = ids(manager, 2);
        Adapters.apply(block, manager, everyName());
        double[] adapted = doubles(infer(block, ids));
        LoRA.merge(block);
        assertNear(doubles(infer(block, ids)), adapted, 1e-5, "merged");
    }

    @Test
    public void theFactorIsThatOfThePaper() {
        Projection projection = new Projection(3, true);
        initialized(projection, DataType.FLOAT64, new Shape(1, 4));
        NDArray x = normal(1, DataType.FLOAT64, 20, 4);
        NDArray plain = infer(projection, x);
        for (boolean stabilized : new boolean[] {false, true}) {
            LowRankAdapter adapter =
                    LowRankAdapter.builder()
                            .setRank(2)
                            .optAlpha(5)
                            .optRankStabilized(stabilized)
                            .build();
            projection.addAdapter(adapter, manager);
            Adapters.fill(projection, 1);
            double factor = stabilized ? 5 / Math.sqrt(2) : 2.5;
            NDArray a = adapter.getDown().getArray().duplicate();
            NDArray b = adapter.getUp().getArray().duplicate();
            NDArray expected = plain.add(x.matMul(a.transpose()).matMul(b.transpose()).mul(factor));
            assertNear(infer(projection, x), expected, 1e-12, "scale " + adapter.scale());
            projection.removeAdapter();
        }
        Assert.assertEquals(doubles(infer(projection, x)), doubles(plain), "removed");
    }

    @Test
    public void beginsAsPeftDoes() {
        Projection projection = new Projection(300, false);
        initialized(projection, DataType.FLOAT32, new Shape(1, 400));
        LowRankAdapter adapter = LowRankAdapter.builder().setRank(16).build();
        projection.addAdapter(adapter, manager);
        double[] a = doubles(adapter.getDown().getArray());
        double bound = 1 / Math.sqrt(400);
        double largest = Arrays.stream(a).map(Math::abs).max().orElseThrow();
        Assert.assertTrue(largest <= bound && largest > 0.99 * bound, "largest " + largest);
        double square = Arrays.stream(a).map(x -> x * x).average().orElseThrow();
        Assert.assertEquals(square, bound * bound / 3, 0.05 * bound * bound, "mean square");
        Assert.assertEquals(doubles(adapter.getUp().getArray()), new double[300 * 16], "lora_B");
    }

    @Test
    public void gradientsAreFiniteDifferences() {
        Block block =
                mixer() instanceof Mamba2Options
                        ? Mamba2Block.builder().optStateSize(8).optHeadSize(4).build()
                        : MambaBlock.builder().build();
        initialized(block, DataType.FLOAT64, new Shape(1, 1, 6));
        LoRA lora = Adapters.apply(block, manager, everyName());
        lora.freeze(block);
        NDArray x = normal(1, DataType.FLOAT64, 2, 9, 6);
        NDArray weights = normal(2, DataType.FLOAT64, 2, 9, 6);
        try (GradientCollector collector = record()) {
            NDArray loss = forward(block, x, true).mul(weights).sum();
            spoilFreedMemory(); // a factor in memory of Java would be gone
            collector.backward(loss);
        }
        for (Projection projection : Adapters.projections(block)) {
            LowRankAdapter adapter = projection.getAdapter();
            for (Parameter leaf : List.of(adapter.getDown(), adapter.getUp())) {
                double[] gradient = doubles(leaf.getArray().getGradient());
                leaf.freeze(true);
                checkGradient(block, x, weights, leaf, gradient);
            }
        }
    }

    private void checkGradient(
            Block block, NDArray x, NDArray weights, Parameter leaf, double[] gradient) {
        NDArray array = leaf.getArray();
        double[] values = doubles(array);
        double[] direction = doubles(normal(3, DataType.FLOAT64, values.length));
        double h = 1e-5;
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
            double[] moved = values.clone();
            for (int i = 0; i < moved.length; i++) {
                moved[i] += (side == 0 ? h : -h) * direction[i];
            }
            array.set(moved);
            losses[side] = forward(block, x, true).mul(weights).sum().getDouble();
        }
        array.set(values);
        double found = 0;
        double scale = 1;
        for (int i = 0; i < values.length; i++) {
            found += gradient[i] * direction[i];
            scale = Math.max(scale, Math.abs(gradient[i]));
        }
        String what = leaf.getName() + " " + leaf.getShape();
        Assert.assertNotEquals(found, 0.0, what);
        Assert.assertEquals(found, (losses[0] - losses[1]) / (2 * h), 1e-6 * scale, what);
    }

    @Test
    public void stepsGiveWhatTheWholeSequenceGives() {
        List<String> targets =
                mixer() instanceof Mamba2Options
                        ? List.of("in_proj", "out_proj", EVERYWHERE)
                        : List.of("in_proj", "x_proj", "dt_proj", "out_proj", EVERYWHERE);
        for (String target : targets) {
            MambaLanguageModel block = untied(DataType.FLOAT64);
            Adapters.apply(block, manager, target);
            NDArray ids = ids(manager, 2);
            ParameterStore store = new ParameterStore(manager, false);
            NDArray whole = block.forward(store, new NDList(ids), false).get(0);
            NDList state = new NDList();
            for (int step = 0; step < LENGTH; step++) {
                NDList inputs = new NDList(ids.get(":, {}:{}", step, step + 1));
                inputs.addAll(state);
                NDList outputs = block.forward(store, inputs, false);
                assertNear(
                        outputs.get(0),
                        whole.get(":, {}:{}", step, step + 1),
                        1e-12,
                        target + ", step " + step);
                state = outputs.subNDList(1);
            }
        }
    }

    @Test
    public void dropoutIsForTrainingOnly() {
        Projection projection = new Projection(3, false);
        initialized(projection, DataType.FLOAT32, new Shape(1, 400));
        LowRankAdapter adapter = LowRankAdapter.builder().setRank(2).optDropout(0.5).build();
        projection.addAdapter(adapter, manager);
        Adapters.fill(projection, 1);
        NDArray x = normal(1, DataType.FLOAT32, 1, 400);
        double[] inference = doubles(infer(projection, x));
        Assert.assertEquals(doubles(infer(projection, x)), inference);
        NDArray trained;
        try (GradientCollector collector = record()) { // MXNet drops only while it records
            trained = forward(projection, x, true);
            collector.backward(trained.sum());
        }
        Assert.assertTrue(distance(doubles(trained), inference) > 1e-2, "nothing was dropped");
    }

    @Test
    public void mergesWhereTheThreadRecordsAndTheWeightsTrain() throws InterruptedException {
        Projection projection = new Projection(3, true);
        initialized(projection, DataType.FLOAT64, new Shape(1, 4));
        projection.addAdapter(LowRankAdapter.builder().setRank(2).build(), manager);
        Adapters.fill(projection, 1);
        NDArray x = normal(1, DataType.FLOAT64, 2, 4);
        double[] adapted = doubles(infer(projection, x));
        Thread thread = new Thread(() -> LoRA.merge(projection)); // PyTorch records on new threads
        thread.start();
        thread.join();
        Assert.assertFalse(LoRA.isAdapted(projection));
        assertNear(doubles(infer(projection, x)), adapted, 1e-12, "merged");
        Assert.assertTrue(projection.getWeight().requiresGradient());
        try (GradientCollector collector = record()) {
            collector.backward(forward(projection, x, true).sum());
        }
        double[] gradient = doubles(projection.getWeight().getArray().getGradient());
        double[] expected = doubles(x.sum(new int[] {0}));
        assertNear(Arrays.copyOf(gradient, 4), expected, 1e-12, "gradient after the merge");
    }

    /** The projections of a block. */
    private String[] everyName() {
        return mixer() instanceof Mamba2Options
                ? new String[] {"in_proj", "out_proj"}
                : Adapters.names();
    }

    /** Another projection than in_proj. */
    private String second() {
        return mixer() instanceof Mamba2Options ? "out_proj" : "x_proj";
    }

    @Test
    public void parametersAreSavedWithTheAdapters() throws IOException, MalformedModelException {
        MambaLanguageModel block = untied(DataType.FLOAT32);
        byte[] plain = save(block);
        LoRA lora = Adapters.apply(block, manager, "in_proj", second());
        NDArray ids = ids(manager, 2);
        double[] expected = doubles(infer(block, ids));
        byte[] adapted = save(block);
        String last = mixer() instanceof Mamba2Options ? "05out_proj" : "03ssm_01x_proj";
        List<String> expectedNames =
                Stream.of("01backbone_01layer_02mixer_", "01backbone_02layer_02mixer_")
                        .flatMap(mixer -> Stream.of(mixer + "01in_proj", mixer + last))
                        .flatMap(name -> Stream.of(name + "_lora_A", name + "_lora_B"))
                        .toList();
        Assert.assertEquals(
                block.getParameters().keys().stream().filter(k -> k.contains("lora")).toList(),
                expectedNames);

        MambaConfig config = block.getConfig();
        for (boolean initialize : new boolean[] {true, false}) {
            MambaLanguageModel loaded = new MambaLanguageModel(config, true);
            if (initialize) {
                initialized(loaded, DataType.FLOAT32, new Shape(1, 1));
            }
            lora.apply(loaded, manager);
            load(loaded, adapted);
            Assert.assertEquals(doubles(infer(loaded, ids)), expected, "loaded");
        }

        LoRA.detach(block);
        Assert.assertEquals(save(block), plain, "the file of the block without its adapters");
        MambaLanguageModel other = untied(DataType.FLOAT32);
        Assert.assertThrows(MalformedModelException.class, () -> load(other, adapted));
    }

    @Test
    public void adaptersOfAnUninitializedBlockAreInitializedWithIt() {
        MambaLanguageModel block = new MambaLanguageModel(smallConfig(mixer()).build());
        LoRA.builder().setRank(3).optTargets(everyName()).build().apply(block, null);
        initialized(block, DataType.FLOAT32, new Shape(1, 1));
        for (Projection projection : Adapters.projections(block)) {
            Shape weight = projection.getWeight().getArray().getShape();
            LowRankAdapter adapter = projection.getAdapter();
            Assert.assertEquals(
                    adapter.getDown().getArray().getShape(), new Shape(3, weight.get(1)));
            Assert.assertEquals(adapter.getUp().getArray().getShape(), new Shape(weight.get(0), 3));
        }
    }

    private static byte[] save(Block block) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        block.saveParameters(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private void load(Block block, byte[] bytes) throws IOException, MalformedModelException {
        block.loadParameters(manager, new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @Test
    public void nothingOutlivesACall() {
        MambaLanguageModel block = untied(DataType.FLOAT32);
        Adapters.apply(block, manager, EVERYWHERE);
        NDManager inputs = manager.newSubManager();
        for (int length : new int[] {1, LENGTH}) {
            long model = manager.getManagedArrays().size();
            long before = 0;
            for (int i = 0; i < 4; i++) {
                try (NDManager batch = inputs.newSubManager()) {
                    NDArray ids = batch.create(counting(1, length), new Shape(1, length));
                    forward(block, ids, false).close();
                    forward(block, ids, true).close();
                    long held = batch.getManagedArrays().size();
                    Assert.assertEquals(held, i == 0 ? held : before, "arrays of a call");
                    before = held;
                }
                Assert.assertEquals(manager.getManagedArrays().size(), model, "of the model");
            }
        }
        LoRA.merge(block);
        long merged = manager.getManagedArrays().size();
        Adapters.apply(block, manager, EVERYWHERE);
        LoRA.merge(block);
        Assert.assertEquals(manager.getManagedArrays().size(), merged, "after another merge");
    }
}
