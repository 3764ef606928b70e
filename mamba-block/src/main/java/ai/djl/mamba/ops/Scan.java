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

import ai.djl.ndarray.NDList;

/**
 * Computes the recurrence of a state space layer, on the engine and device of its input.
 *
 * <p>Implementations are stateless and thread-safe. {@link Scans} chooses one.
 *
 * <p>A scan is causal: in the direction that the input names, each output depends on the initial
 * state and the steps up to its own, and the state after the last step stands for all of them. So
 * steps in several calls, each with the state of the call before, give what they give in one:
 * layers rely on this, and inference reads long sequences in parts. Layers check a scan of the
 * user's own before its first run. To read both ways is an option of the network ({@link
 * ai.djl.mamba.layer.BidirectionalBlock}), not of a scan.
 *
 * <p>At steps that the mask excludes, the state passes unchanged, and at those that the resets
 * mark, the state before them is dropped. If the input names the reverse direction, the first step
 * of the scan is the last of the sequence.
 *
 * @param <I> the arguments, which determine what is computed: {@link SelectiveScanInput} or {@link
 *     SSDScanInput}
 */
public interface Scan<I> {

    /**
     * Returns the name by which {@link Scans#PROPERTY} selects this scan.
     *
     * @return the name, in lower case
     */
    String name();

    /**
     * Runs the scan. Gradients flow to every array of the input except the mask and the resets.
     *
     * @param input the arguments
     * @return the output, shaped like the sequence, which has no meaning at padding, and the state
     *     after the last step, shaped like the initial state; both attached to the manager of the
     *     sequence
     */
    NDList scan(I input);
}
