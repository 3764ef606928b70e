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

import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.Softplus;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * An SSD scan composed of the engine's standard operations: time step, direction and skip around a
 * recurrence that the subclass computes block by block. Half precision is computed in float32.
 */
abstract class ComposedSSDScan implements Scan<SSDScanInput> {

    /**
     * Its exp is 0 in every type; a lower exponent might be infinite, and 0 times infinity is NaN.
     */
    private static final double LOWEST_EXPONENT = -1000;

    /**
     * Returns where the sequence is split into consecutive blocks.
     *
     * @param in the arguments of the scan
     * @return the first step of every block but the first; empty for one block
     */
    abstract long[] cuts(SSDScanInput in);

    /**
     * Runs the recurrence S_t = exp(Δ_t A) S_{t−1} + Δ_t x_t ⊗ B_t, y_t = S_t C_t over a block; the
     * first term is 0 at a reset.
     *
     * @param in the arguments of the scan
     * @param steps the time-varying arguments of the block
     * @param state the state before the block, (B, H, P, N), or {@code null}
     * @return y, (B, L, H, P), and the state after it, (B, H, P, N)
     */
    abstract NDList recur(SSDScanInput in, Steps steps, NDArray state);

    /**
     * The time-varying arguments of the recurrence.
     *
     * @param x x, (B, L, H, P)
     * @param delta Δ, (B, L, H)
     * @param exponent Δ·A, (B, L, H), at most 0
     * @param b B, (B, L, G, N)
     * @param c C, (B, L, G, N)
     * @param resets 1 at resets, otherwise 0, (B, L, 1); or {@code null} if there are none
     */
    record Steps(NDArray x, NDArray delta, NDArray exponent, NDArray b, NDArray c, NDArray resets) {

        Steps flip() {
            return new Steps(
                    x.flip(1),
                    delta.flip(1),
                    exponent.flip(1),
                    b.flip(1),
                    c.flip(1),
                    resets == null ? null : resets.flip(1));
        }

        /** Splits each argument once: slicing in a loop makes the backward pass quadratic in L. */
        Steps[] split(long[] cuts) {
            if (cuts.length == 0) {
                return new Steps[] {this};
            }
            NDList xs = x.split(cuts, 1);
            NDList deltas = delta.split(cuts, 1);
            NDList exponents = exponent.split(cuts, 1);
            NDList bs = b.split(cuts, 1);
            NDList cs = c.split(cuts, 1);
            NDList resetsOf = resets == null ? null : resets.split(cuts, 1);
            Steps[] blocks = new Steps[cuts.length + 1];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] =
                        new Steps(
                                xs.get(i),
                                deltas.get(i),
                                exponents.get(i),
                                bs.get(i),
                                cs.get(i),
                                resetsOf == null ? null : resetsOf.get(i));
            }
            return blocks;
        }

        long rows() {
            return x.getShape().get(0);
        }

        long length() {
            return x.getShape().get(1);
        }

        long heads() {
            return x.getShape().get(2);
        }

        long headSize() {
            return x.getShape().get(3);
        }

        long groups() {
            return b.getShape().get(2);
        }

        long states() {
            return b.getShape().get(3);
        }
    }

    /** {@inheritDoc} */
    @Override
    public NDList scan(SSDScanInput in) {
        NDManager manager = in.x().getManager();
        DataType type = in.x().getDataType();
        return Scoped.run(
                manager,
                () -> {
                    Steps all = steps(in);
                    Steps[] blocks = (in.reverse() ? all.flip() : all).split(cuts(in));
                    NDArray state = wide(in.initialState());
                    NDList ys = new NDList(blocks.length);
                    for (Steps block : blocks) {
                        NDArray start = state;
                        NDList result = Scoped.run(manager, () -> recur(in, block, start));
                        ys.add(result.get(0));
                        state = result.get(1);
                    }
                    NDArray y = Differentiable.concat(ys, 1); // (B, L, H, P)
                    y = in.reverse() ? y.flip(1) : y;
                    return new NDList(
                            withSkip(y, in).toType(type, false), state.toType(type, false));
                });
    }

    private static Steps steps(SSDScanInput in) {
        Shape shape = in.x().getShape();
        long rows = shape.get(0);
        long length = shape.get(1);
        NDArray delta = timeStep(in);
        NDArray exponent = delta.mul(wide(in.a())).clip(LOWEST_EXPONENT, 0);
        return new Steps(
                wide(in.x()).reshape(rows, length, in.heads(), shape.get(2) / in.heads()),
                delta,
                exponent,
                wide(in.b()).reshape(rows, length, in.groups(), -1),
                wide(in.c()).reshape(rows, length, in.groups(), -1),
                wide(in.resets()));
    }

    /** Δ within its limits, and 0 at padding: a step of zero time keeps the state. */
    private static NDArray timeStep(SSDScanInput in) {
        NDArray raw = wide(in.delta());
        NDArray delta =
                Softplus.apply(in.deltaBias() == null ? raw : raw.add(wide(in.deltaBias())));
        if (in.isLimited()) {
            delta =
                    delta.clip(
                            in.timeStepLimitMin(),
                            Math.min(in.timeStepLimitMax(), Float.MAX_VALUE));
        }
        return in.mask() == null ? delta : delta.mul(wide(in.mask()));
    }

    /** Adds D·x and joins the heads: (B, L, H, P) → (B, L, E). */
    private static NDArray withSkip(NDArray y, SSDScanInput in) {
        NDArray d = wide(in.d());
        if (d == null) {
            return y.reshape(in.x().getShape());
        }
        NDArray x = wide(in.x());
        if (d.size() == in.x().getShape().get(2)) {
            return y.reshape(x.getShape()).add(x.mul(d));
        }
        return y.add(x.reshape(y.getShape()).mul(d.expandDims(1))).reshape(x.getShape());
    }

    private static NDArray wide(NDArray array) {
        boolean half = array != null && array.getDataType() == DataType.FLOAT16;
        return half ? array.toType(DataType.FLOAT32, false) : array;
    }
}
