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

import java.util.Arrays;
import java.util.BitSet;

/** What the penalties know of a sequence: which ids it has, and how often each was generated. */
final class TokenHistory {

    private static final int[] NONE = {};
    private static final int MIN_MADE = 16;

    private final BitSet seen;
    private int[] counts;
    private final int[] prompt; // the ids, only where n-grams matter
    private int[] made = {}; // the ids generated, only where n-grams matter
    private int generated;

    /**
     * Starts after a prompt.
     *
     * @param read the tokens of the prompt
     */
    TokenHistory(ReadTokens read, GenerationOptions options) {
        seen = (BitSet) read.seen().clone();
        counts = NONE;
        prompt = options.noRepeatNgramSize() == 0 ? NONE : read.all();
    }

    private TokenHistory(TokenHistory other) {
        seen = (BitSet) other.seen.clone();
        counts = other.counts.clone();
        prompt = other.prompt;
        made = other.made.clone();
        generated = other.generated;
    }

    TokenHistory copy() {
        return new TokenHistory(this);
    }

    /** Adds a generated token. */
    void add(int id, GenerationOptions options) {
        seen.set(id);
        if (options.noRepeatNgramSize() > 0) {
            if (generated == made.length) {
                made = Arrays.copyOf(made, Math.max(MIN_MADE, 2 * made.length));
            }
            made[generated] = id;
        }
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

    /** Forbids each id that would end a sequence of {@code size} ids that is there already. */
    private void forbidRepeated(float[] scores, int size) {
        int length = prompt.length + generated;
        for (int end = size - 1; end < length; end++) {
            int same = 0;
            while (same < size - 1 && id(end - 1 - same) == id(length - 1 - same)) {
                same++;
            }
            if (same == size - 1 && id(end) < scores.length) {
                scores[id(end)] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private int id(int place) {
        return place < prompt.length ? prompt[place] : made[place - prompt.length];
    }

    /**
     * Applies the penalties, forbids repeated n-grams, and forbids end ids where the sequence is
     * too short.
     */
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
        if (options.noRepeatNgramSize() > 0) {
            forbidRepeated(scores, options.noRepeatNgramSize());
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
