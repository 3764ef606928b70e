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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;

/**
 * The base of the builders of mixers that expand the model size, convolve, and project back, and of
 * the builders of their options.
 *
 * @param <T> the builder
 */
public abstract class MixerBuilder<T extends MixerBuilder<T>> {

    /** E / d. */
    protected int expand = 2;

    /** K. */
    protected int convKernel = 4;

    /** Whether in_proj and out_proj have a bias. */
    protected boolean bias;

    /** Whether the convolution has a bias. */
    protected boolean convBias = true;

    /** Creates a builder with the defaults. */
    protected MixerBuilder() {}

    /**
     * Returns this builder with its own type.
     *
     * @return this builder
     */
    protected abstract T self();

    /**
     * Sets the ratio of the inner size E to the model size d (default: 2).
     *
     * @param expand E / d
     * @return this builder
     */
    public T optExpand(int expand) {
        this.expand = expand;
        return self();
    }

    /**
     * Sets the width of the convolution (default: 4).
     *
     * @param convKernel K; with 1, the convolution has no state
     * @return this builder
     */
    public T optConvKernel(int convKernel) {
        this.convKernel = convKernel;
        return self();
    }

    /**
     * Sets whether in_proj and out_proj have a bias (default: false).
     *
     * @param bias whether there are biases
     * @return this builder
     */
    public T optBias(boolean bias) {
        this.bias = bias;
        return self();
    }

    /**
     * Sets whether the convolution has a bias (default: true).
     *
     * @param convBias whether there is a bias
     * @return this builder
     */
    public T optConvBias(boolean convBias) {
        this.convBias = convBias;
        return self();
    }

    /**
     * Checks the sizes shared by all mixers with a convolution.
     *
     * @param owner the class that has them, for the message
     * @param expand E / d
     * @param convKernel K
     * @throws IllegalArgumentException if a size is out of range
     */
    public static void check(String owner, int expand, int convKernel) {
        Checks.positive(owner, "expand", expand);
        Checks.positive(owner, "convKernel", convKernel);
    }
}
