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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** What happens to gradients between backward and the step: clipping, accumulation, freezing. */
public class GradientTest extends ModelSuite {

    private static final int ROWS = 6;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GradientTest(EngineSetup engine) {
        super(engine);
    }

    private DefaultTrainingConfig config(Block block, Loss loss) {
        AdamW optimizer = AdamW.builder().optGroups(ParameterGroups.of(block)).build();
        return new DefaultTrainingConfig(loss)
                .optOptimizer(optimizer)
                .optDevices(new Device[] {device()});
    }

    /** Rows of which each has another number of labels that count, the first none. */
    private ArrayDataset data() {
        Random random = new Random(3);
        long[] ids = random.longs((long) ROWS * LENGTH, 0, VOCAB).toArray();
        long[] labels = following(ids);
        for (int i = 0; i < labels.length; i++) {
            if (i % LENGTH >= 2 * (i / LENGTH)) {
                labels[i] = SequenceBatch.IGNORED;
            }
        }
        Shape shape = new Shape(ROWS, LENGTH);
        return new ArrayDataset.Builder()
                .setData(manager.create(ids, shape))
                .optLabels(manager.create(labels, shape))
                .setSampling(ROWS, false)
                .build();
    }

    private static Map<String, double[]> gradients(Block block) {
        Map<String, double[]> gradients = new TreeMap<>();
        block.getParameters()
                .forEach(
                        pair -> {
                            if (pair.getValue().requiresGradient()) {
                                try (NDArray gradient = pair.getValue().getArray().getGradient()) {
                                    gradients.put(pair.getKey(), doubles(gradient));
                                }
                            }
                        });
        return gradients;
    }

    private static double norm(Map<String, double[]> gradients) {
        double sum = 0;
        for (double[] gradient : gradients.values()) {
            for (double value : gradient) {
                sum += value * value;
            }
        }
        return Math.sqrt(sum);
    }

    private static void assertNear(
            Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
        Assert.assertEquals(actual.keySet(), expected.keySet());
        expected.forEach((name, value) -> assertNear(actual.get(name), value, tolerance, name));
    }

    /** Runs forward and backward over one batch, as EasyTrain does. */
    private Map<String, double[]> trainOnce(Trainer trainer)
            throws IOException, TranslateException {
        for (Batch batch : trainer.iterateDataset(data())) {
            try (batch) {
                EasyTrain.trainBatch(trainer, batch);
            }
        }
        return gradients(trainer.getModel().getBlock());
    }

    @Test
    public void clipsTheNormOfAllGradientsTogether() throws IOException, TranslateException {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(config(model.getBlock(), new MaskedCrossEntropy()))) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            Map<String, double[]> before = trainOnce(trainer);
            double norm = norm(before);
            int arrays = manager.getParentManager().getManagedArrays().size();
            double bound = norm / 4;
            Assert.assertEquals(
                    GradientClipping.clipGlobalNorm(model.getBlock(), bound), norm, 1e-5 * norm);
            before.values().forEach(value -> scale(value, 0.25));
            assertNear(gradients(model.getBlock()), before, 1e-6);
            Assert.assertEquals(
                    GradientClipping.clipGlobalNorm(model.getBlock(), norm), bound, 1e-5 * norm);
            assertNear(gradients(model.getBlock()), before, 1e-6);
            Assert.assertEquals(
                    manager.getParentManager().getManagedArrays().size(), arrays, "arrays");
            Freezing.freeze(model.getBlock(), "*");
            Assert.assertEquals(GradientClipping.clipGlobalNorm(model.getBlock(), 1), 0.0);
        }
        Assert.assertThrows(IllegalArgumentException.class, () -> new GradientClipping(0));
    }

    private static void scale(double[] values, double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    @Test
    public void easyTrainClips() throws IOException, TranslateException {
        try (Model model = languageModel()) {
            GradientClipping clipping = new GradientClipping(0.01);
            double[] seen = new double[1];
            DefaultTrainingConfig config =
                    config(model.getBlock(), new MaskedCrossEntropy())
                            .addTrainingListeners(clipping)
                            .addTrainingListeners(
                                    new TrainingListenerAdapter() {
                                        @Override
                                        public void onTrainingBatch(Trainer t, BatchData data) {
                                            seen[0] = norm(gradients(t.getModel().getBlock()));
                                        }
                                    });
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(ROWS, LENGTH));
                EasyTrain.fit(trainer, 2, data(), null);
                Assert.assertEquals(seen[0], 0.01, 1e-6, "norm at the step");
                Assert.assertTrue(clipping.getLastNorm() > 0.01, "norm before");
            }
        }
    }

    @Test
    public void saysWhereClippingCannotBe() {
        try (Model model = languageModel()) {
            Device[] two = {Device.cpu(), Device.gpu()}; // that there is none is not noticed yet
            DefaultTrainingConfig config =
                    config(model.getBlock(), new MaskedCrossEntropy()).optDevices(two);
            try (Trainer trainer = model.newTrainer(config)) {
                GradientClipping clipping = new GradientClipping(1);
                Exception e =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> clipping.onTrainingBatch(trainer, null));
                Assert.assertTrue(
                        e.getMessage().contains("expected one device, got 2"), e.getMessage());
            }
        }
    }

    @Test
    public void partsAccumulateToTheWholeBatch() throws IOException, TranslateException {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(config(model.getBlock(), new MaskedCrossEntropy()))) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            Map<String, double[]> whole = trainOnce(trainer);
            Gradients.zero(model.getBlock());
            Assert.assertEquals(norm(gradients(model.getBlock())), 0.0, "gradients set to 0");
            for (int parts : new int[] {1, 2, 3, ROWS}) {
                for (Batch batch : trainer.iterateDataset(data())) {
                    try (batch) {
                        double loss = GradientAccumulation.trainBatch(trainer, batch, parts);
                        assertNear(gradients(model.getBlock()), whole, 2e-6);
                        NDList logits = trainer.evaluate(batch.getData());
                        float expected =
                                trainer.getLoss().evaluate(batch.getLabels(), logits).getFloat();
                        Assert.assertEquals(loss, expected, 1e-5, "loss");
                    }
                }
                Gradients.zero(model.getBlock());
            }
        }
    }

    @Test
    public void stepsInPartsEndAsStepsAtOnce() throws IOException, TranslateException {
        Map<String, float[]> whole = trained(1);
        trained(3)
                .forEach(
                        (name, value) -> {
                            for (int i = 0; i < value.length; i++) {
                                Assert.assertEquals(value[i], whole.get(name)[i], 1e-4, name);
                            }
                        });
    }

    private Map<String, float[]> trained(int parts) throws IOException, TranslateException {
        engine().setRandomSeed(5);
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(config(model.getBlock(), new MaskedCrossEntropy()))) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            for (int i = 0; i < 5; i++) {
                for (Batch batch : trainer.iterateDataset(data())) {
                    try (batch) {
                        GradientAccumulation.trainBatch(trainer, batch, parts);
                        trainer.step();
                    }
                }
            }
            return values(model.getBlock());
        }
    }

    @Test
    public void partsWithoutAnyLabelHaveNoGradient() {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(config(model.getBlock(), new MaskedCrossEntropy()));
                GradientAccumulation accumulation = new GradientAccumulation(model.getBlock())) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            MaskedCrossEntropy loss = (MaskedCrossEntropy) trainer.getLoss();
            try (NDManager batch = trainer.getManager().newSubManager()) {
                NDList labels = new NDList(labels(batch, 2).mul(0).add(SequenceBatch.IGNORED));
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDList logits = trainer.forward(new NDList(ids(batch, 2)));
                    collector.backward(loss.evaluateSum(labels, logits));
                }
                accumulation.add(loss.count(labels));
            }
            Assert.assertEquals(accumulation.finish(), 0);
            Assert.assertEquals(norm(gradients(model.getBlock())), 0.0);
        }
    }

    @Test
    public void saysWhatCannotBeAccumulated() throws IOException, TranslateException {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(
                                config(model.getBlock(), Loss.softmaxCrossEntropyLoss()))) {
            trainer.initialize(new Shape(ROWS, LENGTH));
            for (Batch batch : trainer.iterateDataset(data())) {
                try (batch) {
                    Exception e =
                            Assert.expectThrows(
                                    IllegalArgumentException.class,
                                    () -> GradientAccumulation.trainBatch(trainer, batch, 2));
                    Assert.assertTrue(e.getMessage().contains("MaskedCrossEntropy"));
                    Assert.assertThrows(
                            IllegalArgumentException.class,
                            () -> GradientAccumulation.trainBatch(trainer, batch, 0));
                }
            }
        }
    }

    @Test
    public void freezesByName() throws IOException, TranslateException {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(config(model.getBlock(), new MaskedCrossEntropy()))) {
            Block block = model.getBlock();
            trainer.initialize(new Shape(ROWS, LENGTH));
            Assert.assertEquals(Freezing.freeze(block, "embedding", "01layer_*", "A_log"), 12);
            Freezing.Count count = Freezing.count(block);
            Assert.assertEquals(count.frozen(), 12);
            Assert.assertEquals(count.trained(), block.getParameters().size() - 12);
            Assert.assertEquals(
                    count.frozenNumbers() + count.trainedNumbers(),
                    block.getParameters().values().stream()
                            .mapToLong(p -> p.getArray().size())
                            .sum());
            Map<String, float[]> before = values(block);
            trainOnce(trainer);
            trainer.step();
            values(block)
                    .forEach(
                            (name, value) -> {
                                boolean frozen =
                                        name.equals("embedding")
                                                || name.contains("01layer")
                                                || name.endsWith("A_log");
                                Assert.assertEquals(
                                        Arrays.equals(value, before.get(name)),
                                        frozen,
                                        name + " is unchanged");
                            });
            Assert.assertEquals(Freezing.unfreeze(block, "*"), block.getParameters().size());
            Assert.assertEquals(Freezing.count(block).trainedPart(), 1.0);
            Assert.assertEquals(Freezing.freezeAllBut(block, "in_proj_weight", "norm*"), 5);
            Assert.assertEquals(Freezing.count(block).trained(), 5);
        }
    }

    @Test
    public void aNameThatIsNoneIsAnError() {
        Block block = new MambaLanguageModel(smallConfig().build());
        Exception e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> Freezing.freeze(block, "embedding", "inproj_weight"));
        Assert.assertTrue(
                e.getMessage().contains("\"inproj_weight\"")
                        && e.getMessage().contains("01backbone_01layer_02mixer_01in_proj_weight"),
                e.getMessage());
        Assert.assertTrue(block.getParameters().get("embedding").requiresGradient());
    }
}
