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

/**
 * Cuts long texts into pieces that are tokenized separately. The cuts do not depend on whether the
 * text comes from a row or from a file that is never in memory as a whole.
 */
final class TextCutter {

    /** The maximum length of a piece, in characters. */
    static final int MAX_LENGTH = 1 << 16;

    private TextCutter() {}

    /**
     * Finds the end of a piece: after a line break, otherwise before white space (which tokenizers
     * join to the word that follows), otherwise between two characters.
     *
     * @param text at least {@code MAX_LENGTH + 1} characters from the start, or all that are left
     * @param start the start of the piece
     * @return the end of the piece
     */
    static int end(CharSequence text, int start) {
        return end(text, start, MAX_LENGTH);
    }

    /**
     * Finds the end of a piece with another maximum length.
     *
     * @param text at least {@code maxLength + 1} characters from the start, or all that are left
     * @param start the start of the piece
     * @param maxLength the maximum length of a piece, in characters, at least 2
     * @return the end of the piece
     */
    static int end(CharSequence text, int start, int maxLength) {
        if (text.length() - start <= maxLength) {
            return text.length();
        }
        int last = start + maxLength;
        int first = start + maxLength / 2;
        for (int end = last; end > first; end--) {
            if (text.charAt(end - 1) == '\n') {
                return end;
            }
        }
        for (int end = last; end > first; end--) {
            if (Character.isWhitespace(text.charAt(end))) {
                return end;
            }
        }
        return Character.isHighSurrogate(text.charAt(last - 1)) ? last - 1 : last;
    }
}
