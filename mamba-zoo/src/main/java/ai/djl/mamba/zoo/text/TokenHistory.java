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

import ai.djl.mamba.internal.Checks;
import java.util.Arrays;
import java.util.BitSet;

/** What the penalties know of a sequence: which ids it has, and how often each was generated. */
final class TokenHistory {

    private final BitSet seen;
    private int[] counts;
    private int generated;

    /**
     * Starts after a prompt.
     *
     * @param prompt the ids of the prompt; copied
     */
    TokenHistory(BitSet prompt) {
        seen = (BitSet) prompt.clone();
        counts = new int[0];
    }

    private TokenHistory(TokenHistory other) {
        seen = (BitSet) other.seen.clone();
        counts = other.counts.clone();
        generated = other.generated;
    }

    /** The set of the ids of a prompt. */
    static BitSet setOf(long[] ids) {
        BitSet set = new BitSet();
        for (long id : ids) {
            Checks.require(
                    id >= 0 && id < Integer.MAX_VALUE, "TokenHistory", "%d is not a token id", id);
            set.set(Math.toIntExact(id));
        }
        return set;
    }

    TokenHistory copy() {
        return new TokenHistory(this);
    }

    /** Adds a generated token. */
    void add(int id, GenerationOptions options) {
        seen.set(id);
        generated++;
        if (countsMatter(options)) {
            if (id >= counts.length) {
                counts = Arrays.copyOf(counts, Math.max(id + 1, 2 * counts.length));
            }
            counts[id]++;
        }
    }

    private static boolean countsMatter(GenerationOptions options) {
        return options.frequencyPenalty() != 0 || options.presencePenalty() != 0;
    }

    /** Applies the penalties, and forbids end ids where the sequence is too short. */
    void apply(float[] scores, GenerationOptions options) {
        float penalty = (float) options.repetitionPenalty();
        if (penalty != 1) {
            for (int id = seen.nextSetBit(0);
                    id >= 0 && id < scores.length;
                    id = seen.nextSetBit(id + 1)) {
                scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
            }
        }
        for (int id = 0; id < Math.min(counts.length, scores.length); id++) {
            if (counts[id] > 0) {
                double frequency = counts[id] * options.frequencyPenalty();
                scores[id] = (float) (scores[id] - frequency - options.presencePenalty());
            }
        }
        if (generated < options.minNewTokens()) {
            for (int id : options.endIds()) {
                if (id < scores.length) {
                    scores[id] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }
}
