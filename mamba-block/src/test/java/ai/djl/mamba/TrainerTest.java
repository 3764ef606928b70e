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

import ai.djl.Model;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.initializer.Initializer;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Blocks are trained by DJL's Trainer and EasyTrain, alone and among other blocks. */
public class TrainerTest extends ModelSuite {

    private static final int CLASSES = 2;

    @Factory(dataProvider = "enginesAndMixers")
    public TrainerTest(EngineSetup engine, Mixer mixer) {
        super(engine, mixer);
    }

    @DataProvider
    public static Object[][] enginesAndMixers() {
        return Engines.available(
                new Object[] {EngineSetup.PYTORCH, MAMBA},
                new Object[] {EngineSetup.PYTORCH, MAMBA2},
                new Object[] {EngineSetup.MXNET, MAMBA});
    }

    /** Trains a block and asserts that the loss falls below a part of what it was. */
    private void assertLearns(Block block, Dataset data, int epochs, double part, Shape... shapes)
            throws IOException, TranslateException {
        try (Model model = model(block);
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(shapes);
            double before = loss(trainer, data);
            EasyTrain.fit(trainer, epochs, data, null);
            double after = loss(trainer, data);
            Assert.assertTrue(after < part * before, "loss " + before + " became " + after);
        }
    }

    /** Rows of normal numbers; the class is whether their first feature sums to more than 0. */
    private ArrayDataset vectors() {
        int rows = 32;
        NDArray x = normal(7, DataType.FLOAT32, rows, LENGTH, 3);
        float[] sums = x.get(":, :, 0").sum(new int[] {1}).toFloatArray();
        long[] classes = new long[rows];
        for (int row = 0; row < rows; row++) {
            classes[row] = sums[row] > 0 ? 1 : 0;
        }
        return new ArrayDataset.Builder()
                .setData(x)
                .optLabels(manager.create(classes))
                .setSampling(16, false)
                .build();
    }

    @Test
    public void composesWithOtherBlocks() throws IOException, TranslateException {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(8).build())
                        .add(ResidualBlock.builder().setMixer(mixer(2)).build())
                        .add(mixer(1))
                        .add(new LambdaBlock(x -> new NDList(x.head().mean(new int[] {1}))))
                        .add(Linear.builder().setUnits(CLASSES).build());
        assertLearns(block, vectors(), 25, 0.5, new Shape(16, LENGTH, 3));
    }

    private SequenceBlock mixer(int expand) {
        return mixer() instanceof Mamba2Options
                ? Mamba2Block.builder().optExpand(expand).optStateSize(8).optHeadSize(4).build()
                : MambaBlock.builder().optExpand(expand).build();
    }

    @Test
    public void trainsAClassifierOfVectors() throws IOException, TranslateException {
        Block block =
                MambaClassifier.builder()
                        .setConfig(smallConfig(mixer()).build())
                        .setNumClasses(CLASSES)
                        .optVectorInput(true)
                        .optBidirectional(true)
                        .build();
        assertLearns(block, vectors(), 15, 0.5, new Shape(16, LENGTH, 3));
    }

    @Test
    public void trainsALanguageModel() throws IOException, TranslateException {
        Block block = new MambaLanguageModel(smallConfig(mixer()).build());
        assertLearns(block, countingData(), 15, 0.5, new Shape(8, LENGTH));
    }

    @Test
    public void memorizesSequences() throws IOException, TranslateException {
        Random random = new Random(5);
        int rows = 4;
        long[] ids = random.longs((long) rows * LENGTH, 0, VOCAB).toArray();
        long[] next = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i % LENGTH == 0 ? i / LENGTH : ids[i]; // rows differ from the first token on
        }
        for (int i = 0; i < ids.length; i++) {
            next[i] = i % LENGTH < LENGTH - 1 ? ids[i + 1] : 0;
        }
        ArrayDataset data =
                new ArrayDataset.Builder()
                        .setData(manager.create(ids, new Shape(rows, LENGTH)))
                        .optLabels(manager.create(next, new Shape(rows, LENGTH, 1)))
                        .setSampling(rows, false)
                        .build();
        Block block = new MambaLanguageModel(smallConfig(mixer()).build());
        assertLearns(block, data, 120, 0.02, new Shape(rows, LENGTH));
    }

    @Test
    public void trainsWithLengthsAndWithAMask() throws IOException, TranslateException {
        long[] lengths = new long[16];
        Arrays.setAll(lengths, row -> LENGTH - row % 4);
        Dataset data = countingData(manager.create(lengths));
        Block block = new MambaLanguageModel(smallConfig(mixer()).build());
        assertLearns(block, data, 15, 0.5, new Shape(8, LENGTH), new Shape(8));

        float[] mask = new float[16 * LENGTH];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % LENGTH < i / LENGTH % 4 ? 0 : 1; // up to three pads on the left
        }
        data = countingData(manager.create(mask, new Shape(16, LENGTH)));
        block = new MambaLanguageModel(smallConfig(mixer()).build());
        assertLearns(block, data, 15, 0.5, new Shape(8, LENGTH), new Shape(8, LENGTH));
    }

    @Test
    public void paddingDoesNotReachTheTrainedParameters() throws IOException, TranslateException {
        Map<String, float[]> once = trainedClassifier(1);
        Map<String, float[]> again = trainedClassifier(2);
        for (Map.Entry<String, float[]> entry : once.entrySet()) {
            String name = entry.getKey();
            try (NDArray a = manager.create(entry.getValue());
                    NDArray b = manager.create(again.get(name))) {
                assertNear(a, b, 1e-5, name);
            }
        }
    }

    /** Trains on rows whose class is their first token, with padding drawn from a seed. */
    private Map<String, float[]> trainedClassifier(long paddingSeed)
            throws IOException, TranslateException {
        engine().setRandomSeed(11);
        Random tokens = new Random(3);
        Random pads = new Random(paddingSeed);
        int rows = 16;
        long[] ids = new long[rows * LENGTH];
        long[] lengths = new long[rows];
        long[] classes = new long[rows];
        for (int row = 0; row < rows; row++) {
            lengths[row] = 1L + tokens.nextInt(LENGTH);
            for (int t = 0; t < LENGTH; t++) {
                Random source = t < lengths[row] ? tokens : pads;
                ids[row * LENGTH + t] = source.nextInt(VOCAB);
            }
            classes[row] = ids[row * LENGTH] % CLASSES;
        }
        ArrayDataset data =
                new ArrayDataset.Builder()
                        .setData(
                                manager.create(ids, new Shape(rows, LENGTH)),
                                manager.create(lengths))
                        .optLabels(manager.create(classes))
                        .setSampling(8, false)
                        .build();
        MambaClassifier block =
                MambaClassifier.builder()
                        .setConfig(smallConfig(mixer()).build())
                        .setNumClasses(CLASSES)
                        .build();
        try (Model model = model(block);
                Trainer trainer = trainer(model, 0.01f)) {
            trainer.initialize(new Shape(8, LENGTH), new Shape(8));
            double before = loss(trainer, data);
            EasyTrain.fit(trainer, 10, data, null);
            Assert.assertTrue(loss(trainer, data) < before, "the loss did not fall");
            return values(block);
        }
    }

    @Test
    public void dropoutIsOnInTrainingOnly() throws IOException, TranslateException {
        Block block = new MambaLanguageModel(smallConfig(mixer()).optDropout(0.3f).build());
        assertLearns(block, countingData(), 20, 0.6, new Shape(8, LENGTH));

        block = new MambaLanguageModel(smallConfig(mixer()).optDropout(0.3f).build());
        block.initialize(manager, DataType.FLOAT32, new Shape(1, LENGTH));
        NDArray ids = ids(manager, 2);
        Assert.assertEquals(
                infer(block, ids).toFloatArray(), infer(block, ids).toFloatArray(), "inference");
        ParameterStore store = new ParameterStore(manager, false);
        try (GradientCollector collector = record()) {
            Assert.assertNotNull(collector);
            float[] first = block.forward(store, new NDList(ids), true).get(0).toFloatArray();
            float[] second = block.forward(store, new NDList(ids), true).get(0).toFloatArray();
            Assert.assertFalse(Arrays.equals(first, second), "two training passes are equal");
        }
        Block plain = new MambaLanguageModel(smallConfig(mixer()).build());
        plain.initialize(manager, DataType.FLOAT32, new Shape(1, LENGTH));
        copyParameters(block, plain);
        Assert.assertEquals(
                infer(block, ids).toFloatArray(),
                infer(plain, ids).toFloatArray(),
                "inference with and without dropout");
    }

    private static void copyParameters(Block from, Block to) {
        for (int i = 0; i < from.getParameters().size(); i++) {
            Parameter source = from.getParameters().valueAt(i);
            Parameter target = to.getParameters().valueAt(i);
            source.getArray().copyTo(target.getArray());
        }
    }

    @Test
    public void initialValuesSurviveAnInitializerOfTheUser() {
        MambaLanguageModel block = new MambaLanguageModel(smallConfig(mixer()).build());
        try (Model model = model(block);
                Trainer trainer =
                        model.newTrainer(
                                trainingConfig(0.01f)
                                        .optInitializer(
                                                Initializer.ZEROS, Parameter.Type.WEIGHT))) {
            trainer.initialize(new Shape(8, LENGTH));
            for (var pair : block.getParameters()) {
                float[] values = pair.getValue().getArray().toFloatArray();
                Assert.assertFalse(
                        Arrays.equals(values, new float[values.length]), pair.getKey() + " is 0");
            }
        }
    }
}
