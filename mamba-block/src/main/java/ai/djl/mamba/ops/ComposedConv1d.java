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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/** A causal convolution composed of standard operations. */
final class ComposedConv1d {

    private final ConvInput in;
    private final int kernel;
    private final Documents documents; // null if no row has more than one document

    private ComposedConv1d(ConvInput in) {
        this.in = in;
        Shape weight = in.weight().getShape();
        kernel = Math.toIntExact(weight.get(weight.dimension() - 1));
        documents = in.padding() == null ? null : in.padding().documents();
    }

    /** See {@link Ops#causalConv1d}. */
    static NDList run(ConvInput in) {
        return Scoped.run(in.x().getManager(), new ComposedConv1d(in)::run);
    }

    private NDList run() {
        NDArray extended = kernel == 1 ? in.x() : prependWindow(); // (B, K−1+L, E)
        NDArray y = convolve(extended);
        y = in.bias() == null ? y : y.add(in.bias());
        NDList result = new NDList(in.silu() ? Silu.apply(y) : y);
        if (in.needWindow() && kernel > 1) {
            result.add(lastInputs(extended));
        }
        return result;
    }

    private NDArray prependWindow() {
        NDArray x = in.x();
        if (kernel == 1) { // engines differ in what they do with empty arrays
            return x;
        }
        NDArray before = in.window();
        if (before == null) {
            Shape shape = new Shape(x.getShape().get(0), kernel - 1, x.getShape().get(2));
            before = x.getManager().zeros(shape, x.getDataType());
        }
        return before.concat(x, 1);
    }

    /** Sums K shifted products: as fast as a grouped convolution, without a transposed copy. */
    private NDArray convolve(NDArray extended) {
        long length = in.x().getShape().get(1);
        NDArray taps = in.weight().reshape(-1, kernel).transpose(); // (K, E)
        if (length == 1 && documents == null) {
            return extended.mul(taps).sum(new int[] {1}, true); // (B, 1, E)
        }
        NDArray y = null;
        for (int k = 0; k < kernel; k++) {
            NDArray shifted = extended.get(steps(k, k + length));
            if (documents != null && k < kernel - 1) {
                shifted = shifted.mul(documents.sees(kernel - 1 - k));
            }
            NDArray product = shifted.mul(taps.get(k));
            y = y == null ? product : y.add(product);
        }
        return y;
    }

    private NDArray lastInputs(NDArray extended) {
        if (in.padding() != null) {
            NDArray last = in.padding().fromEnd(extended, kernel - 1);
            return documents == null ? last : last.mul(documents.lastSteps(kernel - 1));
        }
        long end = extended.getShape().get(1);
        // a copy: a view would keep the whole sequence alive with the state
        return Differentiable.copy(extended.get(steps(end - kernel + 1, end)));
    }

    private static NDIndex steps(long from, long to) {
        return new NDIndex().addAllDim().addSliceDim(from, to);
    }
}
