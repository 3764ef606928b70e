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

/** The activation SiLU(x) = x · σ(x). */
public final class Silu {

    private Silu() {}

    /**
     * Applies the activation.
     *
     * <p>{@link Activation#swish} is not used because it multiplies by a number: on PyTorch, DJL
     * wraps the number in an array backed by Java memory and closes it, so the backward pass reads
     * freed memory.
     *
     * @param x the input
     * @return x · σ(x)
     */
    public static NDArray apply(NDArray x) {
        return x.mul(Activation.sigmoid(x));
    }
}
