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
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Block;

/**
 * The options that the builders of {@link MambaBlock} and {@link Mamba2Block} share.
 *
 * @param <T> the builder
 */
public abstract class MixerBuilder<T extends MixerBuilder<T>> {

    public int expand = 2;
    public int convKernel = 4;
    public boolean hasBias;
    public boolean hasConvBias = true;
    public double outputScale = 1;
    public boolean returnState;

    /** Creates a builder. */
    protected MixerBuilder() {}

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
     * @param convKernel K, at least 2
     * @return this builder
     */
    public T optConvKernel(int convKernel) {
        this.convKernel = convKernel;
        return self();
    }

    /**
     * Sets whether in_proj and out_proj have a bias (default: false).
     *
     * @param hasBias whether there are biases
     * @return this builder
     */
    public T optBias(boolean hasBias) {
        this.hasBias = hasBias;
        return self();
    }

    /**
     * Sets whether the convolution has a bias (default: true).
     *
     * @param hasConvBias whether there is a bias
     * @return this builder
     */
    public T optConvBias(boolean hasConvBias) {
        this.hasConvBias = hasConvBias;
        return self();
    }

    /**
     * Sets the factor on the initial out_proj; a stack of n layers takes 1/√n (default: 1).
     *
     * @param outputScale the factor
     * @return this builder
     */
    public T optOutputScale(double outputScale) {
        this.outputScale = outputScale;
        return self();
    }

    /**
     * Sets whether the final state is returned (default: false).
     *
     * @param returnState whether the outputs end with the state
     * @return this builder
     */
    public T optReturnState(boolean returnState) {
        this.returnState = returnState;
        return self();
    }

    /** Checks the options that are out of range in any block. */
    protected void check(String name) {
        Checks.positive(name, "expand", expand);
    }
}
