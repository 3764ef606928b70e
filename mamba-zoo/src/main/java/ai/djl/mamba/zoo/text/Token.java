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
 * A token of a continuation, with its log-probability. Log-probabilities are natural logarithms of
 * what the model gave, before penalties and temperature, over the ids in use.
 *
 * @param id the id of the token
 * @param logProb the log-probability of the token; NaN where {@link GenerationOptions#logProbs} did
 *     not ask for it
 * @param topIds the most likely ids, the most likely one first, as many as were asked for; of
 *     equally likely ones the lower id first
 * @param topLogProbs the log-probabilities of {@code topIds}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; an array each, owned by the reader
public record Token(int id, float logProb, int[] topIds, float[] topLogProbs) {

    private static final int[] NO_IDS = {};
    private static final float[] NO_LOG_PROBS = {};

    /**
     * Describes a chosen token.
     *
     * @param id the id
     * @param logits logits of several rows
     * @param offset where the row of the token starts
     * @param vocabSize the number of ids in use
     * @param options whether log-probabilities are wanted
     */
    static Token of(int id, float[] logits, int offset, int vocabSize, GenerationOptions options) {
        int count = Math.min(options.logProbs(), vocabSize);
        if (count < 0) {
            return new Token(id, Float.NaN, NO_IDS, NO_LOG_PROBS);
        }
        double logSum = LogProbs.logSumExp(logits, offset, vocabSize);
        float logProb = (float) (logits[offset + id] - logSum);
        if (count == 0) {
            return new Token(id, logProb, NO_IDS, NO_LOG_PROBS);
        }
        int[] topIds = Ranking.best(logits, offset, vocabSize, count).sorted();
        float[] topLogProbs = new float[topIds.length];
        for (int i = 0; i < topLogProbs.length; i++) {
            topLogProbs[i] = (float) (logits[offset + topIds[i]] - logSum);
        }
        return new Token(id, logProb, topIds, topLogProbs);
    }

    /** Shows the id, and the log-probabilities if there are any. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(id);
        if (!Float.isNaN(logProb)) {
            text.append(" (").append(logProb);
            for (int i = 0; i < topIds.length; i++) {
                text.append(i == 0 ? "; " : ", ").append(topIds[i]).append(' ');
                text.append(topLogProbs[i]);
            }
            text.append(')');
        }
        return text.toString();
    }
}
