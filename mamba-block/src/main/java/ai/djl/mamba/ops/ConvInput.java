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

/**
 * The arguments of a depthwise causal convolution over time: B rows, L steps, E channels, K taps.
 *
 * @param x the sequence, (B, L, E)
 * @param weight the weight, (E, 1, K); the last tap applies to the current step
 * @param bias the bias, (E), or {@code null}
 * @param window the inputs before the first step, oldest first, (B, K−1, E), or {@code null} for
 *     zeros
 * @param padding which steps are tokens and where documents start; everything before the start of a
 *     document counts as zero. {@code null} if all steps are tokens of one document
 * @param silu whether SiLU follows
 * @param needWindow whether to return the window after the last step; with K = 1 there is none
 */
public record ConvInput(
        NDArray x,
        NDArray weight,
        NDArray bias,
        NDArray window,
        Padding padding,
        boolean silu,
        boolean needWindow) {}
