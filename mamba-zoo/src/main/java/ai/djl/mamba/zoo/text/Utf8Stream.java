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
 * Decodes UTF-8 that arrives byte by byte, and holds bytes back until their character is complete.
 *
 * <p>Bytes that are not UTF-8 become U+FFFD as the Unicode standard recommends (chapter 3, "U+FFFD
 * substitution of maximal subparts") and as tokenizers do. Java's own decoder makes one U+FFFD of
 * an encoded surrogate where this makes three.
 */
final class Utf8Stream {

    private static final char REPLACEMENT = '\ufffd';
    private static final int LOWEST = 0x80;
    private static final int HIGHEST = 0xbf;

    private int missing;
    private int character;
    // the range of the next byte: the second byte of some characters has a smaller one
    private int lowest = LOWEST;
    private int highest = HIGHEST;

    /** Creates a stream. */
    public Utf8Stream() {}

    /**
     * Takes the next byte.
     *
     * @param next the byte
     * @return the characters that are complete now, often none
     */
    public String next(byte next) {
        StringBuilder text = new StringBuilder(2);
        next(next, text);
        return text.toString();
    }

    /** Takes the next byte and appends the characters that are complete now. */
    void next(byte next, StringBuilder text) {
        int value = Byte.toUnsignedInt(next);
        if (missing == 0) {
            begin(value, text);
        } else if (value < lowest || value > highest) {
            finish(text);
            begin(value, text);
        } else {
            lowest = LOWEST;
            highest = HIGHEST;
            character = (character << 6) | (value & 0x3f);
            missing--;
            if (missing == 0) {
                text.appendCodePoint(character);
            }
        }
    }

    private void begin(int value, StringBuilder text) {
        if (value < 0x80) {
            text.append((char) value);
        } else if (value >= 0xc2 && value <= 0xdf) {
            missing = 1;
            character = value & 0x1f;
        } else if (value >= 0xe0 && value <= 0xef) {
            missing = 2;
            character = value & 0xf;
            lowest = value == 0xe0 ? 0xa0 : LOWEST; // two bytes suffice for less
            highest = value == 0xed ? 0x9f : HIGHEST; // no surrogates
        } else if (value >= 0xf0 && value <= 0xf4) {
            missing = 3;
            character = value & 0x7;
            lowest = value == 0xf0 ? 0x90 : LOWEST; // three bytes suffice for less
            highest = value == 0xf4 ? 0x8f : HIGHEST; // up to U+10FFFF
        } else {
            text.append(REPLACEMENT);
        }
    }

    /**
     * Ends the stream, which may be used again afterwards.
     *
     * @return U+FFFD where bytes of an incomplete character were held back, otherwise nothing
     */
    public String finish() {
        StringBuilder text = new StringBuilder(1);
        finish(text);
        return text.toString();
    }

    private void finish(StringBuilder text) {
        if (missing > 0) {
            text.append(REPLACEMENT);
        }
        missing = 0;
        lowest = LOWEST;
        highest = HIGHEST;
    }
}
