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

import ai.djl.mamba.zoo.text.Vocabulary.Decoding;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A decoder that asks the tokenizer for the text of a few tokens at a time.
 *
 * <p>The text of a token may depend on the one before: the first word loses its space. So the
 * window begins with a token that was given out already, and a token's piece is what it adds. Bytes
 * that stand for themselves, as {@code <0xE4>} does, are held back until another token comes: one
 * wrong byte turns all those beside it into U+FFFD.
 */
final class WindowDecoder implements Tokenizer.Decoder {

    private static final int MIN_WINDOW = 16;
    private static final String REPLACEMENT = "\ufffd";

    private final Function<long[], String> tokenizer;
    private final Vocabulary vocabulary;
    private long[] window = new long[MIN_WINDOW];
    private int length;
    private String givenOut = ""; // how the text of the window begins

    WindowDecoder(Function<long[], String> tokenizer, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /** {@inheritDoc} */
    @Override
    public String next(long id) {
        String token = vocabulary.textToken(id);
        if (token == null) {
            return "";
        }
        if (length == window.length) {
            window = Arrays.copyOf(window, 2 * length);
        }
        window[length++] = id;
        if (vocabulary.decoding() == Decoding.BYTE_FALLBACK && isByte(token)) {
            return "";
        }
        String text = decode(0);
        boolean isCut =
                vocabulary.decoding() == Decoding.BYTE_LEVEL_AND_MORE && text.endsWith(REPLACEMENT);
        if (isCut || !text.startsWith(givenOut)) {
            return "";
        }
        String piece = text.substring(givenOut.length());
        givenOut = text;
        forget();
        return piece;
    }

    /** Shortens the window to as few tokens as still have a text. */
    private void forget() {
        String text = "";
        int kept = 1;
        // with a text, or else the next token would be taken for the first one
        while (kept < length) {
            text = decode(length - kept);
            if (!text.isEmpty()) {
                break;
            }
            kept *= 2;
        }
        if (kept < length) {
            System.arraycopy(window, length - kept, window, 0, kept);
            length = kept;
            givenOut = text;
        }
    }

    /** {@inheritDoc} */
    @Override
    public String finish() {
        String text = decode(0);
        String rest = text.substring(Math.min(givenOut.length(), text.length()));
        window = new long[MIN_WINDOW];
        length = 0;
        givenOut = "";
        return rest;
    }

    /** The text of the window from a token on. */
    private String decode(int from) {
        return tokenizer.apply(Arrays.copyOfRange(window, from, length));
    }

    private static boolean isByte(String token) {
        return token.length() == 6
                && token.startsWith("<0x")
                && token.endsWith(">")
                && Character.digit(token.charAt(3), 16) >= 0
                && Character.digit(token.charAt(4), 16) >= 0;
    }
}
