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
 * Cuts long texts in pieces, each of which is tokenized by itself. A text is cut at the same places
 * whether it comes from a row or from a file that is never held as a whole.
 */
final class TextCutter {

    /** The most characters of a piece. */
    static final int MOST = 1 << 16;

    private TextCutter() {}

    /**
     * Finds the end of a piece: after a line, else before white space (which tokenizers join to the
     * word that follows), else between two characters.
     *
     * @param text at least {@code MOST + 1} characters from the start, or all there are
     * @param start where the piece starts
     * @return where it ends
     */
    static int end(CharSequence text, int start) {
        return end(text, start, MOST);
    }

    /**
     * Finds the end of a piece of another length.
     *
     * @param text at least {@code most + 1} characters from the start, or all there are
     * @param start where the piece starts
     * @param most the most characters of a piece, at least 2
     * @return where it ends
     */
    static int end(CharSequence text, int start, int most) {
        if (text.length() - start <= most) {
            return text.length();
        }
        int last = start + most;
        int first = start + most / 2;
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
