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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The contract of {@link S4D}. */
public class S4DTest extends S4DFixture {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public S4DTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public Object[][] variants() {
        List<Object[]> rows = new ArrayList<>();
        for (S4D.Init init : S4D.Init.values()) {
            for (S4D.Discretization rule : S4D.Discretization.values()) {
                rows.add(new Object[] {init, rule});
            }
        }
        return rows.toArray(new Object[0][]);
    }

    @Test(dataProvider = "variants")
    public void recurrenceIsTheReference(S4D.Init init, S4D.Discretization rule) {
        matchesReference(init, rule, S4D.Mode.RECURRENCE);
    }

    @Test(dataProvider = "variants")
    public void convolutionIsTheReference(S4D.Init init, S4D.Discretization rule) {
        requireTransforms();
        matchesReference(init, rule, S4D.Mode.CONVOLUTION);
    }

    private void matchesReference(S4D.Init init, S4D.Discretization rule, S4D.Mode mode) {
        S4D block =
                make(
                        S4D.builder()
                                .optInit(init)
                                .optDiscretization(rule)
                                .optMode(mode)
                                .optReturnState(true));
        for (int length : new int[] {1, 2, 31, 32, 33, 63, 64, 65, 130}) {
            NDArray u = normal(length, DataType.FLOAT64, 2, length, CHANNELS);
            NDArray begin = normal(7, DataType.FLOAT64, 2, CHANNELS, STATES);
            for (NDArray state : new NDArray[] {null, begin}) {
                NDList inputs = state == null ? new NDList(u) : new NDList(u, state);
                NDList outputs = forward(block, inputs);
                S4DReference expected = S4DReference.run(block, rule, u, state);
                String what = init + " " + rule + " L " + length;
                assertNear(doubles(outputs.get(0)), expected.y, EXACT, what + " y");
                assertNear(doubles(outputs.get(1)), expected.state, EXACT, what + " state");
            }
        }
    }

    @Test
    public void automaticModeIsTheReference() {
        S4D block = make(S4D.builder());
        for (int length : new int[] {31, 32, 100}) {
            NDArray u = normal(length, DataType.FLOAT64, 2, length, CHANNELS);
            S4DReference expected =
                    S4DReference.run(block, S4D.Discretization.ZERO_ORDER_HOLD, u, null);
            NDList outputs = forward(block, new NDList(u));
            Assert.assertEquals(outputs.size(), 1);
            assertNear(doubles(outputs.get(0)), expected.y, EXACT, "L " + length);
        }
    }

    @Test
    public void forcedConvolutionNeedsTransforms() {
        if ("PyTorch".equals(engineName)) {
            throw new SkipException("PyTorch has them");
        }
        S4D block = make(S4D.builder().optMode(S4D.Mode.CONVOLUTION));
        for (int length : new int[] {1, 20}) {
            NDList input = new NDList(normal(1, DataType.FLOAT64, 1, length, CHANNELS));
            UnsupportedOperationException thrown =
                    Assert.expectThrows(
                            UnsupportedOperationException.class, () -> forward(block, input));
            Assert.assertTrue(thrown.getMessage().contains("CONVOLUTION"), thrown.getMessage());
        }
    }

    @Test
    public void impulseAtTheEndDoesNotWrapAround() {
        for (S4D.Mode mode : modes()) {
            S4D block = make(S4D.builder().optMode(mode));
            for (int length : new int[] {64, 100, 600}) {
                double[] impulse = new double[length * CHANNELS];
                Arrays.fill(impulse, (length - 1) * CHANNELS, length * CHANNELS, 1);
                NDArray u = manager.create(impulse, new Shape(1, length, CHANNELS));
                double[] y = doubles(forward(block, new NDList(u)).get(0));
                double[] before = Arrays.copyOf(y, (length - 1) * CHANNELS);
                assertNear(before, new double[before.length], 1e-14, mode + " L " + length);
            }
        }
    }

    @Test
    public void laterInputsDoNotChangeEarlierOutputs() {
        for (S4D.Mode mode : modes()) {
            S4D block = make(S4D.builder().optMode(mode));
            NDArray u = normal(1, DataType.FLOAT64, 2, 150, CHANNELS);
            NDArray other = normal(2, DataType.FLOAT64, 2, 150, CHANNELS);
            NDArray mixed = steps(u, 0, 70).concat(steps(other, 70, 150), 1);
            NDArray y = forward(block, new NDList(u)).get(0);
            NDArray changed = forward(block, new NDList(mixed)).get(0);
            assertNear(steps(changed, 0, 70), steps(y, 0, 70), EXACT, mode.name());
        }
    }

    @Test
    public void splitCallsAreTheWhole() {
        for (S4D.Mode mode : modes()) {
            S4D block = make(S4D.builder().optMode(mode).optReturnState(true));
            NDArray u = normal(3, DataType.FLOAT64, 2, 140, CHANNELS);
            NDArray begin = normal(4, DataType.FLOAT64, 2, CHANNELS, STATES);
            NDList whole = forward(block, new NDList(u, begin));
            for (int[] cuts : new int[][] {{0, 70, 140}, {0, 1, 2, 66, 130, 140}, singleSteps()}) {
                NDArray state = begin;
                NDList parts = new NDList();
                for (int i = 1; i < cuts.length; i++) {
                    NDArray part = steps(u, cuts[i - 1], cuts[i]);
                    NDList result = forward(block, new NDList(part, state));
                    parts.add(result.get(0));
                    state = result.get(1);
                }
                String what = mode + " in " + parts.size() + " calls";
                assertNear(NDArrays.concat(parts, 1), whole.get(0), EXACT, what);
                assertNear(state, whole.get(1), EXACT, what + " state");
            }
        }
    }

    private static int[] singleSteps() {
        int[] cuts = new int[141];
        Arrays.setAll(cuts, i -> i);
        return cuts;
    }

    @Test
    public void inferenceInPartsIsTheWhole() {
        S4D block = make(S4D.builder().optReturnState(true));
        NDArray u = normal(5, DataType.FLOAT64, 32, 300, CHANNELS);
        NDArray lengths = manager.create(new long[32]).add(290);
        NDList inputs = new NDList(u, lengths);
        NDList whole = call(block, inputs, true);
        NDList parts = call(block, inputs, false);
        assertNear(steps(parts.get(0), 0, 290), steps(whole.get(0), 0, 290), EXACT, "outputs");
        assertNear(parts.get(1), whole.get(1), EXACT, "state");
    }

    @Test
    public void paddedRowsAreTheRowsAlone() {
        for (S4D.Mode mode : modes()) {
            S4D block = make(S4D.builder().optMode(mode).optReturnState(true));
            for (int length : new int[] {1, 40, 100}) {
                long[] lengths = {length, length * 2 / 3, 0, 1, Math.max(0, length - 1)};
                NDArray u = normal(length, DataType.FLOAT64, 5, length, CHANNELS);
                NDArray begin = normal(6, DataType.FLOAT64, 5, CHANNELS, STATES);
                NDArray next = normal(8, DataType.FLOAT64, 5, 3, CHANNELS);
                NDList padded = forward(block, new NDList(u, manager.create(lengths), begin));
                NDList after = forward(block, new NDList(next, padded.get(1)));
                NDList fresh = forward(block, new NDList(u, manager.create(lengths)));
                for (int row = 0; row < lengths.length; row++) {
                    String what = mode + " L " + length + " row " + row;
                    NDIndex only = new NDIndex(row + ":" + (row + 1));
                    NDArray state = begin.get(only);
                    NDArray zero = state.zerosLike();
                    if (lengths[row] > 0) {
                        NDArray tokens = steps(u.get(only), 0, lengths[row]);
                        NDList alone = forward(block, new NDList(tokens, state));
                        NDArray outputs = steps(padded.get(0).get(only), 0, lengths[row]);
                        assertNear(outputs, alone.get(0), EXACT, what);
                        state = alone.get(1);
                        zero = forward(block, new NDList(tokens)).get(1);
                    }
                    assertNear(padded.get(1).get(only), state, EXACT, what + " state");
                    assertNear(fresh.get(1).get(only), zero, EXACT, what + " from zero");
                    NDArray following = forward(block, new NDList(next.get(only), state)).get(0);
                    assertNear(after.get(0).get(only), following, EXACT, what + " following");
                }
            }
        }
    }

    @Test
    public void maskWithHolesIsTheTokensAlone() {
        S4D block = make(S4D.builder().optReturnState(true));
        NDArray u = normal(1, DataType.FLOAT64, 1, 6, CHANNELS);
        NDArray mask = manager.create(new long[] {0, 1, 0, 1, 1, 0}, new Shape(1, 6));
        NDList outputs = forward(block, new NDList(u, mask));
        NDArray tokens = steps(u, 1, 2).concat(steps(u, 3, 5), 1);
        NDList alone = forward(block, new NDList(tokens));
        NDArray y = steps(outputs.get(0), 1, 2).concat(steps(outputs.get(0), 3, 5), 1);
        assertNear(y, alone.get(0), EXACT, "outputs");
        assertNear(outputs.get(1), alone.get(1), EXACT, "state");
    }

    @Test
    public void impulseResponseIsTheKernelInFloat32() {
        for (S4D.Mode mode : modes()) {
            S4D block = S4D.builder().optStateSize(64).optMode(mode).build();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, CHANNELS));
            double[] impulse = new double[2048 * CHANNELS];
            Arrays.fill(impulse, 0, CHANNELS, 1);
            NDArray u =
                    manager.create(impulse, new Shape(1, 2048, CHANNELS))
                            .toType(DataType.FLOAT32, false);
            S4DReference kernel =
                    S4DReference.run(block, S4D.Discretization.ZERO_ORDER_HOLD, u, null);
            assertNear(doubles(forward(block, new NDList(u)).get(0)), kernel.y, 1e-4, mode.name());
        }
    }

    @Test
    public void initialPolesAreThePapers() {
        assertNear(frequencies(S4D.Init.LIN, 4), new double[] {0, Math.PI}, EXACT, "Lin");
        double[] inv = {4 / Math.PI * 3, 4 / Math.PI / 3};
        assertNear(frequencies(S4D.Init.INV, 4), inv, EXACT, "Inv");
        S4D real = make(S4D.builder().optInit(S4D.Init.REAL));
        Assert.assertNull(real.getAImag());
        double[] logs = {0, Math.log(2), Math.log(3), Math.log(4)};
        assertNear(Arrays.copyOf(doubles(real.getLogAReal().getArray()), 4), logs, EXACT, "Real");
        assertNear(frequencies(S4D.Init.LEGS, 2), new double[] {Math.sqrt(3) / 2}, EXACT, "LegS 2");
    }

    @Test
    public void legsPolesAreEigenvalues() {
        // invariants of the skew-symmetric S, S_nk = −½√(2n+1)√(2k+1) for n > k
        for (int size : new int[] {4, 16, 64}) {
            double[] found = frequencies(S4D.Init.LEGS, size);
            double squares = 0;
            double logProduct = 0;
            for (int n = 0; n < found.length; n++) {
                squares += found[n] * found[n];
                logProduct += Math.log(found[n]);
                Assert.assertTrue(n == 0 ? found[n] > 0 : found[n] > found[n - 1], "order");
            }
            double norm = 0;
            double diagonal = 0;
            for (int n = 0; n < size; n++) {
                diagonal += Math.log(2 * n + 1.0);
                for (int k = 0; k < n; k++) {
                    norm += (2 * n + 1.0) * (2 * k + 1.0) / 4;
                }
            }
            Assert.assertEquals(squares, norm, 1e-12 * norm, "Σλ² = ½‖S‖², N " + size);
            // S = D·X·D with X of ±½, whose Pfaffian is ±2^{−N/2}
            double pfaffian = diagonal / 2 - size / 2.0 * Math.log(2);
            Assert.assertEquals(logProduct, pfaffian, 1e-8, "ln Πλ = ln |Pf S|, N " + size);
        }
    }

    private double[] frequencies(S4D.Init init, int states) {
        S4D block = S4D.builder().optInit(init).optStateSize(states).build();
        block.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 1));
        return doubles(block.getAImag().getArray());
    }

    @Test
    public void initialTimeStepsAreInRange() {
        S4D block = S4D.builder().optTimeStepInit(0.01, 0.02).build();
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 100));
        for (double value : doubles(block.getLogTimeStep().getArray())) {
            Assert.assertEquals(Math.exp(value), 0.015, 0.00501);
        }
    }

    @Test
    public void standsInTheMambaBlock() {
        MambaBlock block =
                MambaBlock.builder().optSsm(S4D.builder().build()).optReturnState(true).build();
        block.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 4));
        NDArray u = normal(1, DataType.FLOAT64, 2, 9, 4);
        NDList whole = forward(block, new NDList(u));
        NDList first = forward(block, new NDList(steps(u, 0, 8)));
        NDList second = forward(block, new NDList(steps(u, 8, 9), first.get(1), first.get(2)));
        assertNear(first.get(0).concat(second.get(0), 1), whole.get(0), EXACT, "outputs");
        assertNear(second.get(2), whole.get(2), EXACT, "state");
        Assert.assertEquals(whole.get(2).getShape(), new Shape(2, 8, 16));
    }

    @Test
    public void leavesNoArraysBehind() {
        S4D block = make(S4D.builder().optReturnState(true));
        int parameters = manager.getManagedArrays().size();
        for (int length : new int[] {1, 5, 100}) {
            try (NDManager local = manager.newSubManager()) {
                NDArray u = local.ones(new Shape(2, length, CHANNELS), DataType.FLOAT64);
                NDArray lengths = local.create(new long[] {length, 1});
                NDList whole = forward(block, new NDList(u));
                NDList padded = forward(block, new NDList(u, lengths));
                Assert.assertEquals(
                        local.getManagedArrays().size(), 2 + whole.size() + padded.size());
            }
        }
        Assert.assertEquals(manager.getManagedArrays().size(), parameters);
    }

    @Test
    public void buildChecksItsOptions() {
        List<S4D.Builder> wrong =
                List.of(
                        S4D.builder().optStateSize(0),
                        S4D.builder().optStateSize(15),
                        S4D.builder().optInit(null),
                        S4D.builder().optTimeStepInit(0, 1),
                        S4D.builder().optTimeStepInit(0.2, 0.1));
        for (S4D.Builder builder : wrong) {
            Assert.assertThrows(IllegalArgumentException.class, builder::build);
        }
    }
}
