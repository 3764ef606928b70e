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
package ai.djl.mamba.internal;

/**
 * Text that does no more to a terminal than to appear there. Names in files of strangers can have
 * control characters, which move the cursor, change what was printed before, or do worse.
 */
public final class Printable {

    private Printable() {}

    /**
     * Escapes control characters as JSON does, and characters that change the direction of text: an
     * escape becomes {@code \\u001b}.
     *
     * @param text a text, such as a message with names from files, or JSON in one line
     * @return the same without control characters
     */
    public static String of(String text) {
        return escape(text, false);
    }

    /**
     * Escapes what {@link #of} does, apart from ends of lines and tabs.
     *
     * @param text a text of several lines
     * @return the same without other control characters
     */
    public static String lines(String text) {
        return escape(text, true);
    }

    /**
     * Shows the four bytes that a format begins with.
     *
     * @param start the bytes, the first the highest
     * @return the bytes as text, those of no printable ASCII as dots, and in hexadecimal digits
     */
    public static String start(int start) {
        StringBuilder text = new StringBuilder(Integer.BYTES);
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            int b = start >> shift & 0xff;
            text.append(b >= ' ' && b <= '~' ? (char) b : '.');
        }
        return String.format("\"%s\" (%08x)", text, start);
    }

    private static String escape(String text, boolean isOfLines) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isOfLine =
                    c == '\n' || c == '\t' || (c == '\r' && text.startsWith("\n", i + 1));
            if (isHarmless(c) || (isOfLines && isOfLine)) {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04x", (int) c));
            }
        }
        return escaped.toString();
    }

    private static boolean isHarmless(char c) {
        boolean turns = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
        boolean endsLine = c == 0x2028 || c == 0x2029;
        return !Character.isISOControl(c) && !turns && !endsLine;
    }
}
