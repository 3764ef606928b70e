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
package ai.djl.mamba.layer;

import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Parts of the user's own that look ahead, or forget, are refused before they give wrong results.
 */
public class CausalityTest extends ContractSuite {

    private static final int FEATURES = 4;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public CausalityTest(EngineSetup engine) {
        super(engine);
    }

    private <T extends Block> T init(T block) {
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, FEATURES));
        return block;
    }

    private NDList run(Block block, long length) {
        NDArray x = normal(1, DataType.FLOAT32, 1, length, FEATURES);
        return block.forward(new ParameterStore(manager, false), new NDList(x), false);
    }

    /** A scan that changes what another one gives, and counts its runs. */
    private record Own<I>(Scan<I> scan, UnaryOperator<NDList> change, AtomicInteger runs)
            implements Scan<I> {

        @Override
        public String name() {
            return "own";
        }

        @Override
        public NDList scan(I input) {
            runs.incrementAndGet();
            return change.apply(scan.scan(input));
        }
    }

    private static <I> Own<I> own(Scans<I> scans, UnaryOperator<NDList> change) {
        return new Own<>(scans.byName("chunked"), change, new AtomicInteger());
    }

    private static Own<SelectiveScanInput> selective(UnaryOperator<NDList> change) {
        return own(Scans.SELECTIVE, change);
    }

    private static Own<SSDScanInput> dual(UnaryOperator<NDList> change) {
        return own(Scans.SSD, change);
    }

    private static NDList bothWays(NDList result) {
        return new NDList(result.get(0).add(result.get(0).flip(1)), result.get(1));
    }

    private static NDList forgetful(NDList result) {
        return new NDList(result.get(0), result.get(1).mul(0));
    }

    private static NDList stateless(NDList result) {
        return new NDList(result.get(0));
    }

    @DataProvider
    public static Object[][] wrong() {
        UnaryOperator<NDList> bothWays = CausalityTest::bothWays;
        UnaryOperator<NDList> forgetful = CausalityTest::forgetful;
        UnaryOperator<NDList> stateless = CausalityTest::stateless;
        return new Object[][] {
            {bothWays, "the output of one call differs by up to "},
            {forgetful, "of one call differs by up to "},
            {stateless, "it must return the output and the state, but returned 1 arrays"}
        };
    }

    @Test(dataProvider = "wrong")
    public void wrongScansAreRefused(UnaryOperator<NDList> change, String reason) {
        SequenceBlock selective = SelectiveSSM.builder().optScan(selective(change)).build();
        SequenceBlock reverse =
                SelectiveSSM.builder().optScan(selective(change)).optReverse(true).build();
        Block[] blocks = {
            selective,
            reverse,
            MambaBlock.builder()
                    .optSsm(SelectiveSSM.builder().optScan(selective(change)).build())
                    .build(),
            SSD.builder().optHeadSize(2).optGroups(2).optScan(dual(change)).build(),
            Mamba2Block.builder().optHeadSize(2).optScan(dual(change)).build()
        };
        for (Block block : blocks) {
            init(block);
            for (int time = 0; time < 2; time++) { // and not only at first
                IllegalArgumentException e =
                        Assert.expectThrows(IllegalArgumentException.class, () -> run(block, 3));
                Assert.assertTrue(
                        e.getMessage().startsWith("The scan \"own\" (")
                                && e.getMessage().contains(reason),
                        e.getMessage());
            }
        }
    }

    @Test
    public void rightScansAreCheckedOnce() {
        for (boolean backwards : new boolean[] {false, true}) {
            Own<SelectiveScanInput> scan = selective(result -> result);
            Own<SSDScanInput> dual = dual(result -> result);
            Block first = init(SelectiveSSM.builder().optScan(scan).optReverse(backwards).build());
            Block second =
                    init(SSD.builder().optHeadSize(2).optScan(dual).optReverse(backwards).build());
            for (int time = 0; time < 2; time++) {
                run(first, 3);
                run(second, 3);
                Assert.assertEquals(scan.runs().get(), 4 + time);
                Assert.assertEquals(dual.runs().get(), 4 + time);
            }
        }
    }

    /** The sum of all steps so far or, if it looks ahead, of all steps. */
    private static final class Sums extends SequenceBlock {

        private final boolean ahead;

        Sums(boolean ahead) {
            super((byte) 1, false);
            this.ahead = ahead;
        }

        @Override
        public NDList forwardSequence(
                ParameterStore parameterStore, SequenceInput input, boolean training) {
            NDArray x = input.data();
            NDArray y = ahead ? x.add(x.sum(new int[] {1}, true)) : x.mul(2);
            return input.needState()
                    ? new NDList(y, x.getManager().zeros(new Shape(x.getShape().get(0), 1, 1)))
                    : new NDList(y);
        }

        @Override
        public List<StateSpec> getStateSpecs() {
            return List.of(new StateSpec("sum", new Shape(1, 1)));
        }

        @Override
        public DataType dataType() {
            return DataType.FLOAT32;
        }

        @Override
        public long inputSize() {
            return FEATURES;
        }

        @Override
        protected long outputSize(Shape inputShape) {
            return FEATURES;
        }
    }

    @Test
    public void blocksThatLookAheadAreRefusedBeforeTheyAreReadInParts() {
        Block ahead = init(new Sums(true));
        Assert.assertEquals(run(ahead, 8192).get(0).getShape(), new Shape(1, 8192, FEATURES));
        IllegalStateException e =
                Assert.expectThrows(IllegalStateException.class, () -> run(ahead, 8193));
        Assert.assertTrue(
                e.getMessage().startsWith("Sums: isCausal() is true, but the output of one call"),
                e.getMessage());
        Block causal = init(new Sums(false));
        Assert.assertEquals(run(causal, 8193).get(0).getShape(), new Shape(1, 8193, FEATURES));
    }

    @Test
    public void childrenOfStacksThatLookAheadAreRefusedToo() {
        Block stack =
                init(
                        SequenceStack.builder()
                                .add(CausalConv1d.builder().setKernel(2).build())
                                .add(LambdaBlock.singleton(x -> x.add(x.flip(1))))
                                .build());
        IllegalStateException e =
                Assert.expectThrows(IllegalStateException.class, () -> run(stack, 8193));
        Assert.assertTrue(
                e.getMessage().startsWith("SequenceStack: isCausal() is "), e.getMessage());
    }

    @Test
    public void childrenWithTwoOutputsAreRefusedByName() {
        Block stack =
                SequenceStack.builder()
                        .add(CausalConv1d.builder().setKernel(2).build())
                        .add(
                                new LambdaBlock(
                                        list -> new NDList(list.get(0), list.get(0).neg()),
                                        "Twice"))
                        .build();
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, () -> init(stack));
        Assert.assertEquals(
                e.getMessage(),
                "SequenceStack: a child must have one output, but LambdaBlock has 2");
    }
}
