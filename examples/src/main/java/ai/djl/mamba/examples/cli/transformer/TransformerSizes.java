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
package ai.djl.mamba.examples.cli.transformer;

import ai.djl.mamba.internal.Checks;

/**
 * The sizes of a {@link TransformerLanguageModel}.
 *
 * @param vocabSize the number of token ids, V
 * @param modelSize d, even
 * @param numLayers the number of layers
 * @param heads the number of attention heads, a divisor of d
 * @param hiddenSize the width of the feed-forward blocks
 * @param dropout the rate of dropout while training
 * @param preNorm whether layers are pre-norm layers rather than DJL's encoder blocks
 */
record TransformerSizes(
        int vocabSize,
        int modelSize,
        int numLayers,
        int heads,
        int hiddenSize,
        float dropout,
        boolean preNorm) {

    private static final String NAME = "TransformerLanguageModel";

    /** Checks the sizes. */
    TransformerSizes {
        Checks.positive(NAME, "vocabSize", vocabSize);
        Checks.positive(NAME, "modelSize", modelSize);
        Checks.positive(NAME, "numLayers", numLayers);
        Checks.positive(NAME, "heads", heads);
        Checks.positive(NAME, "hiddenSize", hiddenSize);
        Checks.require(modelSize % 2 == 0, NAME, "modelSize must be even, got %d", modelSize);
        Checks.require(
                modelSize % heads == 0,
                NAME,
                "heads must divide modelSize, got %d and %d",
                heads,
                modelSize);
        Checks.dropout(NAME, dropout);
    }
}
