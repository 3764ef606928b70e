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

import ai.djl.mamba.ops.OpsProvider.Availability;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;

/**
 * The operators that layers are built from: composed of the engine's standard operations, or native
 * and fused if an {@link OpsProvider} supplies them.
 *
 * <p>Gradients flow through all of them except the steps. Results are attached to the manager of
 * the first array. Implementations are stateless and thread-safe.
 */
public interface Ops {

    /**
     * The system property that controls the native operators: {@code off} disables them all, {@code
     * auto} (the default) uses them wherever they work. It may change at any time.
     */
    String NATIVE_PROPERTY = "ai.djl.mamba.native";

    /**
     * Returns the operators for arrays of the same type and device as the given one. They accept
     * every input; the choice for each type and device, and its reason, is logged once.
     *
     * @param array the array
     * @return the native operators, or the composed ones if those cannot be used
     * @throws IllegalArgumentException if {@link #NATIVE_PROPERTY} is neither {@code auto} nor
     *     {@code off}
     */
    static Ops of(NDArray array) {
        return OpsChoice.of(array);
    }

    /**
     * Returns the operators composed of the engine's standard operations.
     *
     * @return the composed operators
     */
    static Ops composed() {
        return ComposedOps.INSTANCE;
    }

    /**
     * Returns the native operators of an engine. They fail where the operators of {@link #of} would
     * fall back to the composed ones.
     *
     * @param engineName the name of the engine
     * @return the operators, or the reason why there are none
     * @throws IllegalArgumentException if {@link #NATIVE_PROPERTY} is neither {@code auto} nor
     *     {@code off}
     */
    static Availability nativeFor(String engineName) {
        return OpsChoice.nativeFor(engineName);
    }

    /**
     * Returns the name of these operators in the log.
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
     * Normalizes each group of channels by its root mean square, with a gate.
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
     * @return the output, (B, L, E), which has no meaning at padding, and if requested, and K is
     *     not 1, the new window: the inputs at the last tokens of each row, zero before its last
     *     document, (B, K−1, E)
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
     * Takes one token through a whole Mamba block, if there is a single operator for it. That
     * operator records no gradients, and does not run when they must be recorded.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @param otherwise takes the token through the block operator by operator
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E), unless K is 1, and
     *     the state of the scan, (B, E, N); or the result of {@code otherwise}
     */
    default NDList mambaStep(MambaStepInput input, Supplier<NDList> otherwise) {
        return otherwise.get();
    }

    /**
     * Takes one token through a whole Mamba-2 block, if there is a single operator for it. That
     * operator records no gradients, and does not run when they must be recorded.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @param otherwise takes the token through the block operator by operator
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E + 2·G·N), unless K
     *     is 1, and the state of the scan, (B, H, P, N); or the result of {@code otherwise}
     */
    default NDList mamba2Step(Mamba2StepInput input, Supplier<NDList> otherwise) {
        return otherwise.get();
    }
}
