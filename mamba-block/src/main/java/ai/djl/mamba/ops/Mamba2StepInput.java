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
 * The arguments of {@link Ops#mamba2Step}. Symbols as in Dao and Gu 2024: B rows, H heads of P
 * channels, E = H·P, N states per channel, G groups, K taps, d the model size.
 *
 * @param x one token, (B, 1, d)
 * @param inWeight the weight of the projection to z, x, B, C and Δ, (2·E + 2·G·N + H, d)
 * @param inBias its bias, (2·E + 2·G·N + H), or {@code null}
 * @param convWeight the weight of the convolution, (E + 2·G·N, 1, K)
 * @param convBias its bias, (E + 2·G·N), or {@code null}
 * @param dtBias the bias of Δ, (H), or {@code null}
 * @param aLog A_log, (H)
 * @param d the skip D, (H) or (E), or {@code null}
 * @param normWeight the weight of the gated norm, (E), or {@code null} if there is only the gate
 * @param outWeight the weight of the output projection, (d, E)
 * @param outBias its bias, (d), or {@code null}
 * @param window the inputs of the convolution before the token, (B, K−1, E + 2·G·N), or {@code
 *     null} for zeros
 * @param state the state of the scan, (B, H, P, N), or {@code null} for zero
 * @param groups G, a divisor of H
 * @param timeStepLimitMin the lower limit of Δ
 * @param timeStepLimitMax the upper limit of Δ, possibly infinite
 * @param epsilon ε of the norm
 * @param normBeforeGate whether the norm comes before the gate rather than after it
 */
public record Mamba2StepInput(
        NDArray x,
        NDArray inWeight,
        NDArray inBias,
        NDArray convWeight,
        NDArray convBias,
        NDArray dtBias,
        NDArray aLog,
        NDArray d,
        NDArray normWeight,
        NDArray outWeight,
        NDArray outBias,
        NDArray window,
        NDArray state,
        int groups,
        double timeStepLimitMin,
        double timeStepLimitMax,
        double epsilon,
        boolean normBeforeGate) {}
