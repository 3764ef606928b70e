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
package ai.djl.mamba.layer;

/**
 * What a {@link Mixer} needs to know of the model in which its block stands.
 *
 * @param modelSize d
 * @param numLayers the number of layers in the model
 * @param norm the norm that the model uses
 */
public record Layer(int modelSize, int numLayers, Norm norm) {

    /**
     * Returns the factor on the initial weight of the projection back to the residual stream, which
     * keeps the variance of a deep stack in check (Gu and Dao 2023, appendix E.2, after GPT-2).
     *
     * @return 1/√numLayers
     */
    public double outputScale() {
        return 1 / Math.sqrt(numLayers);
    }
}
