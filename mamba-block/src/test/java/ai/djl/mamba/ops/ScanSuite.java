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
package ai.djl.mamba.ops;

import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * The contract of every scan of one kind on an engine.
 *
 * @param <S> the kind of scan
 */
public abstract class ScanSuite<S extends Scan<?>> extends ContractSuite {

    /** What a scan may have or not. */
    protected enum Option {
        BIAS,
        SKIP,
        CHANNEL_SKIP,
        GATE,
        LIMITS,
        MASK,
        STATE,
        REVERSE,
        RESETS
    }

    /**
     * The arguments of a scan; what is absent is {@code null}.
     *
     * @param steps what depends on the step, each (B, L, ·), the sequence first
     * @param shared the parameters
     * @param mask the mask, (B, L, 1)
     * @param resets the resets, (B, L, 1)
     * @param state the state before the first step, (B, …)
     * @param groups the number of groups of heads
     * @param options the options that are on
     */
    protected record Arguments(
            List<NDArray> steps,
            List<NDArray> shared,
            NDArray mask,
            NDArray resets,
            NDArray state,
            int groups,
            Set<Option> options) {

        NDArray sequence() {
            return steps.get(0);
        }

        DataType type() {
            return sequence().getDataType();
        }

        boolean reverse() {
            return options.contains(Option.REVERSE);
        }

        Arguments withResets(NDArray other) {
            return new Arguments(steps, shared, mask, other, state, groups, options);
        }

        Arguments withoutState() {
            return new Arguments(steps, shared, mask, resets, null, groups, options);
        }

        /** Some steps of one row, without resets. */
        Arguments part(int row, int from, int to) {
            NDIndex part = new NDIndex().addSliceDim(row, row + 1).addSliceDim(from, to);
            NDIndex rows = new NDIndex().addSliceDim(row, row + 1);
            return new Arguments(
                    list(steps.stream().map(step -> step == null ? null : step.get(part))),
                    shared,
                    null,
                    null,
                    state == null ? null : state.get(rows),
                    groups,
                    options);
        }

        /** The same numbers in another type. */
        Arguments in(DataType type) {
            return new Arguments(
                    list(steps.stream().map(array -> cast(array, type))),
                    list(shared.stream().map(array -> cast(array, type))),
                    cast(mask, type),
                    cast(resets, type),
                    cast(state, type),
                    groups,
                    options);
        }

        private static NDArray cast(NDArray array, DataType type) {
            return array == null ? null : array.toType(type, true);
        }

        /** Everything that gradients flow to. */
        NDList variables() {
            return new NDList(
                    Stream.of(steps.stream(), shared.stream(), Stream.ofNullable(state))
                            .flatMap(arrays -> arrays)
                            .filter(Objects::nonNull)
                            .toArray(NDArray[]::new));
        }

        /** Everything there is. */
        NDList arrays() {
            NDList arrays = variables();
            Stream.of(mask, resets).filter(Objects::nonNull).forEach(arrays::add);
            return arrays;
        }
    }

    private final List<S> scans;

    /** Takes several scans where one class can be cut in several ways. */
    protected ScanSuite(EngineSetup engine, List<S> scans) {
        super(engine);
        this.scans = scans;
    }

    /** The options that this kind of scan has. */
    protected abstract Set<Option> options();

    /** Makes what depends on the step, the sequence first. */
    protected abstract List<NDArray> steps(
            DataType type, int rows, int length, int[] sizes, Set<Option> options);

    /** Makes the parameters. */
    protected abstract List<NDArray> shared(DataType type, int[] sizes, Set<Option> options);

    /** Says how large the state of a row is. */
    protected abstract Shape stateShape(int[] sizes);

    /** Says how many groups of heads there are. */
    protected abstract int groups(int[] sizes);

    /** The rows, the steps and the further sizes of the cases that are compared in full. */
    protected abstract Object[][] sizes();

    /** The sizes of small cases. */
    protected abstract int[] smallSizes();

    /** Makes arguments with large numbers, in which the time step is nothing or very much. */
    protected abstract Arguments extreme(int length);

    /** Makes arguments in which a few steps decay a lot and the ones between them little. */
    protected abstract Arguments uneven(int length);

    protected abstract NDList run(S scan, Arguments in);

    protected abstract ReferenceScan reference(Arguments in);

    /** The scan that is the recurrence as it is written. */
    protected abstract S oracle();

    protected abstract S byName(String name);

    /** A list that may hold {@code null}. */
    protected static List<NDArray> list(Stream<NDArray> arrays) {
        return arrays.toList();
    }

    private Arguments input(
            DataType type, int rows, int length, int[] sizes, Collection<Option> wanted) {
        Set<Option> options = EnumSet.noneOf(Option.class);
        options.addAll(wanted);
        NDArray mask = options.contains(Option.MASK) ? mask(type, rows, length) : null;
        return new Arguments(
                steps(type, rows, length, sizes, options),
                shared(type, sizes, options),
                mask,
                options.contains(Option.RESETS) ? resets(type, rows, length, mask) : null,
                options.contains(Option.STATE)
                        ? normal(9, type, new Shape(rows).addAll(stateShape(sizes)).getShape())
                        : null,
                groups(sizes),
                options);
    }

    /** Time steps before softplus: every ninth is 50, the others are some thousandths. */
    protected NDArray unevenTimeSteps(int rows, int length, int width) {
        double[] raw = new double[rows * length * width];
        Random random = new Random(length);
        for (int i = 0; i < raw.length; i++) {
            raw[i] = random.nextInt(9) == 0 ? 50 : -5 - random.nextDouble();
        }
        return manager.create(raw, new Shape(rows, length, width)).toType(DataType.FLOAT32, true);
    }

    /** The options that are bits of a number. */
    private Set<Option> chosen(int bits) {
        Set<Option> chosen = EnumSet.noneOf(Option.class);
        int bit = 0;
        for (Option option : options()) {
            if ((bits >> bit++ & 1) == 1) {
                chosen.add(option);
            }
        }
        return chosen;
    }

    private Set<Option> allBut(Option... missing) {
        Set<Option> chosen = EnumSet.copyOf(options());
        chosen.removeAll(List.of(missing));
        return chosen;
    }

    private String name(S scan) {
        return scan.name() + " scan " + scans.indexOf(scan);
    }

    @Test
    public void agreesWithTheReference() {
        for (Object[] size : sizes()) {
            int rows = (int) size[0];
            int length = (int) size[1];
            int[] sizes = (int[]) size[2];
            Random random = new Random(length);
            int all = 1 << options().size();
            for (int i = 0; i < (length > 1000 ? 1 : 3); i++) {
                Set<Option> options = chosen(i == 0 ? all - 1 : i == 1 ? 0 : random.nextInt(all));
                for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
                    Arguments in = input(type, rows, length, sizes, options);
                    assertReference(scans, in, 1e-5);
                }
            }
        }
    }

    @Test
    public void agreesWithTheReferenceForAllOptions() {
        for (int bits = 0; bits < 1 << options().size(); bits++) {
            Arguments in = input(DataType.FLOAT64, 2, 18, smallSizes(), chosen(bits));
            assertReference(someScans(), in, 1e-5);
        }
    }

    private void assertReference(Collection<S> some, Arguments in, double tolerance) {
        double bound = in.type() == DataType.FLOAT64 ? 1e-12 : tolerance;
        ReferenceScan expected = reference(in);
        for (S scan : some) {
            String what = name(scan) + ", " + in.sequence().getShape() + in.type() + in.options();
            try (NDList result = run(scan, in)) {
                Assert.assertEquals(result.get(0).getShape(), in.sequence().getShape(), what);
                Assert.assertEquals(result.get(0).getDataType(), in.type(), what);
                Assert.assertEquals(result.get(1).getDataType(), in.type(), what);
                NDArray y = atTokens(in, result).get(0);
                assertClose(y, expected.y, bound, what + ": y");
                assertClose(result.get(1), expected.state, bound, what + ": state");
            }
        }
    }

    /** The outputs with y = 0 at padding, where it has no meaning. */
    private static NDList atTokens(Arguments in, NDList outputs) {
        NDArray y = outputs.get(0);
        return new NDList(in.mask() == null ? y : y.mul(in.mask()), outputs.get(1));
    }

    private NDArray lossOf(S scan, Arguments in) {
        return loss(atTokens(in, run(scan, in)));
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
        for (int cut : new int[] {70, 64, 128}) { // 64 and 128: where chunks begin
            for (boolean reverse : new boolean[] {false, true}) {
                assertResetsCutTheRow(cut, reverse);
            }
        }
    }

    private void assertResetsCutTheRow(int cut, boolean reverse) {
        Set<Option> options = reverse ? allBut(Option.MASK) : allBut(Option.MASK, Option.REVERSE);
        Arguments in = input(DataType.FLOAT64, 2, 150, smallSizes(), options);
        double[] start = new double[2 * 150];
        start[reverse ? cut - 1 : cut] = 1;
        start[150] = 1;
        start[299] = 1;
        NDArray resets = manager.create(start).reshape(2, 150, 1);
        for (S scan : scans) {
            NDList whole = run(scan, in.withResets(resets));
            // each part began with the begin state, which only the first in time has
            Arguments first = reverse ? in.part(0, cut, 150) : in.part(0, 0, cut);
            Arguments later = reverse ? in.part(0, 0, cut) : in.part(0, cut, 150);
            String what = name(scan) + (reverse ? " reverse, " : ", ") + cut;
            String before = "0:1, :" + cut;
            String behind = "0:1, " + cut + ":";
            NDArray found = whole.get(0).get(reverse ? behind : before);
            NDArray expected = run(scan, first).get(0);
            assertClose(found, expected, 1e-13, what + ": the first document");
            NDList alone = run(scan, later.withoutState());
            found = whole.get(0).get(reverse ? before : behind);
            assertClose(found, alone.get(0), 1e-13, what + ": the second document");
            assertClose(whole.get(1).get("0:1"), alone.get(1), 1e-13, what + ": final state");
        }
    }

    @Test
    public void nothingPassesAReset() {
        double[] start = new double[150];
        start[70] = 1;
        NDArray resets = manager.create(start).reshape(1, 150, 1);
        Arguments plain = input(DataType.FLOAT64, 1, 150, smallSizes(), Set.of());
        Arguments in = plain.withResets(resets);
        NDArray behind = resets.cumSum(1);
        NDList steps = new NDList(in.steps().stream().filter(Objects::nonNull).toList());
        for (S scan : scans) {
            NDList gradients =
                    gradients(
                            steps,
                            () -> {
                                NDList result = run(scan, in);
                                return result.get(0).mul(behind).sum().add(result.get(1).sum());
                            });
            for (NDArray gradient : gradients) {
                for (double value : doubles(gradient.get(":, :70"))) {
                    Assert.assertEquals(value, 0.0, name(scan) + ": gradient before the reset");
                }
                for (double value : doubles(gradient.get(":, 70:"))) {
                    Assert.assertNotEquals(value, 0.0, name(scan) + ": gradient behind it");
                }
            }
        }
    }

    /** Of several cuts the chosen one and the last one. */
    private Set<S> someScans() {
        return new LinkedHashSet<>(List.of(scans.get(0), scans.get(scans.size() - 1)));
    }

    @Test
    public void staysFiniteAtExtremes() {
        Arguments in = extreme(5000);
        ReferenceScan expected = reference(in);
        for (S scan : someScans()) {
            NDList result = run(scan, in);
            assertFinite(result, name(scan) + " at extremes");
            assertClose(result.get(0), expected.y, 1e-5, name(scan) + " at extremes: y");
            assertClose(result.get(1), expected.state, 1e-5, name(scan) + " at extremes: state");
        }
    }

    @Test
    public void gradientsAreThoseOfFloat64AtExtremes() {
        for (Arguments in : new Arguments[] {extreme(70), uneven(150)}) {
            Arguments wide = in.in(DataType.FLOAT64);
            NDList expected = gradients(wide.variables(), () -> lossOf(oracle(), wide));
            for (S scan : scans) {
                NDList gradients = gradients(in.variables(), () -> lossOf(scan, in));
                String what = name(scan) + " at extremes: gradients";
                assertFinite(gradients, what);
                for (int i = 0; i < gradients.size(); i++) {
                    double[] exact = doubles(expected.get(i));
                    assertClose(gradients.get(i), exact, 2e-6, what + " of variable " + i);
                }
            }
        }
    }

    @Test
    public void fastDecaysLeaveTheSlowOnesExact() {
        assertReference(scans, uneven(200), 2e-6);
    }

    @Test
    public void gradientsAgreeWithFiniteDifferences() {
        for (Set<Option> options : List.of(allBut(), allBut(Option.REVERSE), chosen(0))) {
            for (int length : new int[] {1, 3, 17}) { // one step, one block, several blocks
                Arguments in = input(DataType.FLOAT64, 2, length, smallSizes(), options);
                for (S scan : scans) {
                    String what = name(scan) + " " + options + " L=" + length;
                    assertGradients(in.variables(), () -> lossOf(scan, in), what);
                }
            }
        }
    }

    @Test
    public void gradientsAgreeWithTheSequentialScan() {
        for (Set<Option> options : List.of(allBut(), allBut(Option.REVERSE), chosen(1))) {
            for (int length : new int[] {53, 131}) {
                Arguments in = input(DataType.FLOAT64, 3, length, smallSizes(), options);
                NDList variables = in.variables();
                NDList expected = gradients(variables, () -> lossOf(oracle(), in));
                for (S scan : scans) {
                    NDList actual = gradients(variables, () -> lossOf(scan, in));
                    assertAllNear(actual, expected, 1e-12, "gradients of " + name(scan));
                }
            }
        }
    }

    @Test
    public void keepsNothingButItsResults() {
        Arguments in = input(DataType.FLOAT32, 2, 37, smallSizes(), allBut());
        for (S scan : scans) {
            int before = manager.getManagedArrays().size();
            try (NDList result = run(scan, in)) {
                Assert.assertEquals(result.size(), 2);
                Assert.assertSame(result.get(0).getManager(), manager, "manager of y");
                Assert.assertSame(result.get(1).getManager(), manager, "manager of the state");
                Assert.assertEquals(
                        manager.getManagedArrays().size(), before + 2, "arrays of " + name(scan));
            }
        }
    }

    @Test
    public void leavesItsArgumentsAsTheyAre() {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            for (Set<Option> options : List.of(allBut(), chosen(0))) {
                Arguments in = input(type, 2, 37, smallSizes(), options);
                Arguments kept = in.in(DataType.FLOAT64);
                for (S scan : scans) {
                    run(scan, in).close();
                    String what = "arguments of " + name(scan);
                    assertAllEqual(in.in(DataType.FLOAT64).arrays(), kept.arrays(), what);
                }
            }
        }
    }

    @Test
    public void isFoundByItsName() {
        for (S scan : scans) {
            Assert.assertSame(byName(scan.name()).getClass(), scan.getClass());
        }
    }
}
