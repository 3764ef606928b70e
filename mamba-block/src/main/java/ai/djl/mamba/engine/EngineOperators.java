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
package ai.djl.mamba.engine;

import ai.djl.mamba.ops.DualScanInput;
import ai.djl.mamba.ops.ScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Operators that an engine offers beyond DJL's API. {@link Operators} finds them.
 *
 * <p>All of them check their arguments and name the one that is wrong. Gradients flow to every
 * array, unless an operator says otherwise. Results belong to the caller and are attached to the
 * manager of the first array.
 */
public interface EngineOperators {

    /**
     * Returns why the operators do not work on the type and the device of an array.
     *
     * @param array the array
     * @return the reason, or {@code null} where sequences like this one can be given to them
     */
    String refusal(NDArray array);

    /**
     * Runs the selective scan.
     *
     * @param input the arguments
     * @return the output y, (B, L, E), and the state after the last step, (B, E, N)
     */
    NDList selectiveScan(ScanInput input);

    /**
     * Returns why the scan of Mamba-2 cannot take a sequence that {@link #refusal} lets pass.
     *
     * @param x the sequence, (B, L, E)
     * @param states N, the number of states per channel
     * @return the reason, or {@code null} where {@link #dualScan} can take it
     */
    String dualRefusal(NDArray x, long states);

    /**
     * Runs the scan of Mamba-2.
     *
     * @param input the arguments
     * @return the output y, (B, L, E), 0 at padding, and the state after the last step, (B, H, P,
     *     N)
     */
    NDList dualScan(DualScanInput input);

    /**
     * Runs a depthwise causal convolution.
     *
     * @param x the sequence, (B, L, E)
     * @param weight the weight, (E, 1, K); the last tap meets the current step
     * @param bias the bias, (E), or {@code null}
     * @param window the inputs before the first step, (B, K−1, E), or {@code null} for zeros
     * @param mask 1 at tokens and 0 at padding after them, (B, L, 1), or {@code null}
     * @param resets 1 at the tokens before which everything counts as zero, otherwise 0, (B, L, 1);
     *     or {@code null} for none
     * @param silu whether SiLU follows
     * @return the output, (B, L, E), and the last inputs of each row that are tokens, zero before
     *     its last reset, (B, K−1, E)
     */
    NDList causalConv1d(
            NDArray x,
            NDArray weight,
            NDArray bias,
            NDArray window,
            NDArray mask,
            NDArray resets,
            boolean silu);

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
     * @param x the input, (…, E)
     * @param gate the gate z, (…, E)
     * @param weight the weight, (E)
     * @param groups the number of groups, a divisor of E
     * @param epsilon the value added to the mean square
     * @param normBeforeGate whether x is normalized before the gate is applied rather than after
     * @return RMSNorm(x · SiLU(z)), or RMSNorm(x) · SiLU(z); or {@code null} where the device has
     *     no such operator
     */
    NDArray gatedRmsNorm(
            NDArray x,
            NDArray gate,
            NDArray weight,
            int groups,
            double epsilon,
            boolean normBeforeGate);

    /**
     * Applies a linear layer: at least as fast as the engine's own.
     *
     * @param x the input, (…, in)
     * @param weight the weight, (out, in)
     * @param bias the bias, (out), or {@code null}
     * @return x·Wᵀ + b, (…, out)
     */
    NDArray linear(NDArray x, NDArray weight, NDArray bias);

    /**
     * Takes one token through a whole Mamba block. Records no gradients.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E), and the state of
     *     the scan, (B, E, N); or {@code null} where gradients are recorded, which the caller's
     *     other path has to take care of
     */
    NDList step(StepInput input);

    /**
     * Takes one token through a whole Mamba-2 block. Records no gradients.
     *
     * @param input the token, the state and the parameters; none of them is modified
     * @return the output, (B, 1, d), and the new state: the window, (B, K−1, E + 2·G·N), and the
     *     state of the scan, (B, H, P, N); or {@code null} where gradients are recorded or the
     *     device has no such operator, so that the caller has to take another path
     */
    NDList dualStep(DualStepInput input);
}
