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
 * The arguments of {@link Ops#mambaStep}, in the order of the data flow: a token, the parameters of
 * the block, and the state before the token. Anything the block does not have is {@code null}.
 *
 * @param x the token, (B, 1, d)
 * @param inWeight the weight of in_proj, (2E, d)
 * @param inBias the bias of in_proj, (2E), or {@code null}
 * @param convWeight the weight of the convolution, (E, 1, K)
 * @param convBias the bias of the convolution, (E), or {@code null}
 * @param xWeight the weight of x_proj, (R + 2N, E)
 * @param xBias the bias of x_proj, (R + 2N), or {@code null}
 * @param dtWeight the weight of dt_proj, (E, R)
 * @param dtBias the bias of dt_proj, (E), or {@code null}
 * @param aLog A_log, (E, N), with A = −exp(A_log)
 * @param d the skip D, (E), or {@code null}
 * @param outWeight the weight of out_proj, (d, E)
 * @param outBias the bias of out_proj, (d), or {@code null}
 * @param window the last inputs of the convolution, (B, K−1, E), or {@code null} for zeros
 * @param state the state of the scan, (B, E, N), or {@code null} for zeros
 */
public record MambaStepInput(
        NDArray x,
        NDArray inWeight,
        NDArray inBias,
        NDArray convWeight,
        NDArray convBias,
        NDArray xWeight,
        NDArray xBias,
        NDArray dtWeight,
        NDArray dtBias,
        NDArray aLog,
        NDArray d,
        NDArray outWeight,
        NDArray outBias,
        NDArray window,
        NDArray state) {}
