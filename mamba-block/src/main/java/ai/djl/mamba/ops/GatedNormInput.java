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
 * The arguments of a gated norm: RMSNorm(x · SiLU(z)), or RMSNorm(x) · SiLU(z), with each of G
 * groups of channels normalized separately.
 *
 * @param x the input, (…, E)
 * @param gate the gate z, (…, E)
 * @param weight the weight, (E)
 * @param groups G, a divisor of E
 * @param epsilon the value added to the mean square
 * @param normBeforeGate whether x is normalized before the gate is applied rather than after
 */
public record GatedNormInput(
        NDArray x,
        NDArray gate,
        NDArray weight,
        int groups,
        double epsilon,
        boolean normBeforeGate) {}
