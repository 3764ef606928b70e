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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The contract of every SSD {@link Scan} on an engine; sizes are heads, channels of a head, groups
 * and states.
 */
public abstract class SSDScanSuite extends ScanSuite<Scan<SSDScanInput>> {

    /** Both meet some of the time steps; in float32 they are exact, to which MXNet rounds them. */
    private static final double LEAST = 0.25;

    private static final double MOST = 1.25;

    @SafeVarargs
    @SuppressWarnings("varargs") // of List.of
    protected SSDScanSuite(EngineSetup engine, Scan<SSDScanInput>... scans) {
        super(engine, List.of(scans));
    }

    @Override
    protected Set<Option> options() {
        return EnumSet.complementOf(EnumSet.of(Option.GATE));
    }

    @Override
    protected Object[][] sizes() {
        return new Object[][] {
            {1, 1, new int[] {1, 1, 1, 1}},
            {3, 1, new int[] {6, 5, 3, 7}},
            {2, 2, new int[] {2, 16, 1, 3}},
            {1, 3, new int[] {6, 1, 2, 16}},
            {3, 6, new int[] {3, 4, 3, 1}},
            {2, 7, new int[] {4, 3, 2, 5}},
            {1, 8, new int[] {2, 7, 2, 16}},
            {3, 21, new int[] {5, 2, 1, 4}},
            {2, 63, new int[] {2, 3, 1, 3}},
            {1, 64, new int[] {3, 2, 3, 2}},
            {2, 65, new int[] {6, 16, 3, 16}},
            {3, 130, new int[] {2, 5, 1, 3}},
            {1, 200, new int[] {4, 4, 2, 8}},
            {1, 2117, new int[] {2, 2, 1, 3}}
        };
    }

    @Override
    protected int[] smallSizes() {
        return new int[] {4, 2, 2, 3};
    }

    @Override
    protected List<NDArray> steps(
            DataType type, int rows, int length, int[] sizes, Set<Option> options) {
        return List.of(
                normal(1, type, rows, length, (long) sizes[0] * sizes[1]),
                normal(2, type, rows, length, sizes[0]),
                normal(5, type, rows, length, (long) sizes[2] * sizes[3]),
                normal(6, type, rows, length, (long) sizes[2] * sizes[3]));
    }

    @Override
    protected List<NDArray> shared(DataType type, int[] sizes, Set<Option> options) {
        long skips = sizes[0] * (options.contains(Option.CHANNEL_SKIP) ? (long) sizes[1] : 1);
        return Arrays.asList(
                options.contains(Option.BIAS) ? normal(3, type, sizes[0]) : null,
                normal(4, type, sizes[0]).exp().neg(),
                options.contains(Option.SKIP) ? normal(7, type, skips) : null);
    }

    @Override
    protected Shape stateShape(int[] sizes) {
        return new Shape(sizes[0], sizes[1], sizes[3]);
    }

    @Override
    protected int groups(int[] sizes) {
        return sizes[2];
    }

    /** Δ before softplus is ±100, A is −e^10 or −e^−10, and x is up to some thousands. */
    @Override
    protected Arguments extreme(int length) {
        DataType type = DataType.FLOAT32;
        NDArray sign = normal(2, type, 1, length, 2).sign();
        return new Arguments(
                List.of(
                        normal(1, type, 1, length, 4).mul(1e3),
                        sign.mul(100),
                        normal(5, type, 1, length, 2),
                        normal(6, type, 1, length, 2)),
                Arrays.asList(
                        null,
                        manager.create(new float[] {10, -10}).exp().neg(),
                        normal(7, type, 4)),
                null,
                null,
                normal(9, type, 1, 2, 2, 2).mul(1e3),
                1,
                EnumSet.of(Option.CHANNEL_SKIP));
    }

    @Override
    protected Arguments uneven(int length) {
        DataType type = DataType.FLOAT32;
        return new Arguments(
                List.of(
                        normal(1, type, 2, length, 8),
                        unevenTimeSteps(2, length, 4),
                        normal(5, type, 2, length, 6),
                        normal(6, type, 2, length, 6)),
                Arrays.asList(null, manager.create(new float[] {-16, -1, -4, -0.1f}), null),
                null,
                null,
                normal(9, type, 2, 4, 2, 3),
                2,
                EnumSet.noneOf(Option.class));
    }

    private static SSDScanInput of(Arguments in) {
        boolean limited = in.options().contains(Option.LIMITS);
        return new SSDScanInput(
                in.steps().get(0),
                in.steps().get(1),
                in.shared().get(0),
                in.shared().get(1),
                in.steps().get(2),
                in.steps().get(3),
                in.shared().get(2),
                in.mask(),
                in.resets(),
                in.state(),
                in.groups(),
                limited ? LEAST : 0,
                limited ? MOST : Double.POSITIVE_INFINITY,
                in.reverse(),
                0);
    }

    @Override
    protected NDList run(Scan<SSDScanInput> scan, Arguments in) {
        return scan.scan(of(in));
    }

    @Override
    protected ReferenceScan reference(Arguments in) {
        return new ReferenceSSDScan(of(in));
    }

    @Override
    protected Scan<SSDScanInput> oracle() {
        return Scans.SSD.byName("sequential");
    }

    @Override
    protected Scan<SSDScanInput> byName(String name) {
        return Scans.SSD.byName(name);
    }
}
