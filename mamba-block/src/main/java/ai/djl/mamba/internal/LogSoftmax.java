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

/** The logarithm of the softmax, equally accurate on every engine. */
public final class LogSoftmax {

    private static final String EXACT_ENGINE = "PyTorch";

    private LogSoftmax() {}

    /**
     * Computes x − log Σ exp(x) over the second axis.
     *
     * <p>MXNet's own operator is off by 4e-6 in FLOAT32, which is visible even in the mean over a
     * batch. On MXNet it is therefore composed, at the cost of a second array of the size of x.
     *
     * @param x the input, (rows, classes)
     * @return the logarithms, (rows, classes)
     */
    public static NDArray apply(NDArray x) {
        if (EXACT_ENGINE.equals(x.getManager().getEngine().getEngineName())) {
            return x.logSoftmax(1);
        }
        int[] classes = {1};
        // the result is the same for any constant in place of the maximum: no gradient needed
        NDArray shifted = x.sub(x.stopGradient().max(classes, true));
        return shifted.sub(shifted.exp().sum(classes, true).log());
    }
}
