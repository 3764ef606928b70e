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

import ai.djl.mamba.zoo.data.TextRecord.Pieces;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.util.zip.ZipException;

/** Reads a text file as one document, or cut into several. */
final class TextReader implements RecordReader {

    private final Utf8Text in;
    private final boolean isCut; // into documents
    private final int length;
    private final String label;
    private final String origin;
    private final BadRows.Pass badRows;
    private final StringBuilder buffer = new StringBuilder();
    private long line = 1;
    private boolean isRead;
    private boolean isClosed;

    TextReader(
            InputStream in,
            TextOptions options,
            String label,
            String origin,
            BadRows.Pass badRows) {
        this.in = new Utf8Text(in, options.lenient());
        isCut = options.documentLength() > 0;
        length = isCut ? options.documentLength() : TextCutter.MAX_LENGTH;
        this.label = label;
        this.origin = origin;
        this.badRows = badRows;
    }

    @Override
    public TextRecord next() throws IOException {
        if (isCut) {
            long first = line;
            String piece = piece();
            return piece == null ? null : new TextRecord(piece, label, origin + ":" + first);
        }
        if (isRead) {
            return null;
        }
        isRead = true;
        String first = piece();
        if (first == null) {
            return null;
        }
        if (buffer.isEmpty()) {
            close();
            return new TextRecord(first, label, origin);
        }
        return new TextRecord(first, label, origin, rest());
    }

    private Pieces rest() {
        TextReader reader = this;
        return new Pieces() {
            @Override
            public String next() throws IOException {
                return reader.piece();
            }

            @Override
            public void close() throws IOException {
                reader.close();
            }
        };
    }

    private String piece() throws IOException {
        if (isClosed) {
            return null;
        }
        try {
            in.fill(buffer, length + 1);
        } catch (MalformedInputException e) {
            return stop("the text is not UTF-8 from here on");
        } catch (EOFException | ZipException e) {
            return stop("the compressed text is damaged: " + Damages.of(e));
        }
        int end = TextCutter.end(buffer, 0, length);
        if (end == 0) {
            close();
            return null;
        }
        String piece = buffer.substring(0, end);
        buffer.delete(0, end);
        line += newLines(piece);
        return piece;
    }

    private String stop(String problem) throws IOException {
        close();
        badRows.report(origin + ":" + (line + newLines(buffer)), problem);
        return null;
    }

    private static long newLines(CharSequence text) {
        return text.chars().filter(c -> c == '\n').count();
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        in.close();
    }
}
