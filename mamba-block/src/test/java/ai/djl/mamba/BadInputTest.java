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

import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.GatedRMSNorm;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.testng.Assert;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Bad input gets a Java exception that names the block and the shapes, before any native call. */
public class BadInputTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public BadInputTest(EngineSetup engine) {
        super(engine);
    }

    private static void assertRefused(ThrowingRunnable call, String... words) {
        assertThrown(IllegalArgumentException.class, call, words);
    }

    private static void assertThrown(
            Class<? extends Exception> type, ThrowingRunnable call, String... words) {
        String message = Assert.expectThrows(type, call).getMessage();
        for (String word : words) {
            Assert.assertTrue(message.contains(word), "'" + word + "' is missing in: " + message);
        }
    }

    private NDList run(Block block, NDArray... inputs) {
        return block.forward(new ParameterStore(manager, false), new NDList(inputs), false);
    }

    private NDArray zeros(long... shape) {
        return manager.zeros(new Shape(shape));
    }

    private <T extends Block> T init(T block, long... shape) {
        block.initialize(manager, DataType.FLOAT32, new Shape(shape));
        return block;
    }

    private static MambaConfig config() {
        return MambaConfig.builder()
                .setVocabSize(11)
                .optPadVocabMultiple(8)
                .setModelSize(4)
                .setNumLayers(2)
                .build();
    }

    private Mamba2Block mamba2() {
        return init(Mamba2Block.builder().optHeadSize(2).build(), 1, 1, 4);
    }

    /** A block with states (B, 3, 8) and (B, 8, 16). */
    private MambaBlock mamba() {
        return init(MambaBlock.builder().optReturnState(true).build(), 1, 1, 4);
    }

    @DataProvider
    public Object[][] vectorBlocks() {
        return new Object[][] {
            {SelectiveSSM.builder().build()},
            {CausalConv1d.builder().setKernel(3).build()},
            {MambaBlock.builder().build()},
            {SSD.builder().optHeadSize(2).build()},
            {Mamba2Block.builder().optHeadSize(2).build()},
            {ResidualBlock.builder().setMixer(MambaBlock.builder().build()).build()},
            {
                ResidualBlock.builder()
                        .setMixer(Mamba2Block.builder().optHeadSize(4).build())
                        .build()
            },
            {new BidirectionalBlock(MambaBlock.builder().build(), MambaBlock.builder().build())},
            {new MambaBackbone(config(), false, false)},
            {
                MambaClassifier.builder()
                        .setConfig(config())
                        .setNumClasses(2)
                        .optVectorInput(true)
                        .build()
            }
        };
    }

    @Test(dataProvider = "vectorBlocks")
    public void shapes(Block block) {
        String name = block.getClass().getSimpleName();
        assertThrown(
                IllegalStateException.class, () -> run(block, zeros(2, 3, 4)), name, "initialize");
        assertRefused(() -> init(block, 2, 4), name, "(2, 4)");
        init(block, 1, 1, 4);
        Assert.assertEquals(run(block, zeros(2, 3, 4)).get(0).getShape().get(0), 2);
        assertRefused(() -> run(block), name);
        assertRefused(() -> run(block, zeros(2, 4)), name, "(B, L, 4)", "(2, 4)");
        assertRefused(() -> run(block, zeros(2, 3, 5)), name, "(B, L, 4)", "(2, 3, 5)");
        assertRefused(() -> run(block, zeros(2, 3, 4, 1)), name, "(2, 3, 4, 1)");
        assertRefused(() -> run(block, zeros(2, 0, 4)), name, "(B, L, 4)", "(2, 0, 4)");
        assertRefused(() -> run(block, zeros(0, 3, 4)), name, "(B, L, 4)", "(0, 3, 4)");
        NDArray doubles = zeros(2, 3, 4).toType(DataType.FLOAT64, true);
        assertRefused(() -> run(block, doubles), name, "float32", "float64");
        NDArray wholes = zeros(2, 3, 4).toType(DataType.INT32, true);
        assertRefused(() -> run(block, wholes), name, "float32", "int32");
    }

    @Test
    public void masksAndLengths() {
        Block block = mamba();
        NDArray x = zeros(2, 3, 4);
        assertRefused(() -> run(block, x, zeros(2, 4)), "MambaBlock", "(2, 3)", "(2, 4)");
        assertRefused(() -> run(block, x, zeros(3, 3)), "MambaBlock", "(2, 3)", "(3, 3)");
        assertRefused(() -> run(block, x, zeros(3)), "MambaBlock", "(2)", "(3)");
        NDArray tooLong = manager.create(new long[] {3, 4});
        assertRefused(() -> run(block, x, tooLong), "MambaBlock", "[0, 3]", "[3, 4]");
        NDArray negative = manager.create(new long[] {3, -1});
        assertRefused(() -> run(block, x, negative), "MambaBlock", "[0, 3]", "[3, -1]");
    }

    @Test
    public void states() {
        Block block = mamba();
        NDArray x = zeros(2, 3, 4);
        NDArray window = zeros(2, 3, 8);
        NDArray state = zeros(2, 8, 16);
        Assert.assertEquals(run(block, x, window, state).size(), 3);
        assertRefused(() -> run(block, x, window), "MambaBlock", "(2, 8, 16)", "(2, 3, 8)");
        assertRefused(() -> run(block, x, window, state, state), "MambaBlock", "2 state", "3");
        NDArray otherBatch = zeros(3, 8, 16);
        assertRefused(
                () -> run(block, x, window, otherBatch), "MambaBlock", "(2, 8, 16)", "(3, 8, 16)");
        NDArray otherModel = zeros(2, 8, 4);
        assertRefused(
                () -> run(block, x, window, otherModel), "MambaBlock", "(2, 8, 16)", "(2, 8, 4)");
        NDArray doubles = state.toType(DataType.FLOAT64, true);
        assertRefused(() -> run(block, x, window, doubles), "MambaBlock", "float32", "float64");
        MambaBackbone bidirectional = init(new MambaBackbone(config(), true, false), 1, 1, 4);
        assertRefused(() -> run(bidirectional, x, window, state), "MambaBackbone", "0 state");
    }

    @Test
    public void ssdStates() {
        Mamba2Block.Builder builder = Mamba2Block.builder().optHeadSize(2).optStateSize(5);
        Block block = init(builder.optReturnState(true).build(), 1, 1, 4);
        NDArray x = zeros(2, 3, 4);
        NDArray window = zeros(2, 3, 18);
        NDArray state = zeros(2, 4, 2, 5);
        Assert.assertEquals(run(block, x, window, state).size(), 3);
        String name = "Mamba2Block";
        assertRefused(() -> run(block, x, window), name, "(2, 4, 2, 5)", "(2, 3, 18)");
        assertRefused(() -> run(block, x, window, state, state), name, "2 state", "3");
        for (NDArray other : new NDArray[] {zeros(2, 8, 5), zeros(3, 4, 2, 5), zeros(2, 2, 4, 5)}) {
            String shape = other.getShape().toString();
            assertRefused(() -> run(block, x, window, other), name, "(2, 4, 2, 5)", shape);
        }
    }

    @Test
    public void gatedNorms() {
        Block norm = new GatedRMSNorm(2, 1e-5, false);
        Shape shape = new Shape(1, 1, 4);
        assertRefused(
                () -> init(new GatedRMSNorm(3, 1e-5, false), 1, 1, 4), "GatedRMSNorm", "3", "4");
        norm.initialize(manager, DataType.FLOAT32, shape, shape);
        NDArray x = zeros(2, 3, 4);
        Assert.assertEquals(run(norm, x, x).get(0).getShape(), x.getShape());
        assertRefused(() -> run(norm, x), "GatedRMSNorm", "[(2, 3, 4)]");
        assertRefused(() -> run(norm, x, zeros(2, 3, 5)), "GatedRMSNorm", "(2, 3, 4)", "(2, 3, 5)");
        NDArray wide = zeros(2, 3, 6);
        assertRefused(() -> run(norm, wide, wide), "GatedRMSNorm", "(…, 4)", "(2, 3, 6)");
        assertRefused(() -> new GatedRMSNorm(0, 1e-5, false), "GatedRMSNorm", "groups", "0");
        assertRefused(() -> new GatedRMSNorm(1, -1, false), "GatedRMSNorm", "-1");
    }

    @Test
    public void ssdSizes() {
        assertRefused(() -> init(SSD.builder().optHeadSize(3).build(), 1, 1, 4), "SSD", "3", "4");
        SSD.Builder grouped = SSD.builder().optHeadSize(2).optGroups(3);
        assertRefused(() -> init(grouped.build(), 1, 1, 8), "SSD", "heads, 4", "groups, 3");
        SSD.Builder joined = SSD.builder().optStateSize(2).optHeadSize(2).optProjection(false);
        for (int width : new int[] {4, 8, 3}) { // x, B, C and Δ of one head take 7
            String found = Integer.toString(width);
            assertRefused(() -> init(joined.build(), 1, 1, width), "SSD", "H·2 + 2·2 + H", found);
        }
        init(joined.build(), 1, 1, 7);
        Mamba2Block.Builder block = Mamba2Block.builder().optHeadSize(16);
        assertRefused(() -> init(block.build(), 1, 1, 4), "Mamba2Block", "16", "E = 8");
        MambaConfig.Builder model =
                MambaConfig.builder()
                        .setVocabSize(3)
                        .setModelSize(12)
                        .setNumLayers(1)
                        .optMixer(new Mamba2Options());
        assertRefused(model::build, "Mamba2Options", "headSize = 64", "E = 24");
        model.optMixer(Mamba2Options.builder().optHeadSize(8).optGroups(2).build());
        assertRefused(model::build, "Mamba2Options", "heads, 3", "groups, 2");
        String text =
                model.optMixer(Mamba2Options.builder().optHeadSize(8).optGroups(3).build())
                        .build()
                        .toJson()
                        .replace("\"headSize\":8", "\"headSize\":8,\"gate\":false");
        assertRefused(() -> MambaConfig.parse(text), "Mamba2Options", "[gate]");
    }

    @Test
    public void ssdOptions() {
        String options = "Mamba2Options";
        assertRefused(() -> SSD.builder().optStateSize(0).build(), options, "stateSize", "0");
        assertRefused(() -> new TimeStepInit(0.1, 0.01, 0), "TimeStepInit", "0.1", "0.01");
        assertRefused(() -> SSD.builder().optTimeStepInit(null).build(), options, "timeStepInit");
        assertRefused(
                () -> SSD.builder().optReverse(true).optReturnState(true).build(), "SSD", "state");
        assertRefused(() -> Mamba2Block.builder().optExpand(0).build(), options, "expand");
        assertRefused(
                () -> Mamba2Block.builder().optReverse(true).optReturnState(true).build(),
                "Mamba2Block",
                "state");
        assertRefused(
                () -> Mamba2Block.builder().optConvKernel(0).build(), options, "convKernel", "0");
        assertRefused(() -> SSD.builder().optHeadSize(0).build(), options, "headSize", "0");
        assertRefused(() -> SSD.builder().optGroups(-1).build(), options, "groups", "-1");
        Mamba2Options.Builder config = Mamba2Options.builder();
        assertRefused(() -> config.optChunkSize(-1).build(), options, "chunkSize", "-1");
        config.optChunkSize(0);
        for (double[] limits : new double[][] {{-1, 1}, {2, 1}, {0, Double.NaN}}) {
            assertRefused(
                    () -> config.optTimeStepLimit(limits[0], limits[1]).build(),
                    options,
                    "limits",
                    Double.toString(limits[1]));
        }
        config.optTimeStepLimit(0, 1);
        for (double[] range : new double[][] {{0, 1}, {2, 1}, {1, Double.POSITIVE_INFINITY}}) {
            assertRefused(
                    () -> config.optDecayInit(range[0], range[1]).build(),
                    options,
                    "decay",
                    Double.toString(range[1]));
        }
        config.optDecayInit(1, 2);
        assertRefused(() -> config.optGatedNorm(null).build(), options, "gatedNorm");
    }

    @Test
    public void gates() {
        Block block = SelectiveSSM.builder().optGate(true).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 4), new Shape(1, 1, 4));
        NDArray x = zeros(2, 3, 4);
        assertRefused(() -> run(block, x), "SelectiveSSM", "(2, 3, 4)", "none");
        assertRefused(() -> run(block, x, zeros(2, 3, 5)), "SelectiveSSM", "(2, 3, 5)");
        NDArray doubles = x.toType(DataType.FLOAT64, true);
        assertRefused(() -> run(block, x, doubles), "SelectiveSSM", "float32", "float64");
    }

    @Test
    public void tokenIds() {
        MambaLanguageModel model = new MambaLanguageModel(config());
        Block classifier = MambaClassifier.builder().setConfig(config()).setNumClasses(2).build();
        for (Block block : new Block[] {model, classifier}) {
            String name = block.getClass().getSimpleName();
            NDArray ids = manager.create(new long[] {1, 2, 10}, new Shape(1, 3));
            assertThrown(IllegalStateException.class, () -> run(block, ids), name, "initialize");
            assertRefused(() -> init(block, 1, 1, 4), name, "(1, 1, 4)");
            init(block, 1, 1);
            Assert.assertEquals(run(block, ids).get(0).getShape().get(0), 1);
            // 12 has a row in the padded embedding, but is no token
            for (long wrong : new long[] {-1, 11, 12, 16, 1L << 40, Long.MIN_VALUE}) {
                NDArray bad = manager.create(new long[] {1, wrong, 2}, new Shape(1, 3));
                assertRefused(() -> run(block, bad), name, "[0, 11)", Long.toString(wrong));
            }
            assertRefused(() -> run(block, ids.reshape(3)), name, "(B, L)", "(3)");
            assertRefused(() -> run(block, ids.reshape(1, 3, 1)), name, "(B, L)", "(1, 3, 1)");
            NDArray none = manager.zeros(new Shape(1, 0), DataType.INT64);
            assertRefused(() -> run(block, none), name, "(B, L)", "(1, 0)");
        }
    }

    @DataProvider
    public Object[][] notWhole() {
        return new Object[][] {
            {1.5f}, {-0.25f}, {Float.NaN}, {Float.POSITIVE_INFINITY}, {Float.NEGATIVE_INFINITY}
        };
    }

    @Test(dataProvider = "notWhole")
    public void numbersThatAreNotWhole(float wrong) {
        Block classifier = MambaClassifier.builder().setConfig(config()).setNumClasses(2).build();
        String found = "got " + (double) wrong + " at index 1";
        for (Block block : new Block[] {new MambaLanguageModel(config()), classifier}) {
            String name = block.getClass().getSimpleName();
            init(block, 1, 1);
            NDArray whole = manager.create(new float[] {1, 2, 3}, new Shape(1, 3));
            NDArray bad = manager.create(new float[] {1, wrong, 2}, new Shape(1, 3));
            NDArray lengths = manager.create(new float[] {1, wrong}, new Shape(2));
            NDArray two = manager.ones(new Shape(2, 3), DataType.INT64);
            Assert.assertEquals(run(block, whole).get(0).getShape().get(0), 1);
            assertRefused(() -> run(block, bad), name, "whole numbers as token ids", found);
            assertRefused(() -> run(block, whole, bad), name, "as a mask or segments", found);
            assertRefused(() -> run(block, two, lengths), name, "as lengths", found);
        }
        NDArray logits = manager.zeros(new Shape(2, 4));
        NDList labels = new NDList(manager.create(new float[] {1, wrong}, new Shape(2)));
        assertRefused(
                () -> new MaskedCrossEntropy().evaluate(labels, new NDList(logits)),
                "MaskedCrossEntropy",
                "whole numbers as labels",
                found);
    }

    @Test
    public void normsAndProjections() {
        Block[] blocks = {new RMSNorm(), new Projection(3, true)};
        for (Block block : blocks) {
            String name = block.getClass().getSimpleName();
            init(block, 1, 1, 4);
            assertRefused(() -> run(block, zeros(2, 5)), name, "(…, 4)", "(2, 5)");
            assertRefused(() -> run(block, manager.create(1f)), name, "(…, 4)");
            NDArray doubles = zeros(2, 4).toType(DataType.FLOAT64, true);
            assertRefused(() -> run(block, doubles), name, "float32", "float64");
        }
    }

    @Test
    public void options() {
        assertRefused(() -> CausalConv1d.builder().build(), "CausalConv1d", "kernel");
        assertRefused(() -> CausalConv1d.builder().setKernel(0).build(), "CausalConv1d", "0");
        SelectiveSSM.Builder ssm = SelectiveSSM.builder();
        assertRefused(() -> ssm.optStateSize(0).build(), "SelectiveSSM", "stateSize", "0");
        ssm.optStateSize(2);
        assertRefused(() -> ssm.optTimeStepRank(-1).build(), "SelectiveSSM", "-1");
        ssm.optTimeStepRank(0);
        assertRefused(() -> ssm.optTimeStepInit(null).build(), "SelectiveSSM", "timeStepInit");
        assertRefused(() -> new TimeStepInit(0.1, 0.01, 1e-4), "TimeStepInit", "0.1", "0.01");
        assertRefused(() -> new TimeStepInit(0, 0.1, 1e-4), "TimeStepInit", "0.0");
        ssm.optTimeStepInit(TimeStepInit.DEFAULT).optReverse(true);
        assertRefused(() -> ssm.optReturnState(true).build(), "SelectiveSSM", "state");
        SelectiveSSM reverse = ssm.optReturnState(false).build();
        assertRefused(
                () -> MambaBlock.builder().optSsm(reverse).optReturnState(true).build(),
                "MambaBlock",
                "state");
        assertRefused(() -> MambaBlock.builder().optExpand(0).build(), "MambaOptions", "expand");
        assertRefused(
                () -> MambaBlock.builder().optConvKernel(0).build(),
                "MambaOptions",
                "convKernel",
                "0");
        SelectiveSSM gated = SelectiveSSM.builder().optGate(true).build();
        assertRefused(
                () -> MambaBlock.builder().optGate(false).optSsm(gated).build(), "MambaBlock");
        assertRefused(() -> ResidualBlock.builder().build(), "ResidualBlock", "setMixer");
        assertRefused(() -> ResidualBlock.builder().setMixer(gated).build(), "ResidualBlock");
        MambaBlock mixer = MambaBlock.builder().build();
        assertRefused(
                () -> ResidualBlock.builder().setMixer(mixer).optDropout(1).build(),
                "ResidualBlock",
                "dropout");
        assertRefused(() -> new MambaBackbone(config(), true, true), "MambaBackbone", "state");
        assertRefused(() -> MambaClassifier.builder().build(), "MambaClassifier", "setConfig");
        assertRefused(
                () -> MambaClassifier.builder().setConfig(config()).build(),
                "MambaClassifier",
                "numClasses");
        assertRefused(
                () -> MambaConfig.builder().setVocabSize(3).build(), "MambaConfig", "setModelSize");
        assertRefused(() -> new RMSNorm(-1), "RMSNorm", "-1");
        assertRefused(() -> new Projection(0, true), "Projection", "0");
    }

    @Test
    public void nativeScanWithoutItsOperators() {
        String[] words = {"native operators cannot be used"};
        Block block =
                init(
                        SelectiveSSM.builder().optScan(Scans.SELECTIVE.byName("native")).build(),
                        1,
                        2,
                        4);
        System.setProperty(Ops.NATIVE_PROPERTY, "off");
        System.setProperty(Scans.PROPERTY, "native");
        Block mamba = mamba();
        Block mamba2 = mamba2();
        try {
            assertThrown(IllegalStateException.class, () -> run(block, zeros(1, 2, 4)), words);
            assertThrown(IllegalStateException.class, () -> run(mamba, zeros(1, 2, 4)), words);
            assertThrown(IllegalStateException.class, () -> run(mamba2, zeros(1, 2, 4)), words);
        } finally {
            System.clearProperty(Scans.PROPERTY);
        }
    }

    @Test
    public void nativeProperty() {
        System.setProperty(Ops.NATIVE_PROPERTY, "maybe");
        if ("PyTorch".equals(engineName)) {
            assertRefused(() -> run(mamba(), zeros(1, 2, 4)), Ops.NATIVE_PROPERTY, "off", "maybe");
        }
    }

    @Test
    public void scanProperty() {
        System.setProperty(Scans.PROPERTY, "quantum");
        try {
            for (Block block : new Block[] {mamba(), mamba2()}) {
                assertRefused(() -> run(block, zeros(1, 2, 4)), "quantum", "chunked", "sequential");
            }
        } finally {
            System.clearProperty(Scans.PROPERTY);
        }
        assertRefused(() -> Scans.SELECTIVE.byName("fast"), "fast", "chunked", "sequential");
        assertRefused(() -> Scans.SSD.byName("fast"), "fast", "chunked", "sequential");
        String fastest = Ops.nativeFor(engineName).exists() ? "native" : "chunked";
        for (String name : new String[] {"chunked", "sequential", "auto"}) {
            System.setProperty(Scans.PROPERTY, name);
            try {
                String found = Scans.SELECTIVE.forEngine(engineName).name();
                Assert.assertEquals(found, "auto".equals(name) ? fastest : name);
                Assert.assertEquals(Scans.SSD.forEngine(engineName).name(), found, "SSD");
            } finally {
                System.clearProperty(Scans.PROPERTY);
            }
        }
    }
}
