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

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** What a {@link SequenceStack} hands to its children, and which children it takes. */
public class SequenceStackChildrenTest extends ContractSuite {

    private static final int FEATURES = 4;
    private static final int ROWS = 3;
    private static final int LENGTH = 6;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public SequenceStackChildrenTest(EngineSetup engine) {
        super(engine);
    }

    private <T extends Block> T init(T block) {
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, FEATURES));
        return block;
    }

    private NDList run(Block block, NDArray x, NDArray padding, NDList state) {
        NDList inputs = new NDList(x);
        if (padding != null) {
            inputs.add(padding);
        }
        inputs.addAll(state);
        return block.forward(new ParameterStore(manager, false), inputs, false);
    }

    /** Adds 1 to its input and each of its states, which have different shapes, and takes notes. */
    private static final class Probe extends SequenceBlock {

        private final List<Shape> rowShapes;
        private final List<SequenceInput> inputs = new ArrayList<>();
        private final List<double[]> states = new ArrayList<>();

        Probe(Shape... rowShapes) {
            super((byte) 1, false);
            this.rowShapes = List.of(rowShapes);
        }

        @Override
        public NDList forwardSequence(
                ParameterStore parameterStore, SequenceInput input, boolean training) {
            inputs.add(input);
            NDList result = new NDList(input.data().add(1));
            for (int i = 0; i < rowShapes.size(); i++) {
                NDArray state = input.state(i);
                states.add(state == null ? null : doubles(state));
                if (input.needState()) {
                    Shape shape = getStateSpecs().get(i).startShape(ROWS);
                    NDManager owner = input.data().getManager();
                    result.add(state == null ? owner.zeros(shape) : state.add(1));
                }
            }
            return result;
        }

        @Override
        public List<StateSpec> getStateSpecs() {
            return rowShapes.stream().map(shape -> new StateSpec("probe", shape)).toList();
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

    private static NDList states(NDManager owner) {
        return new NDList(
                owner.full(new Shape(ROWS, 2, 2), 10f),
                owner.full(new Shape(ROWS, 3, 1), 20f),
                owner.full(new Shape(ROWS, 5, 1, 2), 30f));
    }

    private static SequenceStack probes(Probe first, Probe second, boolean returnState) {
        return SequenceStack.builder()
                .add(Blocks.identityBlock())
                .add(first)
                .add(Blocks.identityBlock())
                .add(second)
                .add(Blocks.identityBlock())
                .optReturnState(returnState)
                .build();
    }

    @Test
    public void eachChildGetsItsStatesAndAllItsStatesComeBack() {
        Probe first = new Probe(new Shape(2, 2));
        Probe second = new Probe(new Shape(3, 1), new Shape(5, 1, 2));
        SequenceStack stack = init(probes(first, second, true));
        NDArray x = manager.zeros(new Shape(ROWS, LENGTH, FEATURES));
        NDList state = states(manager);
        NDList result = run(stack, x, null, state);
        NDArray two = manager.full(x.getShape(), 2f);
        NDList expected = new NDList(two);
        state.forEach(array -> expected.add(array.add(1)));
        assertAllEqual(result, expected, "with state");
        assertAllEqual(new NDList(x), new NDList(x.zerosLike()), "the input");
        Assert.assertEquals(first.states.get(0), doubles(state.get(0)));
        Assert.assertEquals(second.states.get(0), doubles(state.get(1)));
        Assert.assertEquals(second.states.get(1), doubles(state.get(2)));

        NDList fresh = run(stack, x, null, new NDList());
        Assert.assertEquals(
                Arrays.asList(fresh.subNDList(1).getShapes()), stack.getStateShapes(ROWS));
        Assert.assertNull(first.states.get(1), "the start of a sequence");
        Assert.assertNull(second.states.get(2), "the start of a sequence");
    }

    @Test
    public void statesAreNotMadeInVain() {
        Probe first = new Probe(new Shape(2, 2));
        Probe second = new Probe(new Shape(3, 1), new Shape(5, 1, 2));
        SequenceStack stack = init(probes(first, second, false));
        NDArray x = manager.zeros(new Shape(ROWS, LENGTH, FEATURES));
        Assert.assertEquals(run(stack, x, null, states(manager)).size(), 1);
        for (Probe probe : List.of(first, second)) {
            Assert.assertFalse(probe.inputs.get(0).needState());
            Assert.assertNotNull(probe.states.get(0));
        }
    }

    @Test
    public void eachChildGetsLengthsMasksAndDocuments() {
        Probe first = new Probe(new Shape(2, 2));
        Probe second = new Probe();
        SequenceStack stack = init(probes(first, second, true));
        NDArray x = manager.zeros(new Shape(ROWS, LENGTH, FEATURES));
        long[] lengths = {6, 2, 4};
        int[] mask = {1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1};
        int[] segments = {1, 1, 2, 2, 2, 1, 0, 0, 7, 0, 7, 0, 0, 3, 4, 4, 0, 4};
        NDArray rows = manager.create(lengths);
        NDArray masked = manager.create(mask, new Shape(ROWS, LENGTH));
        NDArray packed = manager.create(segments, new Shape(ROWS, LENGTH));
        for (NDArray padding : new NDArray[] {rows, masked, packed}) {
            run(stack, x, padding, new NDList());
        }
        for (Probe probe : List.of(first, second)) {
            for (SequenceInput input : probe.inputs) {
                Assert.assertEquals(input.padding().lengths(), lengths);
            }
            Assert.assertNull(probe.inputs.get(0).documents());
            Assert.assertNull(probe.inputs.get(1).documents());
            Assert.assertEquals(probe.inputs.get(2).documents().starts(0), new long[] {2, 5});
            Assert.assertEquals(probe.inputs.get(2).documents().starts(1), new long[0]);
            Assert.assertEquals(probe.inputs.get(2).documents().starts(2), new long[] {1});
        }
    }

    @DataProvider
    public Object[][] paddings() {
        return new Object[][] {
            {null},
            {new int[] {6, 2, 4}},
            {new int[] {1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1}},
            {new int[] {1, 1, 2, 2, 2, 1, 0, 0, 7, 0, 7, 0, 0, 3, 4, 4, 0, 4}}
        };
    }

    /** By hand each call has to be given the mask and the state. */
    @Test(dataProvider = "paddings")
    public void isItsChildrenOneAfterAnother(int[] numbers) {
        Mamba2Block mixer = Mamba2Block.builder().optHeadSize(4).optReturnState(true).build();
        Linear linear = Linear.builder().setUnits(FEATURES).build();
        MambaBlock last = MambaBlock.builder().optReturnState(true).build();
        SequenceStack stack =
                init(
                        SequenceStack.builder()
                                .add(mixer)
                                .add(linear)
                                .add(last)
                                .optReturnState(true)
                                .build());
        NDArray x = normal(1, DataType.FLOAT32, ROWS, LENGTH, FEATURES);
        NDArray padding = null;
        NDArray tokens = manager.ones(new Shape(ROWS, LENGTH, 1));
        if (numbers != null) {
            boolean isLengths = numbers.length == ROWS;
            padding = manager.create(numbers, isLengths ? new Shape(ROWS) : new Shape(3, LENGTH));
            tokens = tokens(numbers, isLengths);
        }
        NDList state = new NDList();
        for (Shape shape : stack.getStateShapes(ROWS)) {
            state.add(normal(5L + state.size(), DataType.FLOAT32, shape.getShape()));
        }
        for (NDList begin : List.of(new NDList(), state)) {
            boolean isFirst = begin.isEmpty();
            NDList before = run(mixer, x, padding, isFirst ? begin : state.subNDList(0, 2));
            NDArray h = linear.forward(store(), before.subNDList(0, 1), false).head();
            NDList after = run(last, h, padding, isFirst ? begin : state.subNDList(2));
            NDList expected = new NDList(after.get(0).mul(tokens));
            expected.addAll(before.subNDList(1));
            expected.addAll(after.subNDList(1));
            NDList actual = run(stack, x, padding, begin);
            actual.set(0, actual.get(0).mul(tokens));
            assertAllNear(actual, expected, 1e-6, isFirst ? "no state" : "state");
        }
    }

    private ParameterStore store() {
        return new ParameterStore(manager, false);
    }

    /** 1 at tokens, (B, L, 1). */
    private NDArray tokens(int[] numbers, boolean isLengths) {
        float[] flags = new float[ROWS * LENGTH];
        for (int i = 0; i < flags.length; i++) {
            boolean isToken = isLengths ? i % LENGTH < numbers[i / LENGTH] : numbers[i] != 0;
            flags[i] = isToken ? 1 : 0;
        }
        return manager.create(flags, new Shape(ROWS, LENGTH, 1));
    }

    private static void assertRefused(ThrowingRunnable call, String... words) {
        String message = Assert.expectThrows(IllegalArgumentException.class, call).getMessage();
        for (String word : words) {
            Assert.assertTrue(message.contains(word), "'" + word + "' is missing in: " + message);
        }
    }

    private static SequenceStack stack(Block... blocks) {
        SequenceStack.Builder builder = SequenceStack.builder();
        Arrays.stream(blocks).forEach(builder::add);
        return builder.build();
    }

    @Test
    public void refusesChildrenThatItCannotHandASequence() {
        String name = "SequenceStack";
        assertRefused(() -> stack(), name, "at least one SequenceBlock");
        assertRefused(() -> stack(Linear.builder().setUnits(3).build()), name, "SequenceBlock");
        SelectiveSSM gated = SelectiveSSM.builder().optGate(true).build();
        assertRefused(() -> stack(new RMSNorm(), gated), name, "gate");
        Block hidden =
                new SequentialBlock().add(new SequentialBlock().add(MambaBlock.builder().build()));
        assertRefused(
                () -> stack(MambaBlock.builder().build(), hidden),
                name,
                "SequentialBlock",
                "state");
        MambaConfig config =
                MambaConfig.builder().setVocabSize(5).setModelSize(4).setNumLayers(1).build();
        MambaClassifier classifier =
                MambaClassifier.builder().setConfig(config).setNumClasses(2).build();
        assertRefused(() -> stack(classifier, new RMSNorm()), name, "MambaClassifier", "each step");
    }

    @Test
    public void readsBackwardsWithoutState() {
        SequenceBlock backwards =
                new BidirectionalBlock(MambaBlock.builder().build(), MambaBlock.builder().build());
        SequenceStack stack =
                init(
                        SequenceStack.builder()
                                .add(MambaBlock.builder().build())
                                .add(backwards)
                                .build());
        Assert.assertFalse(stack.isCausal());
        NDArray x = normal(1, DataType.FLOAT32, ROWS, LENGTH, FEATURES);
        Assert.assertEquals(run(stack, x, null, new NDList()).size(), 1);
        Assert.assertEquals(stack.getStateSpecs(), List.of());
        NDList state = new NDList(manager.zeros(new Shape(ROWS, 3, 8)));
        state.add(manager.zeros(new Shape(ROWS, 8, 16)));
        assertRefused(() -> run(stack, x, null, state), "SequenceStack", "0 state", "got 2");
        SequenceStack.Builder stateful = SequenceStack.builder().add(backwards);
        assertRefused(stateful.optReturnState(true)::build, "SequenceStack", "not causal");
    }

    @Test
    public void checksItsInput() {
        SequenceStack stack = init(stack(new RMSNorm(), MambaBlock.builder().build()));
        String name = "SequenceStack";
        NDArray x = manager.zeros(new Shape(ROWS, LENGTH, FEATURES));
        NDArray wide = manager.zeros(new Shape(ROWS, LENGTH, 5));
        assertRefused(() -> run(stack, wide, null, new NDList()), name, "(B, L, 4)", "(3, 6, 5)");
        NDList state = new NDList(manager.zeros(new Shape(ROWS, 3, 8)));
        assertRefused(() -> run(stack, x, null, state), name, "2 state arrays", "got 1");
        state.add(manager.zeros(new Shape(ROWS, 8, 15)));
        assertRefused(() -> run(stack, x, null, state), name, "(3, 8, 16)", "(3, 8, 15)");
        SequenceStack fresh = stack(MambaBlock.builder().build());
        IllegalStateException e =
                Assert.expectThrows(
                        IllegalStateException.class, () -> run(fresh, x, null, new NDList()));
        Assert.assertTrue(e.getMessage().contains("SequenceStack: not initialized"), "" + e);
    }

    @Test
    public void namesItsChildren() {
        SequenceStack stack =
                SequenceStack.builder()
                        .add("body", MambaBlock.builder().build())
                        .add("body", MambaBlock.builder().build())
                        .add(Linear.builder().setUnits(3).build())
                        .build();
        Assert.assertEquals(stack.getChildren().keys(), List.of("01body", "02body", "03Linear"));
    }
}
