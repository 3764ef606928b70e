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
import ai.djl.ndarray.types.Shape;

/**
 * The recurrence as written, one step after another: the reference for the other scans.
 *
 * <p>Time and memory are linear in L, forward and backward: each argument is split once, since
 * slicing in a loop makes the backward pass write L arrays of the full size.
 */
final class SequentialSelectiveScan extends ComposedSelectiveScan {

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "sequential";
    }

    @Override
    long[] cuts(SelectiveScanInput in) {
        return new long[0];
    }

    @Override
    NDList recur(Steps steps, NDArray a, NDArray state) {
        Shape shape = steps.delta().getShape();
        long rows = shape.get(0);
        long length = shape.get(1);
        long channels = shape.get(2);
        long states = a.getShape().get(0);
        NDList deltas = steps.delta().split(length, 1); // L × (B, 1, E)
        NDList inputs = steps.input().split(length, 1);
        NDList bs = steps.b().reshape(rows, length, states, 1).split(length, 1); // (B, 1, N, 1)
        NDList cs = steps.c().split(length, 1); // (B, 1, N)
        NDList keeps = steps.keep() == null ? null : steps.keep().split(length, 1); // (B, 1, 1)
        NDArray s = state;
        NDList ys = new NDList(Math.toIntExact(length));
        for (int t = 0; t < length; t++) {
            NDArray b = bs.get(t).reshape(rows, states, 1);
            NDArray added = inputs.get(t).mul(b); // (B, N, E)
            if (s == null) {
                s = added;
            } else {
                NDArray before = keeps == null ? s : s.mul(keeps.get(t));
                s = deltas.get(t).mul(a).exp().mul(before).add(added);
            }
            ys.add(cs.get(t).matMul(s)); // (B, 1, E)
        }
        NDArray y = Differentiable.concat(ys, 1).reshape(rows, length, channels);
        return new NDList(y, s);
    }
}
