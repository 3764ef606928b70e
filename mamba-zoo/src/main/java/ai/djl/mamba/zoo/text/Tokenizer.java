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

import ai.djl.MalformedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Turns text into token ids and back.
 *
 * <p>{@link #open} finds the tokenizer of a model. Encoding and decoding may be done by several
 * threads at once.
 */
public interface Tokenizer extends AutoCloseable {

    /**
     * Opens the tokenizer of a model: its {@code tokenizer.json}, without the truncation and
     * padding that the file may ask for; or else its {@code alphabet.json}, a {@link
     * CharacterTokenizer}; or bytes if there is neither and the vocabulary has 256 ids.
     *
     * <p>A {@code tokenizer.json} needs DJL's {@code ai.djl.huggingface:tokenizers} on the class
     * path. Its native library comes with it; nothing is downloaded. It is loaded for the CPU,
     * unless {@code RUST_FLAVOR} is set.
     *
     * @param folder the model's folder
     * @param vocabSize the size of the model's vocabulary; a padded size will do
     * @return the tokenizer, which must be closed
     * @throws IOException if there is no tokenizer, the file cannot be read, or DJL's library is
     *     missing or does not load on this machine
     * @throws MalformedModelException if the file is not a tokenizer
     */
    static Tokenizer open(Path folder, int vocabSize) throws IOException, MalformedModelException {
        return Tokenizers.open(folder, vocabSize);
    }

    /**
     * Tells whether a model has a tokenizer that {@link #open} can find.
     *
     * @param folder the model's folder
     * @param vocabSize the size of the model's vocabulary
     * @return whether there is a {@code tokenizer.json} or an {@code alphabet.json}, or the model
     *     is a byte model
     */
    static boolean exists(Path folder, int vocabSize) {
        return Tokenizers.exists(folder, vocabSize);
    }

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
     * Turns a text that others will continue into tokens: as {@link #encode}, but without the
     * special tokens that the tokenizer puts behind a text, which would end it. {@link
     * #encodeContinuation} is the counterpart for what follows.
     *
     * <p>What a normalizer does to the end of a text it does here, too, as when it leaves out
     * spaces there: begin the continuation with them.
     *
     * @param text the text, of any length
     * @return the ids, with the special tokens that the tokenizer puts before a text
     * @throws IllegalStateException if the tokenizer is closed
     */
    default long[] encodeStart(String text) {
        return SpecialTokens.around(this).stripEnd(encode(text));
    }

    /**
     * Turns a text that continues another into tokens: without special tokens around it, and
     * without the space that some tokenizers put before a text. So the tokens of a text and of its
     * continuation, one after the other, decode to both texts joined. They are those of the joined
     * text where it has a border between tokens at that place; a tokenizer that merges across the
     * border, as inside a word, would have made other ones.
     *
     * <p>Steps of a {@code tokenizer.json} that are bound to the start of a text are left out: a
     * prefix, a strip on the left, a replacement of a pattern that begins with {@code ^} or {@code
     * \A}. Those bound to its end stay, such as a strip on the right, so a space at the end of a
     * text is lost before what continues it; so do patterns with {@code ^} elsewhere, as in an
     * alternative.
     *
     * <p>The default implementation leaves out the special tokens that {@link #encode} puts around
     * a text. Override it if {@code encode} puts anything else there.
     *
     * @param text the text, of any length, perhaps empty
     * @return the ids, none for an empty text
     * @throws IllegalStateException if the tokenizer is closed
     */
    default long[] encodeContinuation(String text) {
        return SpecialTokens.around(this).strip(encode(text));
    }

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
    Decoder newDecoder();

    /**
     * Starts to turn tokens that continue a text into text while they are made, as the counterpart
     * of {@link #encodeContinuation}: a space at the beginning is kept. The default implementation
     * is {@link #newDecoder}.
     *
     * @return a decoder of one sequence of tokens, of use until the tokenizer is closed
     */
    default Decoder newContinuationDecoder() {
        return newDecoder();
    }

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

    /**
     * Saves the tokenizer beside a model, where {@link #open} finds it.
     *
     * @param folder the folder of the model; files of another tokenizer there are deleted
     * @return whether it was saved: {@code false}, as by default, for a tokenizer of your own that
     *     has no file, which has to be given again when the model is loaded
     * @throws IOException if a file cannot be read or written
     */
    default boolean save(Path folder) throws IOException {
        return false;
    }

    /** Releases native memory, if there is any. Closing twice does no harm. */
    @Override
    void close();

    /**
     * Turns tokens into text while they are made.
     *
     * <p>Joined together, the pieces are the text that {@link Tokenizer#decode} makes of all tokens
     * at once. A piece comes as soon as no later token can change its characters, and never ends
     * within a character. The time for a token does not depend on how many came before. A decoder
     * is for one thread.
     */
    interface Decoder {

        /**
         * Takes the next token.
         *
         * @param id the id of the token
         * @return the characters that are certain now, perhaps none
         * @throws IllegalArgumentException if the id is negative or cannot be an id of the model
         */
        String next(long id);

        /**
         * Ends the text. The decoder may be used for another one afterwards.
         *
         * @return what was held back
         */
        String finish();
    }
}
