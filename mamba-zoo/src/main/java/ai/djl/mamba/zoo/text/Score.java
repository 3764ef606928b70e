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

/**
 * How well a model predicts a text.
 *
 * @param tokens the number of tokens read
 * @param scored the number of tokens predicted: one less where the text starts from nothing, since
 *     nothing predicts the first token
 * @param totalNll the sum of their negative log-probabilities (natural logarithm)
 */
public record Score(long tokens, long scored, double totalNll) {

    /**
     * Returns the mean negative log-probability.
     *
     * @return nats per predicted token; NaN if none was predicted
     */
    public double meanNll() {
        return totalNll / scored;
    }

    /**
     * Returns the perplexity.
     *
     * @return exp of {@link #meanNll}
     */
    public double perplexity() {
        return Math.exp(meanNll());
    }
}
