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
package ai.djl.mamba.scan;

import ai.djl.mamba.nn.Scoped;
import ai.djl.mamba.nn.Silu;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;

/** What the scans that are composed of the engine's operators do around the recurrence. */
abstract class ComposedScan implements SelectiveScan {

    /**
     * Runs the recurrence s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t u_t, y_t = C_t · s_t.
     *
     * @param step the time-varying arguments
     * @param a the state matrix, transposed: (N, E), so that the long axis is innermost
     * @param state the initial state, (B, N, E), or {@code null}
     * @return y, (B, L, E), and the final state, (B, N, E)
     */
    abstract NDList recur(Steps step, NDArray a, NDArray state);

    /**
     * The time-varying arguments of the recurrence.
     *
     * @param delta Δ, (B, L, E)
     * @param input Δ·u, (B, L, E)
     * @param b B, (B, L, N)
     * @param c C, (B, L, N)
     */
    record Steps(NDArray delta, NDArray input, NDArray b, NDArray c) {

        Steps flip() {
            return new Steps(delta.flip(1), input.flip(1), b.flip(1), c.flip(1));
        }
    }

    /** {@inheritDoc} */
    @Override
    public NDList scan(ScanInput in) {
        return Scoped.run(
                in.u().getManager(),
                () -> {
                    NDArray delta = timeStep(in);
                    Steps steps = new Steps(delta, delta.mul(in.u()), in.b(), in.c());
                    NDArray state = in.initialState();
                    NDList result =
                            recur(
                                    in.reverse() ? steps.flip() : steps,
                                    in.a().transpose(),
                                    state == null ? null : state.transpose(0, 2, 1));
                    NDArray y = in.reverse() ? result.get(0).flip(1) : result.get(0);
                    if (in.d() != null) {
                        y = y.add(in.u().mul(in.d()));
                    }
                    if (in.gate() != null) {
                        y = y.mul(Silu.apply(in.gate()));
                    }
                    return new NDList(y, result.get(1).transpose(0, 2, 1));
                });
    }

    /**
     * Joins arrays along an axis. DJL's own concat duplicates a single array, and no gradient flows
     * through a duplicate.
     */
    static NDArray join(NDList parts, int axis) {
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, axis);
    }

    /** Δ = softplus(raw + bias), and 0 at padding: a step of no time keeps the state. */
    private static NDArray timeStep(ScanInput in) {
        NDArray raw = in.deltaBias() == null ? in.delta() : in.delta().add(in.deltaBias());
        NDArray delta = Activation.softPlus(raw);
        return in.mask() == null ? delta : delta.mul(in.mask());
    }
}
