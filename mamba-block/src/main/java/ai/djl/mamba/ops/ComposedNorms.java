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

import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.Silu;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Norms composed of standard operations. */
final class ComposedNorms {

    private ComposedNorms() {}

    /** See {@link Ops#rmsNorm}. */
    static NDArray rms(NDArray x, NDArray weight, double epsilon) {
        int[] last = {x.getShape().dimension() - 1};
        return Scoped.array(
                x.getManager(),
                () -> {
                    if (x.getDataType() == DataType.FLOAT16) {
                        return rmsScaled(x, last, epsilon).mul(weight);
                    }
                    NDArray rms = x.square().mean(last, true).add(epsilon).sqrt();
                    return x.div(rms).mul(weight);
                });
    }

    /** Divides by the largest magnitude first: in half precision 256² overflows. */
    private static NDArray rmsScaled(NDArray x, int[] last, double epsilon) {
        NDArray scale = x.abs().max(last, true).maximum(1).stopGradient();
        NDArray scaled = x.div(scale);
        NDArray offset = scale.pow(-1).mul(Math.sqrt(epsilon)).square();
        return scaled.div(scaled.square().mean(last, true).add(offset).sqrt());
    }

    /**
     * Computes a gated norm from a gate and a norm.
     *
     * @param ops the operators that compute the norm
     * @param in the arguments
     * @return RMSNorm(x · SiLU(z)), or RMSNorm(x) · SiLU(z), (…, E)
     */
    static NDArray gated(Ops ops, GatedNormInput in) {
        NDArray x = in.x();
        return Scoped.array(
                x.getManager(),
                () -> {
                    NDArray gate = Silu.apply(in.gate());
                    return in.normBeforeGate()
                            ? grouped(ops, x, in).mul(gate)
                            : grouped(ops, x.mul(gate), in);
                });
    }

    /** Normalizes each group of channels of x, (…, E), separately. */
    private static NDArray grouped(Ops ops, NDArray x, GatedNormInput in) {
        NDArray weight = in.weight();
        if (in.groups() == 1) {
            return ops.rmsNorm(x, weight, in.epsilon());
        }
        long size = weight.size() / in.groups();
        NDArray groups = x.reshape(-1, in.groups(), size);
        NDArray ones = x.getManager().ones(new Shape(size), x.getDataType());
        return ops.rmsNorm(groups, ones, in.epsilon()).reshape(x.getShape()).mul(weight);
    }
}
