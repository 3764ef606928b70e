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

/**
 * What is known of the tokens that a model has read.
 *
 * @param seen which ids occurred; not to be changed
 * @param count the number of tokens
 * @param ids the ids themselves, or {@code null} if only the state was kept
 */
record ReadTokens(BitSet seen, long count, Ids ids) {

    /** Ids behind others; reading on copies nothing. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Ids(Ids before, int[] last) {}

    /** Describes a text read from its start. */
    static ReadTokens of(long[] ids) {
        return new ReadTokens(new BitSet(), 0, new Ids(null, new int[0])).then(ids);
    }

    /** Describes a text of which a file has kept the state only. */
    static ReadTokens restored(BitSet seen, long count) {
        return new ReadTokens(seen, count, null);
    }

    /** Describes the text with the tokens that follow it. */
    ReadTokens then(long[] more) {
        BitSet all = (BitSet) seen.clone();
        for (long id : more) {
            Checks.require(
                    id >= 0 && id < Integer.MAX_VALUE, "ReadTokens", "%d is not a token id", id);
            all.set((int) id);
        }
        Ids joined =
                count > 0 && ids == null
                        ? null
                        : new Ids(ids, Arrays.stream(more).mapToInt(id -> (int) id).toArray());
        return new ReadTokens(all, count + more.length, joined);
    }

    /** Returns all ids. */
    int[] all() {
        if (ids == null) {
            throw new IllegalArgumentException(
                    "TextGenerator: noRepeatNgramSize needs the ids of the prompt, which a saved"
                            + " state does not have: read the prompt again");
        }
        int[] all = new int[Math.toIntExact(count)];
        int end = all.length;
        for (Ids part = ids; part != null; part = part.before()) {
            end -= part.last().length;
            System.arraycopy(part.last(), 0, all, end, part.last().length);
        }
        return all;
    }

    /**
     * Starts to decode what follows: behind special tokens alone, such as the one that begins a
     * text, it is a text from its start.
     */
    Tokenizer.Decoder newDecoder(Tokenizer tokenizer) {
        boolean isStart = seen.stream().allMatch(tokenizer::isSpecial);
        return isStart ? tokenizer.newDecoder() : tokenizer.newContinuationDecoder();
    }
}
