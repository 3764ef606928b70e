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
package ai.djl.mamba.integration;

import ai.djl.mamba.scan.ScanInput;
import ai.djl.mamba.scan.Scans;
import ai.djl.mamba.scan.SelectiveScan;
import ai.djl.mamba.scan.SequentialScan;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The contract of every {@link SelectiveScan} on an engine. */
public abstract class ScanSuite extends ContractSuite {

    private enum Option {
        BIAS,
        SKIP,
        GATE,
        MASK,
        STATE,
        REVERSE,
        RESETS
    }

    private static final int ALL = (1 << Option.values().length) - 1;
    private static final int FORWARD = ALL - 32; // not reversed

    private final List<SelectiveScan> scans;

    /** Takes several scans where one class can be cut in several ways. */
    protected ScanSuite(String engineName, SelectiveScan... scans) {
        super(engineName);
        this.scans = List.of(scans);
    }

    @DataProvider
    public Object[][] sizes() {
        return new Object[][] {
            {1, 1, 1, 1},
            {3, 1, 5, 17},
            {2, 2, 3, 3},
            {1, 3, 7, 1},
            {3, 4, 2, 3},
            {2, 7, 1, 17},
            {1, 16, 5, 3},
            {3, 17, 5, 3},
            {2, 31, 3, 17},
            {1, 32, 4, 1},
            {3, 37, 7, 3},
            {2, 101, 5, 16},
            {1, 2049, 3, 3}
        };
    }

    @Test(dataProvider = "sizes")
    public void agreesWithTheReference(int rows, int length, int channels, int states) {
        Random random = new Random(length);
        for (int i = 0; i < (length > 1000 ? 1 : 3); i++) {
            Set<Option> options = options(i == 0 ? ALL : i == 1 ? 0 : random.nextInt(ALL + 1));
            for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
                assertReference(input(type, rows, length, channels, states, options), options);
            }
        }
    }

    @Test
    public void agreesWithTheReferenceForAllOptions() {
        for (int bits = 0; bits <= ALL; bits++) {
            Set<Option> options = options(bits);
            assertReference(input(DataType.FLOAT64, 2, 18, 3, 2, options), options);
        }
    }

    private void assertReference(ScanInput in, Set<Option> options) {
        double tolerance = in.u().getDataType() == DataType.FLOAT64 ? 1e-12 : 1e-5;
        ReferenceScan expected = new ReferenceScan(in);
        for (SelectiveScan scan : scans) {
            String what = scan + " " + in.u().getShape() + in.u().getDataType() + options;
            try (NDList result = scan.scan(in)) {
                Assert.assertEquals(result.get(0).getShape(), in.u().getShape(), what);
                Assert.assertEquals(result.get(0).getDataType(), in.u().getDataType(), what);
                NDArray y = atTokens(in, result).get(0);
                assertClose(y, expected.y, tolerance, what + ": y");
                assertClose(result.get(1), expected.state, tolerance, what + ": state");
            }
        }
    }

    /** The outputs with y = 0 at padding, where it has no meaning. */
    private static NDList run(SelectiveScan scan, ScanInput in) {
        return atTokens(in, scan.scan(in));
    }

    private static NDList atTokens(ScanInput in, NDList outputs) {
        NDArray y = outputs.get(0);
        return new NDList(in.mask() == null ? y : y.mul(in.mask()), outputs.get(1));
    }

    private static Set<Option> options(int bits) {
        Set<Option> options = EnumSet.noneOf(Option.class);
        Option[] all = Option.values();
        for (int i = 0; i < all.length; i++) {
            if ((bits >> i & 1) == 1) {
                options.add(all[i]);
            }
        }
        return options;
    }

    private ScanInput input(
            DataType type, int rows, int length, int channels, int states, Set<Option> options) {
        boolean state = options.contains(Option.STATE);
        NDArray mask = options.contains(Option.MASK) ? mask(type, rows, length) : null;
        return new ScanInput(
                normal(1, type, rows, length, channels),
                normal(2, type, rows, length, channels),
                options.contains(Option.BIAS) ? normal(3, type, channels) : null,
                normal(4, type, channels, states).exp().neg(),
                normal(5, type, rows, length, states),
                normal(6, type, rows, length, states),
                options.contains(Option.SKIP) ? normal(7, type, channels) : null,
                options.contains(Option.GATE) ? normal(8, type, rows, length, channels) : null,
                mask,
                options.contains(Option.RESETS) ? resets(type, rows, length, mask) : null,
                state ? normal(9, type, rows, channels, states) : null,
                options.contains(Option.REVERSE));
    }

    /** The first row has a hole, the last one no tokens, the others padding at the end. */
    private NDArray mask(DataType type, int rows, int length) {
        double[] mask = new double[rows * length];
        for (int row = 0; row < rows; row++) {
            for (int t = 0; t < length; t++) {
                boolean token = row == 0 ? t != length / 2 : row < rows - 1 && t < length - row;
                mask[row * length + t] = token ? 1 : 0;
            }
        }
        return manager.create(mask).reshape(rows, length, 1).toType(type, true);
    }

    /** At a third of the tokens, among them the first one of some rows and neighbours. */
    private NDArray resets(DataType type, int rows, int length, NDArray mask) {
        Random random = new Random(rows + length);
        double[] resets = random.doubles((long) rows * length).map(x -> x < 0.3 ? 1 : 0).toArray();
        NDArray all = manager.create(resets).reshape(rows, length, 1).toType(type, true);
        return mask == null ? all : all.mul(mask);
    }

    @Test
    public void resetsCutTheRow() {
        for (boolean reverse : new boolean[] {false, true}) {
            Set<Option> options = options(reverse ? ALL : FORWARD);
            options.remove(Option.MASK);
            ScanInput in = input(DataType.FLOAT64, 2, 150, 3, 5, options);
            double[] start = new double[2 * 150];
            start[reverse ? 69 : 70] = 1;
            start[150] = 1;
            start[299] = 1;
            NDArray resets = manager.create(start).reshape(2, 150, 1);
            for (SelectiveScan scan : scans) {
                NDList whole = scan.scan(with(in, resets, 0, 2, 0, 150));
                NDList first = scan.scan(with(in, null, 0, 1, 0, 70));
                NDList second = scan.scan(with(in, null, 0, 1, 70, 150));
                String what = scan + (reverse ? " reverse" : "");
                NDArray y = first.get(0).concat(second.get(0), 1);
                // each part began with the begin state, which only the first in time has
                NDArray cut = reverse ? y.get(":, 70:") : y.get(":, :70");
                NDArray found = whole.get(0).get(reverse ? "0:1, 70:" : "0:1, :70");
                assertClose(found, cut, 1e-14, what + ": the first document");
                ScanInput later = with(in, null, 0, 1, reverse ? 0 : 70, reverse ? 70 : 150);
                NDList alone = scan.scan(withoutState(later));
                found = whole.get(0).get(reverse ? "0:1, :70" : "0:1, 70:");
                assertClose(found, alone.get(0), 1e-14, what + ": the second document");
                NDArray state = whole.get(1).get("0:1");
                assertClose(state, alone.get(1), 1e-14, what + ": final state");
            }
        }
    }

    @Test
    public void nothingPassesAReset() {
        double[] start = new double[150];
        start[70] = 1;
        NDArray resets = manager.create(start).reshape(1, 150, 1);
        ScanInput in = with(input(DataType.FLOAT64, 1, 150, 3, 5, options(0)), resets);
        NDArray behind = resets.cumSum(1);
        for (SelectiveScan scan : scans) {
            NDList gradients =
                    gradients(
                            new NDList(in.u(), in.delta(), in.b(), in.c()),
                            () -> {
                                NDList result = scan.scan(in);
                                return result.get(0).mul(behind).sum().add(result.get(1).sum());
                            });
            for (NDArray gradient : gradients) {
                for (double value : doubles(gradient.get(":, :70"))) {
                    Assert.assertEquals(value, 0.0, scan + ": gradient before the reset");
                }
                for (double value : doubles(gradient.get(":, 70:"))) {
                    Assert.assertNotEquals(value, 0.0, scan + ": gradient behind the reset");
                }
            }
        }
    }

    /** The same input with resets. */
    private static ScanInput with(ScanInput in, NDArray resets) {
        return new ScanInput(
                in.u(),
                in.delta(),
                in.deltaBias(),
                in.a(),
                in.b(),
                in.c(),
                in.d(),
                in.gate(),
                in.mask(),
                resets,
                in.initialState(),
                in.reverse());
    }

    private static ScanInput with(
            ScanInput in, NDArray resets, int row, int rowEnd, int from, int to) {
        NDIndex part = new NDIndex().addSliceDim(row, rowEnd).addSliceDim(from, to);
        NDIndex rows = new NDIndex().addSliceDim(row, rowEnd);
        return new ScanInput(
                in.u().get(part),
                in.delta().get(part),
                in.deltaBias(),
                in.a(),
                in.b().get(part),
                in.c().get(part),
                in.d(),
                in.gate() == null ? null : in.gate().get(part),
                null,
                resets,
                in.initialState() == null ? null : in.initialState().get(rows),
                in.reverse());
    }

    private static ScanInput withoutState(ScanInput in) {
        return new ScanInput(
                in.u(),
                in.delta(),
                in.deltaBias(),
                in.a(),
                in.b(),
                in.c(),
                in.d(),
                in.gate(),
                in.mask(),
                in.resets(),
                null,
                in.reverse());
    }

    @Test
    public void staysFiniteAtExtremes() {
        int length = 16384;
        ScanInput in = extreme(length);
        ReferenceScan expected = new ReferenceScan(in);
        // of several cuts the chosen one and the last one will do
        for (SelectiveScan scan :
                new LinkedHashSet<>(List.of(scans.get(0), scans.get(scans.size() - 1)))) {
            NDList result = scan.scan(in);
            assertFinite(result, scan + " at extremes");
            assertClose(result.get(0), expected.y, 1e-5, scan + " at extremes: y");
            assertClose(result.get(1), expected.state, 1e-5, scan + " at extremes: state");
        }
    }

    @Test
    public void gradientsStayFiniteAtExtremes() {
        ScanInput in = extreme(70);
        for (SelectiveScan scan : scans) {
            NDList gradients = gradients(variables(in), () -> loss(run(scan, in)));
            assertFinite(gradients, scan + " at extremes: gradients");
        }
    }

    /** Δ before softplus is ±100, A is −e^10 or −e^−10, and u is up to some thousands. */
    private ScanInput extreme(int length) {
        DataType type = DataType.FLOAT32;
        NDArray sign = normal(2, type, 1, length, 2).sign();
        return new ScanInput(
                normal(1, type, 1, length, 2).mul(1e3),
                sign.mul(100),
                null,
                manager.create(new float[] {10, -10, -10, 10}).reshape(2, 2).exp().neg(),
                normal(5, type, 1, length, 2),
                normal(6, type, 1, length, 2),
                normal(7, type, 2),
                normal(8, type, 1, length, 2).mul(100),
                null,
                null,
                normal(9, type, 1, 2, 2).mul(1e3),
                false);
    }

    @Test
    public void gradientsAgreeWithFiniteDifferences() {
        for (int bits : new int[] {ALL, FORWARD, 0}) {
            Set<Option> options = options(bits);
            for (int length : new int[] {1, 3, 17}) { // one step, one block, several blocks
                ScanInput in = input(DataType.FLOAT64, 2, length, 2, 3, options);
                for (SelectiveScan scan : scans) {
                    String what = scan + " " + options + " L=" + length;
                    assertGradients(variables(in), () -> loss(run(scan, in)), what);
                }
            }
        }
    }

    @Test
    public void gradientsAgreeWithTheSequentialScan() {
        for (int bits : new int[] {ALL, FORWARD, 1}) {
            ScanInput in = input(DataType.FLOAT64, 3, 53, 5, 3, options(bits));
            NDList variables = variables(in);
            NDList expected = gradients(variables, () -> loss(run(new SequentialScan(), in)));
            for (SelectiveScan scan : scans) {
                NDList actual = gradients(variables, () -> loss(run(scan, in)));
                assertAllNear(actual, expected, 1e-12, "gradients of " + scan);
            }
        }
    }

    /** Everything that gradients flow to. */
    private static NDList variables(ScanInput in) {
        return new NDList(
                Stream.of(
                                in.u(),
                                in.delta(),
                                in.deltaBias(),
                                in.a(),
                                in.b(),
                                in.c(),
                                in.d(),
                                in.gate(),
                                in.initialState())
                        .filter(Objects::nonNull)
                        .toArray(NDArray[]::new));
    }

    @Test
    public void keepsNothingButItsResults() {
        ScanInput in = input(DataType.FLOAT32, 2, 37, 3, 2, options(ALL));
        for (SelectiveScan scan : scans) {
            int before = manager.getManagedArrays().size();
            try (NDList result = scan.scan(in)) {
                Assert.assertEquals(result.size(), 2);
                Assert.assertSame(result.get(0).getManager(), manager, "manager of y");
                Assert.assertSame(result.get(1).getManager(), manager, "manager of the state");
                Assert.assertEquals(manager.getManagedArrays().size(), before + 2, "" + scan);
            }
        }
    }

    @Test
    public void isFoundByItsName() {
        for (SelectiveScan scan : scans) {
            Assert.assertSame(Scans.byName(scan.name()).getClass(), scan.getClass());
        }
    }
}
