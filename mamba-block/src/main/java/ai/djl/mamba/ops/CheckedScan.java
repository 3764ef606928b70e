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

import ai.djl.mamba.internal.Causality;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/**
 * A scan of the user's own. Before its first run it is held to the contract of {@link Scan}: steps
 * in one call must give what they give in two, with the state between. A scan that reads both ways
 * does not.
 *
 * @param <I> the arguments
 */
final class CheckedScan<I> implements Scan<I> {

    private static final long STEPS = 8;

    private final Scan<I> scan;
    private final Probe<I> probe;
    private volatile boolean checked;

    CheckedScan(Scan<I> scan, Probe<I> probe) {
        this.scan = scan;
        this.probe = probe;
    }

    /**
     * Makes small arguments.
     *
     * @param <I> the arguments
     */
    interface Probe<I> {

        /** The sequence. */
        NDArray sequence(I input);

        /** Whether the scan runs from the last step to the first. */
        boolean reverse(I input);

        /** Arguments of one row with the sizes of the given ones. */
        I sample(I like, NDManager manager, long steps);

        /** Some steps of a sample, from a state. */
        I part(I sample, long from, long to, NDArray state);
    }

    /** {@inheritDoc} */
    @Override
    public String name() {
        return scan.name();
    }

    /** {@inheritDoc} */
    @Override
    public NDList scan(I input) {
        if (!checked) {
            check(input);
            checked = true;
        }
        return scan.scan(input);
    }

    private void check(I input) {
        try (NDManager manager = probe.sequence(input).getManager().newSubManager()) {
            I sample = probe.sample(input, manager, STEPS);
            boolean reverse = probe.reverse(input);
            long half = STEPS / 2;
            NDList whole = run(sample);
            NDList first =
                    run(probe.part(sample, reverse ? half : 0, reverse ? STEPS : half, null));
            NDList second =
                    run(
                            probe.part(
                                    sample,
                                    reverse ? 0 : half,
                                    reverse ? half : STEPS,
                                    first.get(1)));
            NDArray y =
                    (reverse ? second : first).get(0).concat((reverse ? first : second).get(0), 1);
            requireEqual("output", y, whole.get(0));
            requireEqual("state", second.get(1), whole.get(1));
        }
    }

    private NDList run(I input) {
        NDList result = scan.scan(input);
        if (result.size() != 2) {
            throw refused(
                    "it must return the output and the state, but returned "
                            + result.size()
                            + " arrays");
        }
        return result;
    }

    private void requireEqual(String what, NDArray parts, NDArray whole) {
        String difference = Causality.difference(what, parts, whole);
        if (difference != null) {
            throw refused(difference);
        }
    }

    private IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException(
                String.format(
                        "The scan \"%s\" (%s) is not causal: %s. A layer that reads both ways is a"
                                + " BidirectionalBlock",
                        scan.name(), scan.getClass().getName(), reason));
    }

    /** Numbers that differ from step to step and channel to channel, between −1 and 1. */
    static NDArray numbers(NDArray like, NDManager manager, long seed, long... shape) {
        float[] values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(seed + 2.3 * i);
        }
        return manager.create(values, new Shape(shape)).toType(like.getDataType(), false);
    }

    /** Steps of a sequence, (1, L, …). */
    static NDArray steps(NDArray array, long from, long to) {
        return array.get(new NDIndex().addAllDim().addSliceDim(from, to));
    }

    /** The arguments of a selective scan. */
    static final class Selective implements Probe<SelectiveScanInput> {

        @Override
        public NDArray sequence(SelectiveScanInput in) {
            return in.u();
        }

        @Override
        public boolean reverse(SelectiveScanInput in) {
            return in.reverse();
        }

        @Override
        public SelectiveScanInput sample(SelectiveScanInput in, NDManager manager, long steps) {
            long channels = in.a().getShape().get(0);
            long states = in.a().getShape().get(1);
            NDArray u = numbers(in.u(), manager, 1, 1, steps, channels);
            return new SelectiveScanInput(
                    u,
                    numbers(u, manager, 2, 1, steps, channels),
                    null,
                    numbers(u, manager, 3, channels, states).abs().neg(),
                    numbers(u, manager, 4, 1, steps, states),
                    numbers(u, manager, 5, 1, steps, states),
                    null,
                    null,
                    null,
                    null,
                    null,
                    in.reverse());
        }

        @Override
        public SelectiveScanInput part(SelectiveScanInput in, long from, long to, NDArray state) {
            return new SelectiveScanInput(
                    steps(in.u(), from, to),
                    steps(in.delta(), from, to),
                    null,
                    in.a(),
                    steps(in.b(), from, to),
                    steps(in.c(), from, to),
                    null,
                    null,
                    null,
                    null,
                    state,
                    in.reverse());
        }
    }

    /** The arguments of an SSD scan. */
    static final class StateSpaceDual implements Probe<SSDScanInput> {

        @Override
        public NDArray sequence(SSDScanInput in) {
            return in.x();
        }

        @Override
        public boolean reverse(SSDScanInput in) {
            return in.reverse();
        }

        @Override
        public SSDScanInput sample(SSDScanInput in, NDManager manager, long steps) {
            NDArray x = numbers(in.x(), manager, 1, 1, steps, in.x().getShape().get(2));
            long states = in.b().getShape().get(2);
            return with(
                    in,
                    x,
                    numbers(x, manager, 2, 1, steps, in.heads()),
                    numbers(x, manager, 3, in.heads()).abs().neg(),
                    numbers(x, manager, 4, 1, steps, states),
                    numbers(x, manager, 5, 1, steps, states),
                    null);
        }

        @Override
        public SSDScanInput part(SSDScanInput in, long from, long to, NDArray state) {
            return with(
                    in,
                    steps(in.x(), from, to),
                    steps(in.delta(), from, to),
                    in.a(),
                    steps(in.b(), from, to),
                    steps(in.c(), from, to),
                    state);
        }

        private static SSDScanInput with(
                SSDScanInput in,
                NDArray x,
                NDArray delta,
                NDArray a,
                NDArray b,
                NDArray c,
                NDArray state) {
            return new SSDScanInput(
                    x,
                    delta,
                    null,
                    a,
                    b,
                    c,
                    null,
                    null,
                    null,
                    state,
                    in.groups(),
                    in.timeStepLimitMin(),
                    in.timeStepLimitMax(),
                    in.reverse(),
                    in.chunkLength());
        }
    }
}
