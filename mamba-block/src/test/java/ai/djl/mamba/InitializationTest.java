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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Initial values follow the reference implementation, whatever initializer a Trainer is given. */
public class InitializationTest extends ContractSuite {

    private static final int CHANNELS = 100_000;
    private static final int RANK = 4;
    private static final int STATES = 3;

    private Model model;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public InitializationTest(EngineSetup engine) {
        super(engine);
    }

    @AfterMethod(alwaysRun = true)
    public void closeModel() {
        if (model != null) {
            model.close();
            model = null;
        }
    }

    /** Initializes a block as a user's training program does. */
    private <T extends Block> T train(T block, Shape shape) {
        model = Model.newInstance("test", device(), engineName);
        model.setBlock(block);
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.l2Loss())
                        .optDevices(new Device[] {device()})
                        .optInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
        try (Trainer trainer = model.newTrainer(config)) {
            trainer.initialize(shape);
        }
        return block;
    }

    private static double[] values(Parameter parameter) {
        return doubles(parameter.getArray());
    }

    @Test
    public void selectiveSsm() {
        SelectiveSSM ssm =
                SelectiveSSM.builder().optStateSize(STATES).optTimeStepRank(RANK).build();
        train(ssm, new Shape(1, 1, CHANNELS));
        assertStateMatrix(values(ssm.getALog()), 1e-6);
        for (double value : values(ssm.getSkip())) {
            Assert.assertEquals(value, 1.0, "D");
        }
        double[] bias = values(ssm.getTimeStepProjection().getBias());
        double[] logs = Arrays.stream(bias).map(b -> Math.log(softplus(b))).toArray();
        assertUniform(logs, Math.log(0.001), Math.log(0.1), "ln softplus(dt_proj.bias)");
        double[] weight = values(ssm.getTimeStepProjection().getWeight());
        assertUniform(weight, 1 / Math.sqrt(RANK), "dt_proj.weight");
        weight = values(ssm.getInputProjection().getWeight());
        assertUniform(weight, 1 / Math.sqrt(CHANNELS), "x_proj.weight");
    }

    @Test
    public void ssdLayer() {
        SSD.Builder builder =
                SSD.builder()
                        .optStateSize(STATES)
                        .optHeadSize(1)
                        .optDecayInit(2, 7)
                        .optChannelSkip(true);
        SSD ssd = builder.build();
        ssd.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 4));
        Assert.assertEquals(ssd.getSkip().getArray().getShape(), new Shape(4));
        // a layer without x_proj, whose weight of 100,000² would be too large
        ssd = builder.optProjection(false).build();
        train(ssd, new Shape(1, 1, 2L * CHANNELS + 2 * STATES)); // x and Δ, B and C
        double[] decays = Arrays.stream(values(ssd.getALog())).map(Math::exp).toArray();
        assertUniform(decays, 2, 7, "exp(A_log)");
        for (double value : values(ssd.getSkip())) {
            Assert.assertEquals(value, 1.0, "D");
        }
        double[] bias = values(ssd.getTimeStepBias());
        double[] logs = Arrays.stream(bias).map(b -> Math.log(softplus(b))).toArray();
        assertUniform(logs, Math.log(0.001), Math.log(0.1), "ln softplus(dt_bias)");
    }

    @Test
    public void ssdLayerOptions() {
        SSD ssd =
                SSD.builder()
                        .optStateSize(1)
                        .optHeadSize(1)
                        .optDecayInit(3, 3)
                        .optTimeStepInit(new TimeStepInit(1e-6, 0.01, 1e-3))
                        .build();
        train(ssd, new Shape(1, 1, 1000));
        double[] steps =
                Arrays.stream(values(ssd.getTimeStepBias()))
                        .map(InitializationTest::softplus)
                        .sorted()
                        .toArray();
        Assert.assertEquals(steps[0], 1e-3, 1e-8, "floor");
        Assert.assertTrue(steps[999] > 9e-3 && steps[999] < 0.01001, "max " + steps[999]);
        for (double value : values(ssd.getALog())) {
            Assert.assertEquals(value, Math.log(3), 1e-6, "A_log of a range of one value");
        }
    }

    @Test
    public void mamba2LanguageModel() {
        int size = 320;
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(400)
                        .setModelSize(size)
                        .setNumLayers(4)
                        .optMixer(Mamba2Options.builder().optStateSize(1).build())
                        .build();
        MambaLanguageModel block = train(new MambaLanguageModel(config), new Shape(1, 1));
        Mamba2Block layer = (Mamba2Block) block.getBackbone().getLayers().get(3).getMixer();
        double[] weight = values(layer.getInputProjection().getWeight());
        Assert.assertEquals(weight.length, size * (4 * size + 2 + 10)); // z, x; B, C; Δ
        assertUniform(weight, 1 / Math.sqrt(size), "in_proj");
        weight = values(layer.getOutputProjection().getWeight());
        assertUniform(weight, 1 / Math.sqrt(2.0 * size) / Math.sqrt(4), "out_proj");
        for (double value : values(layer.getNorm().getWeight())) {
            Assert.assertEquals(value, 1.0, "norm");
        }
        for (double value : values(layer.getSsm().getALog())) {
            Assert.assertTrue(value >= 0 && value <= Math.log(16), "A_log " + value);
        }
        for (Parameter parameter : block.getParameters().values()) {
            Assert.assertTrue(parameter.requiresGradient(), parameter.getName());
        }
    }

    @Test
    public void stateMatrixInFloat64() {
        SelectiveSSM ssm = SelectiveSSM.builder().optStateSize(STATES).build();
        ssm.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 7));
        System.gc(); // the values must not live in memory that the initializer gave back
        assertStateMatrix(values(ssm.getALog()), 1e-15);
        ssm.getALog().getArray().addi(1); // nor share memory: an optimizer updates in place
        assertStateMatrix(Arrays.stream(values(ssm.getALog())).map(a -> a - 1).toArray(), 1e-15);
    }

    private static void assertStateMatrix(double[] aLog, double tolerance) {
        for (int i = 0; i < aLog.length; i++) {
            Assert.assertEquals(aLog[i], Math.log(i % STATES + 1), tolerance, "A_log");
        }
    }

    @Test
    public void timeStepOptions() {
        SelectiveSSM ssm =
                SelectiveSSM.builder()
                        .optStateSize(1)
                        .optTimeStepRank(RANK)
                        .optTimeStepInit(new TimeStepInit(1e-6, 0.01, 1e-3))
                        .optTimeStepWeightInit(0.5, true)
                        .build();
        train(ssm, new Shape(1, 1, 1000));
        double least = 1;
        double most = 0;
        for (double bias : values(ssm.getTimeStepProjection().getBias())) {
            least = Math.min(least, softplus(bias));
            most = Math.max(most, softplus(bias));
        }
        Assert.assertEquals(least, 1e-3, 1e-8, "floor");
        Assert.assertTrue(most > 9e-3 && most < 0.01001, "max " + most);
        for (double value : values(ssm.getTimeStepProjection().getWeight())) {
            Assert.assertEquals(value, 0.25, 1e-7, "constant dt_proj.weight");
        }
    }

    @Test
    public void convolution() {
        CausalConv1d convolution = CausalConv1d.builder().setKernel(3).build();
        train(convolution, new Shape(1, 1, CHANNELS));
        assertUniform(values(convolution.getWeight()), 1 / Math.sqrt(3), "conv1d.weight");
        assertUniform(values(convolution.getBias()), 1 / Math.sqrt(3), "conv1d.bias");
    }

    @Test
    public void languageModel() {
        int size = 320;
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(400)
                        .setModelSize(size)
                        .setNumLayers(4)
                        .optMixer(MambaOptions.builder().optStateSize(1).build())
                        .optTiedHead(false)
                        .build();
        MambaLanguageModel block = train(new MambaLanguageModel(config), new Shape(1, 1));
        assertNormal(values(block.getEmbedding()), 0.02, "embedding");
        assertUniform(values(block.getHead().getWeight()), 1 / Math.sqrt(size), "lm_head");
        MambaBlock layer = (MambaBlock) block.getBackbone().getLayers().get(3).getMixer();
        double[] weight = values(layer.getInputProjection().getWeight());
        assertUniform(weight, 1 / Math.sqrt(size), "in_proj");
        weight = values(layer.getOutputProjection().getWeight());
        assertUniform(weight, 1 / Math.sqrt(2.0 * size) / Math.sqrt(4), "out_proj");
        SelectiveSSM ssm = (SelectiveSSM) layer.getSsm();
        Assert.assertEquals(
                ssm.getTimeStepProjection().getWeight().getArray().getShape(),
                new Shape(2L * size, size / 16),
                "rank of Δ");
        for (Parameter parameter : block.getParameters().values()) {
            Assert.assertTrue(parameter.requiresGradient(), parameter.getName());
        }
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    private static void assertUniform(double[] values, double bound, String what) {
        assertUniform(values, -bound, bound, what);
    }

    private static void assertUniform(double[] values, double min, double max, String what) {
        assertDistribution(values, x -> (x - min) / (max - min), what);
        double slack = 1e-5 * (max - min);
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        Assert.assertTrue(sorted[0] >= min - slack, what + ": least is " + sorted[0]);
        double most = sorted[sorted.length - 1];
        Assert.assertTrue(most <= max + slack, what + ": most is " + most);
    }

    private static void assertNormal(double[] values, double deviation, String what) {
        assertDistribution(values, x -> normalCdf(x / deviation), what);
    }

    /** Kolmogorov and Smirnov's test, which true samples pass 999 times of 1000. */
    private static void assertDistribution(double[] values, DoubleUnaryOperator cdf, String what) {
        Assert.assertTrue(values.length >= 100_000, what + ": too few draws");
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = cdf.applyAsDouble(sorted[i]);
            double below = expected - (double) i / sorted.length;
            double above = (i + 1.0) / sorted.length - expected;
            distance = Math.max(distance, Math.max(below, above));
        }
        double bound = 1.95 / Math.sqrt(sorted.length);
        Assert.assertTrue(distance < bound, what + ": distance " + distance + " ≥ " + bound);
    }

    /** Abramowitz and Stegun 26.2.17, to 1e-7. */
    private static double normalCdf(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double[] b = {1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530};
        double sum = 0;
        for (double coefficient : b) {
            sum = (sum + coefficient) * t;
        }
        double tail = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * sum;
        return x > 0 ? 1 - tail : tail;
    }
}
