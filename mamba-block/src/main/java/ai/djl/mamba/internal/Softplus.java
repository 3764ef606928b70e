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
package ai.djl.mamba.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/** The activation softplus(x) = log(1 + exp(x)). */
public final class Softplus {

    private static final String EXACT_ENGINE = "PyTorch";

    private Softplus() {}

    /**
     * Applies the activation, accurate to the last bits for small results, too.
     *
     * <p>MXNet evaluates the formula as written, where 1 + exp(x) rounds away most of a small time
     * step: the relative error is 3e-2 at x = −11. On MXNet it is therefore computed as max(x, 0) +
     * 2 artanh(e / (e + 2)) with e = exp(−|x|), which is equal but loses no precision.
     *
     * @param x the input
     * @return softplus(x)
     */
    public static NDArray apply(NDArray x) {
        if (EXACT_ENGINE.equals(x.getManager().getEngine().getEngineName())) {
            return Activation.softPlus(x);
        }
        // constants without gradient, so that each side has its own slope, at 0 and far from it
        NDArray isPositive = x.gt(0).toType(x.getDataType(), false);
        NDArray sign = isPositive.mul(2).sub(1);
        NDArray e = x.mul(sign).neg().exp();
        return x.mul(isPositive).add(e.div(e.add(2)).atanh().mul(2));
    }
}
