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

/** The contract of every selective {@link Scan} on an engine; sizes are channels and states. */
public abstract class SelectiveScanSuite extends ScanSuite<Scan<SelectiveScanInput>> {

    @SafeVarargs
    @SuppressWarnings("varargs") // of List.of
    protected SelectiveScanSuite(EngineSetup engine, Scan<SelectiveScanInput>... scans) {
        super(engine, List.of(scans));
    }

    @Override
    protected Set<Option> options() {
        return EnumSet.complementOf(EnumSet.of(Option.CHANNEL_SKIP, Option.LIMITS));
    }

    @Override
    protected Object[][] sizes() {
        return new Object[][] {
            {1, 1, new int[] {1, 1}},
            {3, 1, new int[] {5, 17}},
            {2, 2, new int[] {3, 3}},
            {1, 3, new int[] {7, 1}},
            {3, 4, new int[] {2, 3}},
            {2, 7, new int[] {1, 17}},
            {1, 16, new int[] {5, 3}},
            {3, 17, new int[] {5, 3}},
            {2, 31, new int[] {3, 17}},
            {1, 32, new int[] {4, 1}},
            {3, 37, new int[] {7, 3}},
            {2, 101, new int[] {5, 16}},
            {1, 2049, new int[] {3, 3}}
        };
    }

    @Override
    protected int[] smallSizes() {
        return new int[] {2, 3};
    }

    @Override
    protected List<NDArray> steps(
            DataType type, int rows, int length, int[] sizes, Set<Option> options) {
        return Arrays.asList(
                normal(1, type, rows, length, sizes[0]),
                normal(2, type, rows, length, sizes[0]),
                normal(5, type, rows, length, sizes[1]),
                normal(6, type, rows, length, sizes[1]),
                options.contains(Option.GATE) ? normal(8, type, rows, length, sizes[0]) : null);
    }

    @Override
    protected List<NDArray> shared(DataType type, int[] sizes, Set<Option> options) {
        return Arrays.asList(
                options.contains(Option.BIAS) ? normal(3, type, sizes[0]) : null,
                normal(4, type, sizes[0], sizes[1]).exp().neg(),
                options.contains(Option.SKIP) ? normal(7, type, sizes[0]) : null);
    }

    @Override
    protected Shape stateShape(int[] sizes) {
        return new Shape(sizes[0], sizes[1]);
    }

    @Override
    protected int groups(int[] sizes) {
        return 1;
    }

    /** Δ before softplus is ±100, A is −e^10 or −e^−10, and u is up to some thousands. */
    @Override
    protected Arguments extreme(int length) {
        DataType type = DataType.FLOAT32;
        NDArray sign = normal(2, type, 1, length, 2).sign();
        return new Arguments(
                List.of(
                        normal(1, type, 1, length, 2).mul(1e3),
                        sign.mul(100),
                        normal(5, type, 1, length, 2),
                        normal(6, type, 1, length, 2),
                        normal(8, type, 1, length, 2).mul(100)),
                Arrays.asList(
                        null,
                        manager.create(new float[] {10, -10, -10, 10}).reshape(2, 2).exp().neg(),
                        normal(7, type, 2)),
                null,
                null,
                normal(9, type, 1, 2, 2).mul(1e3),
                1,
                EnumSet.noneOf(Option.class));
    }

    @Override
    protected Arguments uneven(int length) {
        DataType type = DataType.FLOAT32;
        return new Arguments(
                Arrays.asList(
                        normal(1, type, 2, length, 2),
                        unevenTimeSteps(2, length, 2),
                        normal(5, type, 2, length, 2),
                        normal(6, type, 2, length, 2),
                        null),
                Arrays.asList(
                        null, manager.create(new float[] {-16, -1, -4, -0.1f}).reshape(2, 2), null),
                null,
                null,
                normal(9, type, 2, 2, 2),
                1,
                EnumSet.noneOf(Option.class));
    }

    private static SelectiveScanInput of(Arguments in) {
        return new SelectiveScanInput(
                in.steps().get(0),
                in.steps().get(1),
                in.shared().get(0),
                in.shared().get(1),
                in.steps().get(2),
                in.steps().get(3),
                in.shared().get(2),
                in.steps().get(4),
                in.mask(),
                in.resets(),
                in.state(),
                in.reverse());
    }

    @Override
    protected NDList run(Scan<SelectiveScanInput> scan, Arguments in) {
        return scan.scan(of(in));
    }

    @Override
    protected ReferenceScan reference(Arguments in) {
        return new ReferenceSelectiveScan(of(in));
    }

    @Override
    protected Scan<SelectiveScanInput> oracle() {
        return Scans.SELECTIVE.byName("sequential");
    }

    @Override
    protected Scan<SelectiveScanInput> byName(String name) {
        return Scans.SELECTIVE.byName(name);
    }
}
