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
package ai.djl.mamba.zoo.text;

import java.util.List;
import java.util.OptionalInt;

/**
 * A complete continuation in tokens, as {@link TextGenerator} makes it.
 *
 * @param tokens the tokens, without the end id
 * @param finishReason why it ended
 * @param endId the end id that was chosen; empty unless the reason is {@link FinishReason#END}
 * @param score of a beam the sum of its log-probabilities / length^penalty, the end id included;
 *     NaN for a continuation that was not made by beam search
 */
public record Generated(
        List<Token> tokens, FinishReason finishReason, OptionalInt endId, double score) {

    /** Copies the list. */
    public Generated {
        tokens = List.copyOf(tokens);
    }

    /**
     * Returns the ids of the tokens.
     *
     * @return the ids
     */
    public int[] ids() {
        return tokens.stream().mapToInt(Token::id).toArray();
    }

    /**
     * Returns the log-probabilities of the tokens.
     *
     * @return the log-probabilities; NaN where they were not asked for
     */
    public float[] logProbs() {
        float[] logProbs = new float[tokens.size()];
        for (int i = 0; i < logProbs.length; i++) {
            logProbs[i] = tokens.get(i).logProb();
        }
        return logProbs;
    }
}
