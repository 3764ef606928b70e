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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.training.SequenceBatch;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Encodes the pieces of a document as token ids. What the tokenizer puts before a text, special
 * tokens or a space, is kept before the first piece only. Special tokens that it puts after a text
 * are dropped: the end of a document is the label of its last token.
 */
final class DocumentEncoder {

    private static final long[] NONE = {};
    private static final String PROBE = "a";
    private static final String LONG_PROBE = "Für Elise, 1810:\n\treturn x_1 != 0x7F; \uD83D\uDE00";

    private final Tokenizer tokenizer;
    private final OptionalLong end;
    private final long[] after; // the special tokens that it puts after a text

    DocumentEncoder(Tokenizer tokenizer, OptionalLong end) {
        this.tokenizer = tokenizer;
        this.end = end;
        after = tokenizer.encode("").length == 0 ? NONE : endOf(PROBE);
    }

    private long[] endOf(String text) {
        long[] whole = tokenizer.encode(text);
        return Arrays.copyOfRange(whole, tokenizer.encodeStart(text).length, whole.length);
    }

    /** The special tokens that the tokenizer puts after a text, which pieces do not have. */
    long[] after() {
        return after;
    }

    /** Returns the default token that ends a text, if the tokenizer has it. */
    static OptionalLong defaultEnd(Tokenizer tokenizer) {
        return tokenizer.idOf("<|endoftext|>").stream()
                .filter(tokenizer::isSpecial)
                .asLongStream()
                .findFirst();
    }

    long[] encode(String piece, boolean isFirst) {
        if (!isFirst) {
            return tokenizer.encodeContinuation(piece);
        }
        long[] ids = tokenizer.encode(piece);
        return after.length == 0 ? ids : Arrays.copyOf(ids, ids.length - after.length);
    }

    /** Returns the label of the last token of a document. */
    long end() {
        return end.orElse(SequenceBatch.IGNORED);
    }

    private int hash() {
        try {
            return Arrays.hashCode(tokenizer.encode(LONG_PROBE));
        } catch (IllegalArgumentException e) { // an alphabet of its own: few tokens
            return IntStream.range(0, tokenizer.vocabSize())
                    .mapToObj(tokenizer::decode)
                    .toList()
                    .hashCode();
        }
    }

    /** Describes the tokenizer by its behavior. */
    String description() {
        String name =
                tokenizer instanceof ByteTokenizer
                        ? "bytes"
                        : tokenizer.vocabSize()
                                + " tokens with the hash "
                                + Integer.toHexString(hash());
        return end.isPresent() ? name + ", texts end with " + end.getAsLong() : name;
    }
}
