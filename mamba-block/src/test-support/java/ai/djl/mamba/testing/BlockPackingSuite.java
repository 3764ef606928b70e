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
package ai.djl.mamba.testing;

import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A row of several documents gives what each document gives alone. */
public abstract class BlockPackingSuite extends BlockFixture {

    /** Segment numbers of rows, 0 at padding. */
    private enum Kind {
        FULL("11122233345", "12121212121", "11111111111", "77777777778", "12222222222"),
        RIGHT("11122334500", "11111000000", "00000000000", "31333000000", "11111111112"),
        LEFT("00111222333", "00000000012", "00000000000", "01111111111", "12345678912"),
        HOLES("10110222033", "01010200030", "00000100000", "20000000005", "12003011110"),
        LONG(random(70, 20), random(70, 3), random(70, 100));

        private final String rows;

        Kind(String... rows) {
            this.rows = String.join(" ", rows);
        }

        private int[][] segments() {
            return Arrays.stream(rows.split(" ", -1))
                    .map(row -> row.chars().map(c -> c - '0').toArray())
                    .toArray(int[][]::new);
        }

        /** Documents of a mean length, some padding at the end, and some between. */
        private static String random(int length, int mean) {
            Random random = new Random(mean);
            StringBuilder row = new StringBuilder();
            int number = 1;
            for (int t = 0; t < length; t++) {
                number = random.nextInt(mean) == 0 ? number % 9 + 1 : number;
                boolean padding = t > length - mean / 5 || random.nextInt(20) == 0;
                row.append(padding ? 0 : number);
            }
            return row.toString();
        }

        int rows() {
            return segments().length;
        }

        int length() {
            return segments()[0].length;
        }

        int[] flat() {
            return Arrays.stream(segments()).flatMapToInt(Arrays::stream).toArray();
        }

        /** The positions of the tokens of each document. */
        List<List<Integer>> documents(int row) {
            List<List<Integer>> documents = new ArrayList<>();
            int[] segments = segments()[row];
            int number = 0;
            for (int t = 0; t < segments.length; t++) {
                int found = segments[t];
                if (found != 0) {
                    if (found != number) {
                        documents.add(new ArrayList<>());
                    }
                    documents.get(documents.size() - 1).add(t);
                    number = found;
                }
            }
            return documents;
        }
    }

    protected BlockPackingSuite(EngineSetup engine, int features) {
        super(engine, features);
    }

    @DataProvider
    public Object[][] packings() {
        List<Object[]> cases = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            cases.add(new Object[] {kind, DataType.FLOAT32});
            cases.add(new Object[] {kind, DataType.FLOAT64});
        }
        return cases.toArray(new Object[0][]);
    }

    @Test(dataProvider = "packings")
    public void documentsGiveWhatTheyGiveAlone(Enum<?> packing, DataType type) {
        Kind kind = (Kind) packing;
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, kind.rows(), kind.length());
        List<List<NDList>> alone = new ArrayList<>();
        for (int row = 0; row < kind.rows(); row++) {
            NDList ofRow = row(data, row);
            alone.add(new ArrayList<>());
            for (List<Integer> document : kind.documents(row)) {
                alone.get(row).add(run(block, inputs(pick(ofRow, document), null, null)));
            }
        }
        assertDocuments(block, data, null, kind, alone);
        NDList state = state(block, 20, kind.rows());
        for (int row = 0; row < kind.rows(); row++) {
            for (List<Integer> first : kind.documents(row).stream().limit(1).toList()) {
                NDList inputs = inputs(pick(row(data, row), first), null, row(state, row));
                alone.get(row).set(0, run(block, inputs));
            }
        }
        assertDocuments(block, data, state, kind, alone);
    }

    /** Checks packed rows, from a begin state or none, against their documents alone. */
    private void assertDocuments(
            SequenceBlock block, NDList data, NDList state, Kind kind, List<List<NDList>> alone) {
        NDList inputs = inputs(data, segments(kind), state);
        double tolerance = 10 * exact(block.dataType());
        for (boolean training : new boolean[] {false, true}) {
            NDList result = run(block, inputs, training);
            for (int row = 0; row < kind.rows(); row++) {
                String what = kind + ", row " + row + (state == null ? "" : " with state");
                NDList end = state == null ? noState(block) : row(state, row);
                NDList found = row(result, row);
                List<List<Integer>> documents = kind.documents(row);
                for (int i = 0; i < documents.size(); i++) {
                    NDArray outputs = pick(found.subNDList(0, 1), documents.get(i)).get(0);
                    end = alone.get(row).get(i);
                    String where = what + ": outputs at " + documents.get(i);
                    assertNear(outputs, end.get(0), tolerance, where);
                    end = end.subNDList(1);
                }
                assertAllNear(found.subNDList(1), end, tolerance, what + ": final state");
            }
        }
    }

    private NDList noState(SequenceBlock block) {
        NDList zeros = new NDList();
        state(block, 1, 1).forEach(array -> zeros.add(array.zerosLike()));
        return zeros;
    }

    @Test
    public void gradientsAreThoseOfTheDocumentsAlone() {
        SequenceBlock block = block(DataType.FLOAT64);
        for (Kind kind : new Kind[] {Kind.RIGHT, Kind.HOLES, Kind.LONG}) {
            NDList data = data(block, 1, DataType.FLOAT64, kind.rows(), kind.length());
            NDList state = state(block, 20, kind.rows());
            NDList variables = variables(block, data, state);
            NDList actual = gradients(variables, () -> packedLoss(block, data, state, kind));
            NDList expected = gradients(variables, () -> lossAlone(block, data, state, kind));
            assertAllNear(actual, expected, 1e-10, "gradients of " + kind);
        }
    }

    private NDArray packedLoss(SequenceBlock block, NDList data, NDList state, Kind kind) {
        NDList result = run(block, inputs(data, segments(kind), state), true);
        NDArray total = null;
        for (int row = 0; row < kind.rows(); row++) {
            NDList ofRow = row(result, row);
            for (List<Integer> document : kind.documents(row)) {
                total = plus(total, pick(ofRow.subNDList(0, 1), document));
            }
            total = plus(total, ofRow.subNDList(1));
        }
        System.gc(); // what the backward pass needs must not live in memory of Java
        return total;
    }

    private NDArray lossAlone(SequenceBlock block, NDList data, NDList state, Kind kind) {
        NDArray total = null;
        for (int row = 0; row < kind.rows(); row++) {
            NDList end = row(state, row);
            NDList begin = end;
            for (List<Integer> document : kind.documents(row)) {
                NDList alone = pick(row(data, row), document);
                NDList result = run(block, inputs(alone, null, begin), true);
                total = plus(total, result.subNDList(0, 1));
                end = result.subNDList(1);
                begin = null;
            }
            total = plus(total, end);
        }
        return total;
    }

    private static NDArray plus(NDArray total, NDList arrays) {
        NDArray sum = total;
        for (NDArray array : arrays) {
            NDArray added = array.square().sum().add(array.sum());
            sum = sum == null ? added : sum.add(added);
        }
        return sum;
    }

    /** More rows and steps than inference takes at a time: parts are cut at step 256. */
    @Test
    public void inferenceInPartsIsTheWhole() {
        int rows = 40;
        int length = 270;
        SequenceBlock block = block(DataType.FLOAT64);
        if (!block.isCausal()) {
            throw new SkipException("not cut into parts");
        }
        Random random = new Random(7);
        int[] segments = new int[rows * length];
        double[] tokens = new double[rows * length];
        for (int row = 0; row < rows; row++) {
            int start = 240 + row % 30; // at the cut, around it, and none at all
            int other = random.nextInt(length);
            for (int t = 0; t < length - row % 3; t++) {
                segments[row * length + t] = 1 + (t < start ? 0 : 1) + (t < other ? 0 : 2);
                tokens[row * length + t] = 1;
            }
        }
        Shape shape = new Shape(rows, length);
        NDList data = data(block, 1, DataType.FLOAT64, rows, length);
        NDList state = state(block, 20, rows);
        NDList inputs = inputs(data, manager.create(segments, shape), state);
        NDList parts = run(block, inputs);
        NDList whole = run(block, inputs, true);
        NDArray mask = manager.create(tokens, new Shape(rows, length, 1));
        assertNear(parts.get(0).mul(mask), whole.get(0).mul(mask), 1e-11, "outputs");
        assertAllNear(parts.subNDList(1), whole.subNDList(1), 1e-11, "state");
    }

    @Test(dataProvider = "packings")
    public void oneSegmentIsAMask(Enum<?> packing, DataType type) {
        Kind kind = (Kind) packing;
        SequenceBlock block = block(type);
        NDList data = data(block, 1, type, kind.rows(), kind.length());
        Shape shape = new Shape(kind.rows(), kind.length());
        int[] mask = Arrays.stream(kind.flat()).map(number -> number == 0 ? 0 : 1).toArray();
        NDList expected = run(block, inputs(data, manager.create(mask, shape), null));
        for (int number : new int[] {2, -5}) {
            int[] segments = Arrays.stream(mask).map(token -> token * number).toArray();
            NDList found = run(block, inputs(data, manager.create(segments, shape), null));
            assertAllEqual(found, expected, kind + " numbered " + number);
        }
        NDList floats = inputs(data, manager.create(mask, shape).toType(type, false), null);
        assertAllEqual(run(block, floats), expected, kind + " of " + type);
        Assert.assertFalse(kind.documents(0).isEmpty(), "no token");
    }

    private NDArray segments(Kind kind) {
        return manager.create(kind.flat(), new Shape(kind.rows(), kind.length()));
    }

    /** Some steps of all arrays, with gradients. */
    private static NDList pick(NDList arrays, List<Integer> steps) {
        NDList picked = new NDList();
        for (NDArray array : arrays) {
            NDList taken = new NDList();
            int from = 0;
            for (int i = 1; i <= steps.size(); i++) {
                if (i == steps.size() || steps.get(i) != steps.get(i - 1) + 1) {
                    int start = steps.get(from);
                    taken.add(part(new NDList(array), start, start + i - from).get(0));
                    from = i;
                }
            }
            picked.add(Differentiable.concat(taken, 1));
        }
        return picked;
    }
}
