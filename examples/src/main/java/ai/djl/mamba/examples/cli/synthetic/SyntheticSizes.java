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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.layer.mamba2.SSDConfig;

/**
 * The sizes that the models of one comparison share.
 *
 * @param modelSize d
 * @param layers the number of layers
 * @param stateSize N
 * @param dualStateSize N of Mamba-2, whose states share more
 * @param ssd heads and groups of Mamba-2
 * @param timeStepMin the smallest initial Δ
 * @param timeStepMax the largest initial Δ
 */
record SyntheticSizes(
        int modelSize,
        int layers,
        int stateSize,
        int dualStateSize,
        SSDConfig ssd,
        double timeStepMin,
        double timeStepMax) {

    /** The channels of a block are so many times d. */
    static final int EXPAND = 2;
}
