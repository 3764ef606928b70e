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
package ai.djl.mamba.examples.cli.compare;

/**
 * The sizes that the models of a comparison share.
 *
 * @param vocabSize the number of token ids, V
 * @param modelSize d
 * @param layers the number of Mamba blocks; there are half as many transformer layers
 * @param stateSize N of Mamba
 */
record CompareShape(int vocabSize, int modelSize, int layers, int stateSize) {

    /**
     * Two Mamba blocks have as many parameters as an attention and a feed-forward block of 4 · d.
     */
    int transformerLayers() {
        return (layers + 1) / 2;
    }
}
