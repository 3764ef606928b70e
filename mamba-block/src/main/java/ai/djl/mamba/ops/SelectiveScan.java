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
 * Computes a selective scan (Gu and Dao 2023, algorithm 2) on the engine and device of its input.
 *
 * <p>Implementations hold no state and may be used by several threads at once. {@link Scans}
 * chooses one.
 */
public interface SelectiveScan extends Scan {

    /**
     * Runs the scan. Gradients flow to every array of the input but the mask and the resets.
     *
     * @param input the arguments
     * @return the output y, (B, L, E), which has no meaning at padding, and the state after the
     *     last step, (B, E, N), both attached to the manager of u
     */
    NDList scan(ScanInput input);
}
