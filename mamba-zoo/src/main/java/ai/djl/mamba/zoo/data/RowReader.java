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

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;

/**
 * Splits a file into rows before they are parsed, so that a bad row neither affects the rows after
 * it nor exhausts the memory.
 */
final class RowReader implements Closeable {

    /** The maximum length of a row, in bytes. */
    static final int MAX_BYTES = 1 << 24;

    /** A value for the delimiter if there are no quotes: each row is a line. */
    static final int NO_QUOTES = -1;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final int delimiter;
    private final byte[] buffer = new byte[1 << 13];
    private final ByteArrayOutputStream row = new ByteArrayOutputStream();
    private int at;
    private int end;
    private long line; // of the row
    private long nextLine = 1;
    private String text;
    private String problem;

    /**
     * Creates a reader.
     *
     * @param in the bytes, closed with this reader
     * @param lenient whether invalid UTF-8 is read as U+FFFD
     * @param delimiter the delimiter of fields, which may be quoted and then contain line breaks
     */
    RowReader(InputStream in, boolean lenient, int delimiter) {
        this.in = in;
        this.delimiter = delimiter;
        decoder = Utf8Text.decoder(lenient);
    }

    /** Moves to the next row; returns false at the end. */
    boolean next() throws IOException {
        row.reset();
        text = null;
        problem = null;
        line = nextLine;
        Quotes quotes = new Quotes(delimiter);
        boolean isEmpty = true;
        for (int b = read(); b >= 0; b = read()) {
            isEmpty = false;
            if (b == '\n') {
                nextLine++;
                if (!quotes.isOpen || problem != null) {
                    break;
                }
            }
            quotes.next(b);
            if (row.size() < MAX_BYTES) {
                row.write(b);
            } else if (problem == null) {
                problem =
                        "the row is longer than %d bytes%s"
                                .formatted(
                                        MAX_BYTES,
                                        quotes.isOpen ? ", or a quote is not closed" : "");
            }
        }
        if (isEmpty) {
            return false;
        }
        if (problem == null && quotes.isOpen) {
            problem = "a quote is still open at the end of the file, line " + nextLine;
        }
        decode();
        return true;
    }

    private void decode() {
        if (problem != null) {
            return;
        }
        byte[] bytes = row.toByteArray();
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\r') {
            length--;
        }
        try {
            text = decoder.decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        } catch (CharacterCodingException e) {
            problem = "the row is not UTF-8";
            return;
        }
        if (line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
    }

    private int read() throws IOException {
        if (at == end) {
            at = 0;
            end = in.read(buffer);
            if (end <= 0) {
                end = 0;
                return -1;
            }
        }
        return Byte.toUnsignedInt(buffer[at++]);
    }

    /** Returns the number of the first line of the row, from 1. */
    long line() {
        return line;
    }

    /** Returns the row without its line end, or null if there is a problem. */
    String text() {
        return text;
    }

    /** Returns what is wrong with the row, or null. */
    String problem() {
        return problem;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Tracks the quotes of a row, which are recognized only at the start of a field. */
    private static final class Quotes {

        private final int delimiter;
        private boolean isOpen;
        private boolean isFieldStart = true;
        private boolean wasClosed; // by the previous byte

        Quotes(int delimiter) {
            this.delimiter = delimiter;
        }

        void next(int b) {
            if (delimiter == NO_QUOTES) {
                return;
            }
            boolean isQuote = b == '"';
            boolean wasOpen = isOpen;
            if (isQuote) {
                isOpen = !isOpen && (isFieldStart || wasClosed);
            }
            wasClosed = wasOpen && !isOpen;
            isFieldStart = !isOpen && b == delimiter;
        }
    }
}
