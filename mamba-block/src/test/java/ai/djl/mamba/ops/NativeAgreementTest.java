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

import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.NativeOperators;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The native operators give what the composed ones give, over shapes and layouts of all kinds. */
public class NativeAgreementTest extends ContractSuite {

    private static final int[] PRIMES = {1, 2, 3, 7, 13, 31, 67, 131};
    private static final long RANK = 3;

    public NativeAgreementTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeClass
    public void skipWhereNoneWereBuilt() {
        NativeOperators.skipWhereNoneWereBuilt();
    }

    /**
     * The arguments of a scan as a Mamba block has them: u and z are the halves of one array, B and
     * C slices of another. Both arrays are kept, for the gradients.
     */
    private record Views(NDList variables, NDArray mask, NDArray resets, boolean reverse) {

        SelectiveScanInput input() {
            NDArray delta = variables.get(0);
            NDArray a = variables.get(2);
            long states = a.getShape().get(1);
            NDList halves = variables.get(3).split(2, 2);
            NDList parts = variables.get(4).split(new long[] {RANK, RANK + states}, 2);
            return new SelectiveScanInput(
                    halves.get(0),
                    delta,
                    variables.get(1),
                    a.exp().neg(),
                    parts.get(1),
                    parts.get(2),
                    variables.get(5),
                    halves.get(1),
                    mask,
                    resets,
                    variables.get(6),
                    reverse);
        }

        NDList run(Scan<SelectiveScanInput> scan) {
            NDList result = scan.scan(input());
            return new NDList(result.get(0).mul(mask), result.get(1));
        }
    }

    private Views views(DataType type, long rows, long length, long channels, long states) {
        Random random = new Random(length * 1000 + channels);
        double[] mask = random.doubles(rows * length).map(x -> x < 0.9 ? 1 : 0).toArray();
        NDList variables =
                new NDList(
                        normal(1, type, rows, length, channels),
                        normal(2, type, channels),
                        normal(3, type, channels, states),
                        normal(4, type, rows, length, 2 * channels),
                        normal(5, type, rows, length, RANK + 2 * states),
                        normal(6, type, channels),
                        normal(7, type, rows, channels, states));
        NDArray shaped = manager.create(mask).reshape(rows, length, 1).toType(type, true);
        double often = random.nextInt(3) == 0 ? 0 : random.nextDouble() / 4;
        double[] resets = random.doubles(rows * length).map(x -> x < often ? 1 : 0).toArray();
        NDArray starts =
                often == 0
                        ? null
                        : manager.create(resets)
                                .reshape(rows, length, 1)
                                .toType(type, true)
                                .mul(shaped);
        return new Views(variables, shaped, starts, random.nextBoolean());
    }

    @Test
    public void scansOverRandomShapes() {
        Random random = new Random(5);
        for (int i = 0; i < 30; i++) {
            long rows = 1L + random.nextInt(4);
            long length = PRIMES[random.nextInt(PRIMES.length)];
            long channels = 1 + 2L * random.nextInt(i % 3 == 0 ? 60 : 12);
            long states = i % 5 == 0 ? 1L + random.nextInt(256) : 1L + random.nextInt(20);
            for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
                Views views = views(type, rows, length, channels, states);
                String what = views.input().u().getShape() + ", N=" + states + " " + type;
                double tolerance = type == DataType.FLOAT64 ? 1e-11 : 1e-4;
                NDList expected = views.run(Scans.SELECTIVE.byName("sequential"));
                assertClose(views.run(Scans.SELECTIVE.byName("native")), expected, tolerance, what);
                NDList slopes = slopes(views, Scans.SELECTIVE.byName("sequential"));
                assertClose(
                        slopes(views, Scans.SELECTIVE.byName("native")),
                        slopes,
                        tolerance,
                        "slope " + what);
            }
        }
    }

    private NDList slopes(Views views, Scan<SelectiveScanInput> scan) {
        return gradients(views.variables(), () -> loss(views.run(scan)));
    }

    private static void assertClose(NDList actual, NDList expected, double tolerance, String what) {
        for (int i = 0; i < expected.size(); i++) {
            assertClose(actual.get(i), expected.get(i), tolerance, what + ", array " + i);
        }
    }

    /** So wide that a task takes a few steps only, and with documents shorter than the window. */
    @Test
    public void convolvesPackedRows() {
        Random random = new Random(3);
        for (long channels : new long[] {3, 1500, 4100}) {
            CausalConv1d block =
                    CausalConv1d.builder()
                            .setKernel(4)
                            .optSilu(channels == 3)
                            .optReturnState(true)
                            .build();
            block.initialize(manager, DataType.FLOAT64, new Shape(1, 1, channels));
            long[] segments = new long[3 * 41];
            for (int i = 0; i < segments.length; i++) {
                segments[i] = i % 41 >= 41 - i / 20 ? 0 : 1 + random.nextInt(i < 82 ? 12 : 2) / 11;
            }
            NDArray x = normal(1, DataType.FLOAT64, 3, 41, channels);
            NDArray window = normal(2, DataType.FLOAT64, 3, 3, channels);
            NDArray packed = manager.create(segments, new Shape(3, 41));
            NDArray mask = packed.neq(0).toType(DataType.FLOAT64, false).reshape(3, 41, 1);
            ParameterStore store = new ParameterStore(manager, false);
            NDList variables =
                    new NDList(x, window, block.getWeight().getArray(), block.getBias().getArray());
            Supplier<NDList> run =
                    () -> {
                        NDList result = block.forward(store, new NDList(x, packed, window), true);
                        return new NDList(result.get(0).mul(mask), result.get(1));
                    };
            Supplier<NDList> slopes = () -> gradients(variables, () -> loss(run.get()));
            assertAllNear(run.get(), NativeOperators.composed(run), 1e-12, "E " + channels);
            assertAllNear(
                    slopes.get(),
                    NativeOperators.composed(slopes),
                    1e-11,
                    "gradients, E " + channels);
        }
    }

    @Test
    public void scansTheSameBitByBit() {
        for (long[] shape : new long[][] {{1, 1031, 65}, {3, 300, 130}, {16, 9, 257}}) {
            Views views = views(DataType.FLOAT32, shape[0], shape[1], shape[2], 16);
            NDList outputs = views.run(Scans.SELECTIVE.byName("native"));
            NDList slopes = slopes(views, Scans.SELECTIVE.byName("native"));
            for (int i = 0; i < 3; i++) {
                assertAllEqual(views.run(Scans.SELECTIVE.byName("native")), outputs, "outputs");
                assertAllEqual(
                        slopes(views, Scans.SELECTIVE.byName("native")), slopes, "gradients");
            }
        }
    }

    @Test
    public void multipliesFewRows() {
        ParameterStore store = new ParameterStore(manager, false);
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            for (long[] sizes : new long[][] {{1, 1}, {7, 5}, {64, 64}, {131, 1025}}) {
                Projection projection = new Projection(sizes[1], sizes[0] != 7);
                projection.initialize(manager, type, new Shape(1, sizes[0]));
                for (long rows = 1; rows <= 9; rows++) {
                    NDArray wide = normal(rows, type, rows, 2 * sizes[0]);
                    for (NDArray x : wide.split(2, 1)) {
                        Supplier<NDArray> product = () -> projection.apply(store, x, false);
                        String what = x.getShape() + " → " + sizes[1] + " " + type;
                        assertClose(
                                product.get(),
                                NativeOperators.composed(product),
                                exact(type),
                                what);
                    }
                }
            }
        }
    }

    @Test
    public void normalizes() {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            for (Shape shape : new Shape[] {new Shape(1), new Shape(3, 37), new Shape(2, 5, 64)}) {
                RMSNorm norm = new RMSNorm();
                norm.initialize(manager, type, shape);
                norm.getWeight().getArray().addi(0.5);
                NDArray x = normal(1, type, shape.getShape());
                NDList variables = new NDList(x, norm.getWeight().getArray());
                ParameterStore store = new ParameterStore(manager, false);
                Supplier<NDList> run = () -> norm.forward(store, new NDList(x), false);
                Supplier<NDList> slopes = () -> gradients(variables, () -> loss(run.get()));
                assertClose(
                        run.get(), NativeOperators.composed(run), exact(type), "norm of " + shape);
                assertAllNear(
                        slopes.get(),
                        NativeOperators.composed(slopes),
                        1e-5,
                        "gradients of " + shape);
            }
        }
    }

    /** The step is one operator; it has to be what the block computes otherwise. */
    @Test
    public void steps() {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            for (long rows : new long[] {1, 3, 11}) {
                MambaBlock block = MambaBlock.builder().optReturnState(true).build();
                block.initialize(manager, type, new Shape(1, 1, 20));
                NDArray x = normal(1, type, rows, 1, 20);
                NDList inputs = new NDList(x);
                for (Shape shape : block.getStateShapes(rows)) {
                    inputs.add(normal(2, type, shape.getShape()));
                }
                assertSteps(block, new NDList(x));
                assertSteps(block, inputs);
            }
        }
    }

    private void assertSteps(MambaBlock block, NDList inputs) {
        ParameterStore store = new ParameterStore(manager, false);
        Supplier<NDList> run = () -> block.forward(store, inputs, false);
        NDList before = new NDList();
        inputs.forEach(array -> before.add(array.duplicate()));
        NDList actual = run.get();
        NDList expected = NativeOperators.composed(run);
        assertAllEqual(inputs, before, "inputs");
        DataType type = block.dataType();
        assertClose(actual, expected, 10 * exact(type), inputs.get(0).getShape() + " " + type);
        inputs.forEach(array -> array.addi(1));
        assertClose(actual, expected, 10 * exact(type), "after its inputs were overwritten");
        for (NDArray array : actual) {
            Assert.assertEquals(array.getDataType(), type);
            Assert.assertSame(array.getManager(), inputs.get(0).getManager());
        }
    }

    @Test
    public void otherTypesStayComposed() {
        for (DataType type : List.of(DataType.FLOAT16, DataType.INT32, DataType.INT64)) {
            NDArray array = manager.zeros(new Shape(2), type);
            boolean half = type == DataType.FLOAT16 && device().isGpu();
            Assert.assertEquals(Ops.of(array) != Ops.composed(), half, type.toString());
        }
        Assert.assertNotSame(Ops.of(manager.zeros(new Shape(2))), Ops.composed());
    }
}
