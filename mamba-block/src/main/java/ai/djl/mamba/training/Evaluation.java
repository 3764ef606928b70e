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
package ai.djl.mamba.training;

/**
 * How well a model predicts data that it was not trained on.
 *
 * @param step the number of training steps so far
 * @param meanNll the mean negative log-likelihood of the labels, in nats
 * @param accuracy the share of the labels that have the largest logit
 * @param labels the number of labels that are not ignored
 */
public record Evaluation(long step, double meanNll, double accuracy, long labels) {

    /**
     * Returns the perplexity.
     *
     * @return exp of {@link #meanNll}
     */
    public double perplexity() {
        return Math.exp(meanNll);
    }

    /**
     * Returns the loss in bits.
     *
     * @return bits per label, which are bits per byte for a byte-level model
     */
    public double bits() {
        return meanNll / Math.log(2);
    }
}
