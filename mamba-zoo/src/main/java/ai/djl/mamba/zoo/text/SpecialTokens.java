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

/**
 * How many special tokens a tokenizer puts before and after each text.
 *
 * @param before the number of special tokens before a text
 * @param after the number of those after it
 */
record SpecialTokens(int before, int after) {

    private static final String PROBE = "a";

    /** Finds out by encoding nothing and, if that gives tokens, a text. */
    static SpecialTokens around(Tokenizer tokenizer) {
        int count = tokenizer.encode("").length;
        if (count == 0) {
            return new SpecialTokens(0, 0); // a vocabulary may not even have the probe
        }
        long[] probe = tokenizer.encode(PROBE);
        int first = 0;
        while (first < Math.min(count, probe.length) && tokenizer.isSpecial(probe[first])) {
            first++;
        }
        int last = probe.length;
        while (last > first
                && first + probe.length - last < count // the probe may be a special token itself
                && tokenizer.isSpecial(probe[last - 1])) {
            last--;
        }
        return new SpecialTokens(first, probe.length - last);
    }

    /** Leaves out the special tokens behind a text. */
    long[] stripEnd(long[] ids) {
        return after == 0 ? ids : Arrays.copyOf(ids, ids.length - after);
    }

    /** Leaves out the special tokens around a text. */
    long[] strip(long[] ids) {
        return before + after == 0 ? ids : Arrays.copyOfRange(ids, before, ids.length - after);
    }
}
