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
 * The arguments of the scan of a state space dual layer. Symbols as in Dao and Gu 2024, section 6:
 * B rows, L steps, H heads of P channels, E = H·P, N states per channel, G groups of heads that
 * share B and C; head i belongs to group ⌊i·G/H⌋. All arrays have the same floating-point type.
 *
 * @param x the sequence, (B, L, E)
 * @param delta Δ before bias, softplus and limits, (B, L, H)
 * @param deltaBias the bias of Δ, (H), or {@code null}
 * @param a the decay A of each head, (H), negative
 * @param b the input matrix B, (B, L, G·N)
 * @param c the output matrix C, (B, L, G·N)
 * @param d the skip D of each head, (H), or of each channel, (E); or {@code null}
 * @param mask 1 at tokens and 0 at padding, (B, L, 1), or {@code null}; the state passes unchanged
 *     over padding, where outputs have no meaning and need not carry gradients
 * @param resets 1 at tokens that start a document in the direction of the scan, where the incoming
 *     state is dropped, otherwise 0, (B, L, 1); or {@code null} for none
 * @param initialState the state before the first step, (B, H, P, N), or {@code null} for zero
 * @param groups G, a divisor of H
 * @param timeStepLimitMin the lower limit of Δ after softplus, at least 0
 * @param timeStepLimitMax the upper limit of Δ after softplus, possibly infinite
 * @param reverse whether the scan runs from the last step to the first
 * @param chunkLength the number of steps in a chunk if the scan is composed of the engine's
 *     standard operations, or 0 to choose it from the shape
 */
public record SSDScanInput(
        NDArray x,
        NDArray delta,
        NDArray deltaBias,
        NDArray a,
        NDArray b,
        NDArray c,
        NDArray d,
        NDArray mask,
        NDArray resets,
        NDArray initialState,
        int groups,
        double timeStepLimitMin,
        double timeStepLimitMax,
        boolean reverse,
        int chunkLength) {

    /**
     * Returns the number of heads.
     *
     * @return H
     */
    public long heads() {
        return delta.getShape().get(2);
    }

    /**
     * Returns the number of states per channel.
     *
     * @return N
     */
    public long states() {
        return b.getShape().get(2) / groups;
    }

    /**
     * Returns whether Δ has limits beyond those that softplus implies.
     *
     * @return whether there is a limit
     */
    public boolean isLimited() {
        return timeStepLimitMin > 0 || timeStepLimitMax < Double.POSITIVE_INFINITY;
    }
}
