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

import java.nio.charset.StandardCharsets;

/** The tokenizer of byte models: a text's tokens are the bytes of its UTF-8 form. */
public final class ByteTokenizer {

    /** The number of token ids. */
    public static final int VOCAB_SIZE = 256;

    private ByteTokenizer() {}

    /**
     * Turns a text into tokens.
     *
     * @param text the text
     * @return one id in [0, 256) for each byte
     */
    public static long[] encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Turns bytes into tokens.
     *
     * @param bytes the bytes
     * @return one id in [0, 256) for each byte
     */
    public static long[] encode(byte[] bytes) {
        long[] ids = new long[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return ids;
    }

    /**
     * Turns tokens into a text.
     *
     * @param ids the ids
     * @return the text; bytes that are no UTF-8 appear as U+FFFD
     * @throws IllegalArgumentException if an id is not in [0, 256)
     */
    public static String decode(long... ids) {
        Utf8Stream stream = new Utf8Stream();
        StringBuilder text = new StringBuilder();
        for (long id : ids) {
            text.append(stream.next(toByte(id)));
        }
        return text.append(stream.finish()).toString();
    }

    /**
     * Returns the byte of a token.
     *
     * @param id the id
     * @return its byte
     * @throws IllegalArgumentException if the id is not in [0, 256)
     */
    public static byte toByte(long id) {
        if (id < 0 || id >= VOCAB_SIZE) {
            throw new IllegalArgumentException("Expected byte ids in [0, 256), got " + id);
        }
        return (byte) id;
    }
}
