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
