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
import ai.djl.mamba.internal.Silu;
import ai.djl.mamba.internal.Softplus;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * The base of the selective scans composed of the engine's standard operations: the sequence is
 * split into blocks, and everything is computed block by block, while the data is in the cache.
 */
abstract class ComposedSelectiveScan implements Scan<SelectiveScanInput> {

    /**
     * Returns where the sequence is split into consecutive blocks.
     *
     * @param in the arguments of the scan
     * @return the first step of every block but the first; empty for one block
     */
    abstract long[] cuts(SelectiveScanInput in);

    /**
     * Runs the recurrence s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t u_t, y_t = C_t · s_t over a block; the
     * first term is 0 at a reset.
     *
     * @param steps the time-varying arguments
     * @param a the state matrix, transposed: (N, E), so that the long axis is innermost
     * @param state the state before the block, (B, N, E), or {@code null}
     * @return y, (B, L, E), and the state after it, (B, N, E)
     */
    abstract NDList recur(Steps steps, NDArray a, NDArray state);

    /**
     * The time-varying arguments of the recurrence.
     *
     * @param delta Δ, (B, L, E)
     * @param input Δ·u, (B, L, E)
     * @param b B, (B, L, N)
     * @param c C, (B, L, N)
     * @param keep 0 at resets, otherwise 1, (B, L, 1); or {@code null} if there are none
     */
    record Steps(NDArray delta, NDArray input, NDArray b, NDArray c, NDArray keep) {

        Steps flip() {
            return new Steps(
                    delta.flip(1),
                    input.flip(1),
                    b.flip(1),
                    c.flip(1),
                    keep == null ? null : keep.flip(1));
        }
    }

    /** {@inheritDoc} */
    @Override
    public NDList scan(SelectiveScanInput in) {
        NDManager manager = in.u().getManager();
        return Scoped.run(
                manager,
                () -> {
                    SelectiveScanInput[] blocks = split(in, cuts(in));
                    NDArray a = in.a().transpose();
                    NDArray state = in.initialState();
                    state = state == null ? null : state.transpose(0, 2, 1);
                    NDList ys = new NDList(blocks.length);
                    for (int i = 0; i < blocks.length; i++) {
                        SelectiveScanInput block = blocks[in.reverse() ? blocks.length - 1 - i : i];
                        NDArray start = state;
                        NDList result = Scoped.run(manager, () -> scanBlock(block, a, start));
                        ys.add(in.reverse() ? 0 : i, result.get(0));
                        state = result.get(1);
                    }
                    return new NDList(Differentiable.concat(ys, 1), state.transpose(0, 2, 1));
                });
    }

    private NDList scanBlock(SelectiveScanInput in, NDArray a, NDArray state) {
        NDArray delta = timeStep(in);
        NDArray keep = in.resets() == null ? null : in.resets().neg().add(1);
        Steps steps = new Steps(delta, delta.mul(in.u()), in.b(), in.c(), keep);
        NDList result = recur(in.reverse() ? steps.flip() : steps, a, state);
        NDArray y = in.reverse() ? result.get(0).flip(1) : result.get(0);
        if (in.d() != null) {
            y = y.add(in.u().mul(in.d()));
        }
        if (in.gate() != null) {
            y = y.mul(Silu.apply(in.gate()));
        }
        return new NDList(y, result.get(1));
    }

    /** Δ = softplus(raw + bias), and 0 at padding: a step of zero time keeps the state. */
    private static NDArray timeStep(SelectiveScanInput in) {
        NDArray raw = in.deltaBias() == null ? in.delta() : in.delta().add(in.deltaBias());
        NDArray delta = Softplus.apply(raw);
        return in.mask() == null ? delta : delta.mul(in.mask());
    }

    /** Splits each argument once: slicing in a loop makes the backward pass quadratic in L. */
    private static SelectiveScanInput[] split(SelectiveScanInput in, long[] cuts) {
        if (cuts.length == 0) {
            return new SelectiveScanInput[] {in};
        }
        NDList u = in.u().split(cuts, 1);
        NDList delta = in.delta().split(cuts, 1);
        NDList b = in.b().split(cuts, 1);
        NDList c = in.c().split(cuts, 1);
        NDList gate = in.gate() == null ? null : in.gate().split(cuts, 1);
        NDList mask = in.mask() == null ? null : in.mask().split(cuts, 1);
        NDList resets = in.resets() == null ? null : in.resets().split(cuts, 1);
        SelectiveScanInput[] blocks = new SelectiveScanInput[cuts.length + 1];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] =
                    new SelectiveScanInput(
                            u.get(i),
                            delta.get(i),
                            in.deltaBias(),
                            in.a(),
                            b.get(i),
                            c.get(i),
                            in.d(),
                            gate == null ? null : gate.get(i),
                            mask == null ? null : mask.get(i),
                            resets == null ? null : resets.get(i),
                            null,
                            in.reverse());
        }
        return blocks;
    }
}
