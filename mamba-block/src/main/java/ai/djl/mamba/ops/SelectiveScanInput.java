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
 * The arguments of a selective scan. Symbols as in Gu and Dao 2023, algorithm 2: B rows, L steps, E
 * channels, N states per channel. All arrays have the same floating-point type.
 *
 * @param u the sequence, (B, L, E)
 * @param delta Δ before bias and softplus, (B, L, E)
 * @param deltaBias the bias of Δ, (E), or {@code null}
 * @param a the state matrix A, (E, N), negative
 * @param b the input matrix B, (B, L, N)
 * @param c the output matrix C, (B, L, N)
 * @param d the skip D, (E), or {@code null}
 * @param gate z, (B, L, E): the output is multiplied by SiLU(z); or {@code null}
 * @param mask 1 at tokens and 0 at padding, (B, L, 1), or {@code null}; the state passes unchanged
 *     over padding, where outputs have no meaning and need not carry gradients
 * @param resets 1 at tokens that start a document in the direction of the scan, where the incoming
 *     state is dropped, otherwise 0, (B, L, 1); or {@code null} for none
 * @param initialState the state before the first step, (B, E, N), or {@code null} for zero
 * @param reverse whether the scan runs from the last step to the first
 */
public record SelectiveScanInput(
        NDArray u,
        NDArray delta,
        NDArray deltaBias,
        NDArray a,
        NDArray b,
        NDArray c,
        NDArray d,
        NDArray gate,
        NDArray mask,
        NDArray resets,
        NDArray initialState,
        boolean reverse) {}
