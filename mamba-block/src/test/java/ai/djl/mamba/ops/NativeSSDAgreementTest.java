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

import ai.djl.mamba.layer.mamba2.GatedNorm;
import ai.djl.mamba.layer.mamba2.GatedRMSNorm;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
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
import java.util.stream.DoubleStream;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The native operators of Mamba-2 give what the composed ones give, over shapes and layouts. */
public class NativeSSDAgreementTest extends ContractSuite {

    private static final int[] LENGTHS = {1, 2, 5, 31, 64, 67, 128, 131, 300};
    private static final List<DataType> TYPES = List.of(DataType.FLOAT32, DataType.FLOAT64);

    public NativeSSDAgreementTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeClass
    public void skipWhereNoneWereBuilt() {
        NativeOperators.skipWhereNoneWereBuilt();
    }

    /** Sizes and options of a scan. */
    private record Sizes(
            long rows, long length, int groups, long perGroup, long size, long states) {

        static Sizes random(Random random) {
            return new Sizes(
                    1L + random.nextInt(3),
                    LENGTHS[random.nextInt(LENGTHS.length)],
                    1 + random.nextInt(3),
                    1L + random.nextInt(3),
                    1L + random.nextInt(random.nextBoolean() ? 5 : 40),
                    1L + random.nextInt(random.nextBoolean() ? 5 : 60));
        }

        long heads() {
            return groups * perGroup;
        }

        long channels() {
            return heads() * size;
        }

        long inputs() {
            return groups * states;
        }
    }

    /**
     * The arguments of a scan as a block has them: x, B, C and Δ are slices of one array, which is
     * kept for the gradients.
     */
    private record Views(
            NDList variables,
            Sizes sizes,
            NDArray mask,
            NDArray resets,
            boolean limited,
            boolean reverse) {

        NDList run(Scan<SSDScanInput> scan) {
            long x = sizes.channels();
            NDList parts =
                    variables
                            .get(0)
                            .split(new long[] {x, x + sizes.inputs(), x + 2 * sizes.inputs()}, 2);
            NDList result =
                    scan.scan(
                            new SSDScanInput(
                                    parts.get(0),
                                    parts.get(3),
                                    variables.get(1),
                                    variables.get(2).exp().neg(),
                                    parts.get(1),
                                    parts.get(2),
                                    variables.get(3),
                                    mask,
                                    resets,
                                    variables.get(4),
                                    sizes.groups(),
                                    limited ? 0.3 : 0,
                                    limited ? 1.7 : Double.POSITIVE_INFINITY,
                                    reverse,
                                    0));
            return new NDList(result.get(0).mul(mask), result.get(1));
        }
    }

    private Views views(DataType type, Sizes sizes, Random random) {
        long rows = sizes.rows();
        long steps = rows * sizes.length();
        NDArray mask = flags(type, random.doubles(steps).map(x -> x < 0.9 ? 1 : 0), sizes);
        double often = random.nextInt(3) == 0 ? 0 : random.nextDouble() / 8;
        NDArray resets = flags(type, random.doubles(steps).map(x -> x < often ? 1 : 0), sizes);
        long width = sizes.channels() + 2 * sizes.inputs() + sizes.heads();
        long skips = random.nextBoolean() ? sizes.heads() : sizes.channels();
        NDList variables =
                new NDList(
                        normal(1, type, rows, sizes.length(), width),
                        normal(2, type, sizes.heads()),
                        normal(3, type, sizes.heads()),
                        normal(4, type, skips),
                        normal(5, type, rows, sizes.heads(), sizes.size(), sizes.states()));
        return new Views(
                variables,
                sizes,
                mask,
                often == 0 ? null : resets.mul(mask),
                random.nextInt(3) == 0,
                random.nextBoolean());
    }

    private NDArray flags(DataType type, DoubleStream flags, Sizes sizes) {
        return manager.create(flags.toArray())
                .reshape(sizes.rows(), sizes.length(), 1)
                .toType(type, true);
    }

    private NDList slopes(Views views, Scan<SSDScanInput> scan) {
        return gradients(views.variables(), () -> loss(views.run(scan)));
    }

    @Test
    public void scansOverRandomShapes() {
        Random random = new Random(6);
        for (int i = 0; i < 30; i++) {
            DataType type = device().isGpu() ? DataType.FLOAT32 : TYPES.get(i % 2);
            Views views = views(type, Sizes.random(random), random);
            String what = views.sizes() + " " + type;
            double tolerance = type == DataType.FLOAT64 ? 1e-11 : 1e-4;
            NDList expected = views.run(Scans.SSD.byName("sequential"));
            assertAllClose(views.run(Scans.SSD.byName("native")), expected, tolerance, what);
            NDList slopes = slopes(views, Scans.SSD.byName("sequential"));
            assertAllClose(
                    slopes(views, Scans.SSD.byName("native")), slopes, tolerance, "slope " + what);
        }
    }

    private static void assertAllClose(
            NDList actual, NDList expected, double tolerance, String what) {
        for (int i = 0; i < expected.size(); i++) {
            assertClose(actual.get(i), expected.get(i), tolerance, what + ", array " + i);
        }
    }

    @Test
    public void scansTheSameBitByBit() {
        Sizes sizes = new Sizes(1, 300, 1, 5, 33, 20);
        Views views = views(DataType.FLOAT32, sizes, new Random(1));
        NDList outputs = views.run(Scans.SSD.byName("native"));
        NDList slopes = slopes(views, Scans.SSD.byName("native"));
        for (int i = 0; i < 3; i++) {
            assertAllEqual(views.run(Scans.SSD.byName("native")), outputs, "outputs");
            assertAllEqual(slopes(views, Scans.SSD.byName("native")), slopes, "gradients");
        }
    }

    @Test
    public void normalizesWithAGate() {
        ParameterStore store = new ParameterStore(manager, false);
        for (DataType type : TYPES) {
            for (long[] sizes : new long[][] {{1, 2, 1}, {37, 3, 2}, {64, 41, 1}, {5, 700, 3}}) {
                for (boolean before : new boolean[] {false, true}) {
                    GatedRMSNorm norm = new GatedRMSNorm((int) sizes[2], 1e-2, before);
                    Shape shape = new Shape(2, sizes[1], sizes[0] * sizes[2]);
                    norm.initialize(manager, type, shape, shape);
                    norm.getWeight().getArray().addi(0.5);
                    NDArray wide = normal(1, type, 2, sizes[1], 2 * shape.get(2));
                    NDList variables = new NDList(wide, norm.getWeight().getArray());
                    Supplier<NDList> run = () -> norm.forward(store, wide.split(2, 2), false);
                    Supplier<NDList> slopes = () -> gradients(variables, () -> loss(run.get()));
                    String what = shape + " " + type + " norm before gate: " + before;
                    double tolerance = type == DataType.FLOAT64 ? 1e-11 : 1e-5;
                    assertAllClose(run.get(), NativeOperators.composed(run), tolerance, what);
                    assertAllClose(
                            slopes.get(),
                            NativeOperators.composed(slopes),
                            tolerance,
                            "slope " + what);
                }
            }
        }
    }

    /** The step is one operator; it has to be what the block computes otherwise. */
    @Test
    public void steps() {
        for (DataType type : TYPES) {
            for (long rows : new long[] {1, 3, 11}) {
                for (Mamba2Block block : blocks()) {
                    block.initialize(manager, type, new Shape(1, 1, 18));
                    NDArray x = normal(1, type, rows, 1, 18);
                    NDList inputs = new NDList(x);
                    for (Shape shape : block.getStateShapes(rows)) {
                        inputs.add(normal(2, type, shape.getShape()));
                    }
                    assertSteps(block, new NDList(x));
                    assertSteps(block, inputs);
                }
            }
        }
    }

    private static List<Mamba2Block> blocks() {
        return List.of(
                Mamba2Block.builder().optHeadSize(6).optReturnState(true).build(),
                Mamba2Block.builder()
                        .optBias(true)
                        .optConvBias(false)
                        .optStateSize(17)
                        .optHeadSize(4)
                        .optGroups(3)
                        .optTimeStepLimit(0.02, 0.6)
                        .optChannelSkip(true)
                        .optGatedNorm(GatedNorm.BEFORE_GATE)
                        .optReturnState(true)
                        .build(),
                Mamba2Block.builder()
                        .optHeadSize(36)
                        .optStateSize(5)
                        .optGatedNorm(GatedNorm.NONE)
                        .optReturnState(true)
                        .build());
    }

    private void assertSteps(Mamba2Block block, NDList inputs) {
        ParameterStore store = new ParameterStore(manager, false);
        Supplier<NDList> run = () -> block.forward(store, inputs, false);
        NDList before = new NDList();
        inputs.forEach(array -> before.add(array.duplicate()));
        NDList actual = run.get();
        NDList expected = NativeOperators.composed(run);
        assertAllEqual(inputs, before, "inputs");
        DataType type = block.dataType();
        String what = inputs.get(0).getShape() + " " + type;
        assertAllClose(actual, expected, 10 * exact(type), what);
        inputs.forEach(array -> array.addi(1));
        assertAllClose(actual, expected, 10 * exact(type), "after its inputs were overwritten");
        for (NDArray array : actual) {
            Assert.assertEquals(array.getDataType(), type);
            Assert.assertSame(array.getManager(), inputs.get(0).getManager());
        }
    }
}
