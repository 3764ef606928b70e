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

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;

/**
 * Reads UTF-8. Unlike a {@code Reader}, it returns all characters before the first invalid bytes,
 * so that their line can be reported.
 */
final class Utf8Text implements Closeable {

    private static final int BUFFER = 1 << 13;
    private static final int MAX_CHARACTER_BYTES = 4; // of UTF-8
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).flip();
    private final CharBuffer chars = CharBuffer.allocate(BUFFER);
    private boolean isStart = true;
    private boolean isEnd;

    /**
     * Creates a reader.
     *
     * @param in the bytes, closed with this reader
     * @param lenient whether invalid UTF-8 is read as U+FFFD
     */
    Utf8Text(InputStream in, boolean lenient) {
        this.in = in;
        decoder = decoder(lenient);
    }

    static CharsetDecoder decoder(boolean lenient) {
        CodingErrorAction action = lenient ? CodingErrorAction.REPLACE : CodingErrorAction.REPORT;
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(action)
                .onUnmappableCharacter(action);
    }

    /**
     * Reads text until it has a given length.
     *
     * @param text the text to append to
     * @param length the length of the text to reach, which may be exceeded by the size of a buffer
     * @throws MalformedInputException if the next bytes are not UTF-8; the text before them is
     *     appended
     */
    void fill(StringBuilder text, int length) throws IOException {
        while (text.length() < length && !isEnd) {
            boolean noMore = bytes.remaining() < MAX_CHARACTER_BYTES && !more();
            CoderResult result = decoder.decode(bytes, chars, noMore);
            isEnd = noMore && result.isUnderflow();
            if (isEnd) {
                decoder.flush(chars);
            }
            append(text);
            if (result.isError()) {
                throw new MalformedInputException(result.length());
            }
        }
    }

    private void append(StringBuilder text) {
        chars.flip();
        if (isStart && chars.hasRemaining()) {
            isStart = false;
            if (chars.get(0) == BYTE_ORDER_MARK) {
                chars.get();
            }
        }
        text.append(chars);
        chars.clear();
    }

    private boolean more() throws IOException {
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        if (read > 0) {
            bytes.position(bytes.position() + read);
        }
        bytes.flip();
        return read >= 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
