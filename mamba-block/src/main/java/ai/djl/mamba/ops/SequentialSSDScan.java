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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The recurrence as written, one step after another: the reference for the other scans.
 *
 * <p>Time and memory are linear in L, forward and backward.
 */
final class SequentialSSDScan extends ComposedSSDScan {

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "sequential";
    }

    @Override
    long[] cuts(SSDScanInput in) {
        return new long[0];
    }

    @Override
    NDList recur(SSDScanInput in, Steps steps, NDArray state) {
        return run(steps, state);
    }

    /** Runs the steps of a block; heads are indexed (group, head in the group), (G, H/G). */
    static NDList run(Steps steps, NDArray state) {
        long rows = steps.rows();
        long length = steps.length();
        long groups = steps.groups();
        long inGroup = steps.heads() / groups;
        long size = steps.headSize();
        long states = steps.states();
        NDArray decay = steps.exponent().exp();
        if (steps.resets() != null) {
            decay = decay.mul(steps.resets().neg().add(1));
        }
        NDList decays = decay.reshape(rows, length, groups, inGroup, 1, 1).split(length, 1);
        NDList inputs =
                steps.x()
                        .mul(steps.delta().expandDims(3))
                        .reshape(rows, length, groups, inGroup, size, 1)
                        .split(length, 1);
        NDList bs = steps.b().reshape(rows, length, groups, 1, 1, states).split(length, 1);
        NDList cs = steps.c().reshape(rows, length, groups, states, 1).split(length, 1);
        NDArray s = state == null ? null : state.reshape(rows, groups, inGroup, size, states);
        NDList ys = new NDList(Math.toIntExact(length));
        for (int t = 0; t < length; t++) {
            NDArray added = inputs.get(t).squeeze(1).mul(bs.get(t).squeeze(1)); // (B, G, H/G, P, N)
            s = s == null ? added : s.mul(decays.get(t).squeeze(1)).add(added);
            NDArray y =
                    s.reshape(rows, groups, inGroup * size, states).matMul(cs.get(t).squeeze(1));
            ys.add(y.reshape(rows, 1, steps.heads(), size));
        }
        return new NDList(
                Differentiable.concat(ys, 1), s.reshape(rows, steps.heads(), size, states));
    }
}
