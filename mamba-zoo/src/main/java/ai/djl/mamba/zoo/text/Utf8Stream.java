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

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 that arrives byte by byte, and holds bytes back until their character is complete.
 *
 * <p>Joined together, the pieces are what decoding all bytes at once gives.
 */
public final class Utf8Stream {

    private static final int LONGEST_CHARACTER = 4;

    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final ByteBuffer pending = ByteBuffer.allocate(2 * LONGEST_CHARACTER);
    private final CharBuffer decoded = CharBuffer.allocate(2 * LONGEST_CHARACTER);

    /** Creates a stream. */
    public Utf8Stream() {}

    /**
     * Takes the next byte.
     *
     * @param next the byte
     * @return the characters that are complete now, often none
     */
    public String next(byte next) {
        pending.put(next);
        return decode(false);
    }

    /**
     * Ends the stream, which may be used again afterwards.
     *
     * @return U+FFFD where bytes of an incomplete character were held back, otherwise nothing
     */
    public String finish() {
        String rest = decode(true);
        decoder.reset();
        return rest;
    }

    private String decode(boolean isEnd) {
        pending.flip();
        decoder.decode(pending, decoded, isEnd);
        pending.compact();
        String text = decoded.flip().toString();
        decoded.clear();
        return text;
    }
}
