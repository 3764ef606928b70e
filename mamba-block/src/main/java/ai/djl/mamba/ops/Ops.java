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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;

/**
 * The operators that layers are made of: composed of what DJL offers on every engine, or native and
 * fused where an {@link OpsProvider} brings such.
 *
 * <p>Gradients flow through all of them but the steps. Results are attached to the manager of the
 * first array. Implementations hold no state and may be used by several threads at once.
 */
public interface Ops {

    /**
     * The system property that switches all native operators off: {@code off}, or {@code auto} (the
     * default) to use them wherever they work. It may change at any time.
     */
    String NATIVE_PROPERTY = "ai.djl.mamba.native";

    /**
     * Returns the operators for arrays of the type and on the device of the given one. They take
     * everything; for each type and device it is logged once which they are, and why.
     *
     * @param array the array
     * @return the native operators, or the composed ones where those cannot be used
     * @throws IllegalArgumentException if {@link #NATIVE_PROPERTY} is neither {@code auto} nor
     *     {@code off}
     */
    static Ops of(NDArray array) {
        return OpsChoice.of(array);
    }

    /**
     * Returns the operators that are composed of the usual ones of each engine.
     *
     * @return the composed operators
     */
    static Ops composed() {
        return ComposedOps.INSTANCE;
    }

    /**
     * Returns the native operators of an engine, which fail where the ones of {@link #of} would
     * leave something to the composed ones.
     *
     * @param engineName the name of the engine
     * @return the operators, or why there are none
     * @throws IllegalArgumentException if {@link #NATIVE_PROPERTY} is neither {@code auto} nor
     *     {@code off}
     */
    static Availability nativeFor(String engineName) {
        return OpsChoice.nativeFor(engineName);
    }

    /**
     * Returns what the log calls these operators.
     *
     * @return the name, in lower case
     */
    String name();

    /**
     * Applies a linear layer.
     *
     * @param x the input, (…, in)
     * @param weight the weight, (out, in)
     * @param bias the bias, (out), or {@code null}
     * @return x·Wᵀ + b, (…, out)
     */
    NDArray linear(NDArray x, NDArray weight, NDArray bias);

    /**
     * Normalizes by the root mean square over the last axis.
     *
     * @param x the input, (…, d)
     * @param weight the weight, (d)
     * @param epsilon the value added to the mean square
     * @return x / √(mean(x²) + ε) · weight, (…, d)
     */
    NDArray rmsNorm(NDArray x, NDArray weight, double epsilon);

    /**
     * Normalizes each of several groups of channels by its root mean square, with a gate.
     *
     * @param input the arguments
     * @return RMSNorm(x · SiLU(z)), or RMSNorm(x) · SiLU(z), (…, E)
     */
    default NDArray gatedRmsNorm(GatedNormInput input) {
        return ComposedNorms.gated(this, input);
    }

    /**
     * Runs a depthwise causal convolution.
     *
     * @param input the arguments
     * @return the output, (B, L, E), which has no meaning at padding, and where it is wanted the
     *     new window: the last inputs of each row that are tokens, zero before its last document,
     *     (B, K−1, E)
     */
    NDList causalConv1d(ConvInput input);

    /**
     * Runs the selective scan, s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t u_t, y_t = C_t · s_t + D u_t.
     *
     * @param input the arguments
     * @return the output y, (B, L, E), which has no meaning at padding, and the state after the
     *     last step, (B, E, N)
     */
    NDList selectiveScan(SelectiveScanInput input);

    /**
     * Runs the scan of a state space dual layer: for every head S_t = exp(Δ_t A) S_{t−1} + Δ_t x_t
     * ⊗ B_t and y_t = S_t C_t + D x_t.
     *
     * @param input the arguments
     * @return the output y, (B, L, E), which has no meaning at padding, and the state after the
     *     last step, (B, H, P, N)
     */
    NDList ssdScan(SSDScanInput input);

    /**
     * Takes one token through a whole Mamba block, if that is one operator here: it records no
     * gradients, and does not run where they have to be.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @param otherwise takes the token operator by operator
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E), and the state of
     *     the scan, (B, E, N); or what {@code otherwise} returned
     */
    default NDList mambaStep(MambaStepInput input, Supplier<NDList> otherwise) {
        return otherwise.get();
    }

    /**
     * Takes one token through a whole Mamba-2 block, if that is one operator here: it records no
     * gradients, and does not run where they have to be.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @param otherwise takes the token operator by operator
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E + 2·G·N), and the
     *     state of the scan, (B, H, P, N); or what {@code otherwise} returned
     */
    default NDList mamba2Step(Mamba2StepInput input, Supplier<NDList> otherwise) {
        return otherwise.get();
    }
}
