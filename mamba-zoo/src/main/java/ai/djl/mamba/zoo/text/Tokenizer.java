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

import java.util.OptionalInt;

/**
 * Turns text into token ids and back.
 *
 * <p>{@link Tokenizers#open} finds the tokenizer of a model. Encoding and decoding may be done by
 * several threads at once.
 */
public interface Tokenizer extends AutoCloseable {

    /**
     * Turns a text into tokens.
     *
     * @param text the text, of any length; half a surrogate pair, which is not a character, becomes
     *     "?"
     * @return the ids, with the special tokens that the tokenizer puts around a text
     * @throws IllegalStateException if the tokenizer is closed
     */
    long[] encode(String text);

    /**
     * Turns tokens into a text.
     *
     * @param ids the ids; special tokens are left out, and so are ids above the last token, which a
     *     model with a padded vocabulary may have
     * @return the text; bytes that are not UTF-8 appear as U+FFFD
     * @throws IllegalArgumentException if an id is negative or cannot be an id of the model
     * @throws IllegalStateException if the tokenizer is closed
     */
    String decode(long... ids);

    /**
     * Starts to turn tokens into text while they are made.
     *
     * @return a decoder of one sequence of tokens, of use until the tokenizer is closed
     */
    TextDecoder newDecoder();

    /**
     * Returns the size of the vocabulary. The model's own may be larger.
     *
     * @return the number n of ids: every token has an id in [0, n)
     */
    int vocabSize();

    /**
     * Looks up a token by the name that it has in the vocabulary.
     *
     * @param token the name, such as {@code <|endoftext|>}
     * @return its id, or nothing if there is no such token
     */
    OptionalInt idOf(String token);

    /**
     * Tells whether a token is a special one, which stands for no text.
     *
     * @param id the id
     * @return whether decoding leaves it out
     */
    boolean isSpecial(long id);

    /**
     * Tells how many bytes of UTF-8 a token stands for in the text that it was made of: those of a
     * special token are the bytes of its name.
     *
     * @param id the id
     * @return the number of bytes, 0 for an id of no token
     * @throws IllegalArgumentException if the id is negative or cannot be an id of the model
     */
    int byteLength(long id);

    /** Releases native memory, if there is any. Closing twice does no harm. */
    @Override
    void close();
}
