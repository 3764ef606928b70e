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

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A padded row gives what the row gives alone. */
public abstract class BlockPaddingSuite extends BlockStateSuite {

    private static final int LENGTH = 6;

    /** Masks of four rows; one row has no token, one is shorter than a convolution window. */
    private enum Kind {
        RIGHT("111100 111111 000000 100000"),
        LEFT("001111 111111 000000 000001"),
        MIXED("001111 111110 000000 010000"),
        HOLES("101011 110111 000000 000100"),
        LENGTHS("111100 111111 000000 110000");

        private final String rows;

        Kind(String rows) {
            this.rows = rows;
        }

        int[][] mask() {
            return Arrays.stream(rows.split(" ", -1))
                    .map(row -> row.chars().map(c -> c - '0').toArray())
                    .toArray(int[][]::new);
        }

        int[] flatMask() {
            return Arrays.stream(mask()).flatMapToInt(Arrays::stream).toArray();
        }

        int length(int row) {
            return Arrays.stream(mask()[row]).sum();
        }

        int rows() {
            return mask().length;
        }
    }

    protected BlockPaddingSuite(EngineSetup engine, int features) {
        super(engine, features);
    }

    @DataProvider
    public Object[][] paddings() {
        Object[][] cases = new Object[Kind.values().length * 2][];
        for (int i = 0; i < cases.length; i++) {
            cases[i] =
                    new Object[] {
                        Kind.values()[i / 2], i % 2 == 0 ? DataType.FLOAT32 : DataType.FLOAT64
                    };
        }
        return cases;
    }

    @Test(dataProvider = "paddings")
    public void rowsGiveWhatTheyGiveAlone(Enum<?> padding, DataType type) {
        Kind kind = (Kind) padding;
        SequenceBlock block = block(type);
        NDList tokens = data(block, 1, type, kind.rows(), LENGTH);
        NDList padded = pad(block, tokens, kind);
        NDList next = data(block, 3, type, kind.rows(), 2);
        for (NDList state : new NDList[] {null, state(block, 20, kind.rows())}) {
            NDList result = run(block, inputs(padded, padding(kind), state));
            NDList following = run(block, inputs(next, null, result.subNDList(1)));
            for (int row = 0; row < kind.rows(); row++) {
                String what = kind + ", row " + row + (state == null ? "" : " with state");
                NDList begin = state == null ? zeroState(block) : row(state, row);
                NDList end = begin;
                if (kind.length(row) > 0) {
                    NDList alone = part(row(tokens, row), 0, kind.length(row));
                    NDList expected = run(block, inputs(alone, null, begin));
                    double[] actual = atTokens(result.get(0), kind.mask(), row);
                    double[] output = doubles(expected.get(0));
                    assertNear(actual, output, exact(type), what + ": outputs");
                    end = expected.subNDList(1);
                }
                NDList finalState = row(result.subNDList(1), row);
                assertAllNear(finalState, end, exact(type), what + ": final state");
                NDList expected = run(block, inputs(row(next, row), null, end));
                assertAllNear(row(following, row), expected, exact(type), what + ": next tokens");
            }
        }
    }

    @Test
    public void gradientsAreThoseOfTheRowsAlone() {
        Kind kind = Kind.HOLES;
        SequenceBlock block = block(DataType.FLOAT64);
        NDList tokens = data(block, 1, DataType.FLOAT64, kind.rows(), LENGTH);
        NDList padded = pad(block, tokens, kind);
        NDList state = state(block, 20, kind.rows());
        NDList variables = variables(block, padded, state);
        NDList actual =
                gradients(
                        variables,
                        () ->
                                tokenLoss(
                                        run(block, inputs(padded, padding(kind), state), true),
                                        kind));
        NDList expected =
                gradients(
                        variables(block, tokens, state),
                        () -> lossOfRowsAlone(block, tokens, state, kind));
        int shared = block.getParameters().size() + state.size();
        assertAllNear(
                actual.subNDList(0, shared), expected.subNDList(0, shared), 1e-11, "gradients");
        for (int i = shared; i < actual.size(); i++) {
            NDArray moved = arrange(expected.get(i), expected.get(i).mul(0), kind.mask());
            assertNear(actual.get(i), moved, 1e-11, "gradient of the padded input");
        }
    }

    /** The sum of outputs at tokens, squared, and of the final state. */
    private NDArray tokenLoss(NDList result, Kind kind) {
        double[] mask = Arrays.stream(kind.flatMask()).asDoubleStream().toArray();
        NDArray weight = manager.create(mask, new Shape(kind.rows(), LENGTH, 1));
        NDArray total = result.get(0).square().mul(weight).sum();
        for (NDArray state : result.subNDList(1)) {
            total = total.add(state.square().sum());
        }
        reuseFreedMemory();
        return total;
    }

    /** What the backward pass needs must not live in memory that the forward pass gave back. */
    private static void reuseFreedMemory() {
        System.gc();
        for (int size = 1; size < 300; size++) {
            ByteBuffer memory = ByteBuffer.allocateDirect(size * 8);
            while (memory.hasRemaining()) {
                memory.put((byte) 0x7b);
            }
        }
    }

    private NDArray lossOfRowsAlone(SequenceBlock block, NDList tokens, NDList state, Kind kind) {
        NDArray total = null;
        for (int row = 0; row < kind.rows(); row++) {
            NDList result = row(state, row);
            if (kind.length(row) > 0) {
                NDList alone = part(row(tokens, row), 0, kind.length(row));
                result = run(block, inputs(alone, null, result), true);
            }
            for (NDArray array : result) {
                NDArray sum = array.square().sum();
                total = total == null ? sum : total.add(sum);
            }
        }
        return total;
    }

    private NDList zeroState(SequenceBlock block) {
        NDList state = new NDList();
        block.getStateShapes(1).forEach(s -> state.add(manager.zeros(s, block.dataType())));
        return state;
    }

    private NDArray padding(Kind kind) {
        if (kind == Kind.LENGTHS) {
            return manager.create(
                    new long[] {kind.length(0), kind.length(1), kind.length(2), kind.length(3)});
        }
        return manager.create(kind.flatMask(), new Shape(kind.rows(), LENGTH));
    }

    /** Puts the tokens where the mask wants them, and other values at padding. */
    private NDList pad(SequenceBlock block, NDList tokens, Kind kind) {
        NDList garbage = data(block, 999, block.dataType(), kind.rows(), LENGTH);
        NDList padded = new NDList();
        for (int i = 0; i < tokens.size(); i++) {
            NDArray filler = takesIds() ? garbage.get(i) : garbage.get(i).mul(30);
            padded.add(arrange(tokens.get(i), filler, kind.mask()));
        }
        return padded;
    }

    private NDArray arrange(NDArray tokens, NDArray filler, int[][] mask) {
        double[] from = doubles(tokens);
        double[] values = doubles(filler);
        int width = values.length / (mask.length * LENGTH);
        for (int row = 0; row < mask.length; row++) {
            int next = row * LENGTH;
            for (int t = 0; t < LENGTH; t++) {
                if (mask[row][t] != 0) {
                    int to = (row * LENGTH + t) * width;
                    System.arraycopy(from, next++ * width, values, to, width);
                }
            }
        }
        return manager.create(values, tokens.getShape()).toType(tokens.getDataType(), false);
    }

    private static double[] atTokens(NDArray output, int[][] mask, int row) {
        double[] values = doubles(row(new NDList(output), row).get(0));
        int width = values.length / LENGTH;
        double[] found = new double[values.length];
        int next = 0;
        for (int t = 0; t < LENGTH; t++) {
            if (mask[row][t] != 0) {
                System.arraycopy(values, t * width, found, next++ * width, width);
            }
        }
        Assert.assertTrue(next > 0, "no token");
        return Arrays.copyOf(found, next * width);
    }
}
