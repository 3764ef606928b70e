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

import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/** The tokenizer of byte models: a text's tokens are the bytes of its UTF-8 form. */
public final class ByteTokenizer implements Tokenizer {

    /** The number of token ids. */
    public static final int VOCAB_SIZE = 256;

    /** Creates a tokenizer. It needs no closing. */
    public ByteTokenizer() {}

    /** {@inheritDoc} */
    @Override
    public long[] encode(String text) {
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
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if an id is not in [0, 256)
     */
    @Override
    public String decode(long... ids) {
        Utf8Stream stream = new Utf8Stream();
        StringBuilder text = new StringBuilder(ids.length);
        for (long id : ids) {
            stream.next(toByte(id), text);
        }
        return text.append(stream.finish()).toString();
    }

    /** {@inheritDoc} */
    @Override
    public Decoder newDecoder() {
        Utf8Stream stream = new Utf8Stream();
        return new Decoder() {
            @Override
            public String next(long id) {
                return stream.next(toByte(id));
            }

            @Override
            public String finish() {
                return stream.finish();
            }
        };
    }

    /**
     * {@inheritDoc}
     *
     * @return 256
     */
    @Override
    public int vocabSize() {
        return VOCAB_SIZE;
    }

    /**
     * {@inheritDoc}
     *
     * @return nothing: bytes have no names
     */
    @Override
    public OptionalInt idOf(String token) {
        return OptionalInt.empty();
    }

    /**
     * {@inheritDoc}
     *
     * @return false: every byte is text
     */
    @Override
    public boolean isSpecial(long id) {
        return false;
    }

    /**
     * {@inheritDoc}
     *
     * @return 1
     */
    @Override
    public int byteLength(long id) {
        toByte(id);
        return 1;
    }

    /** {@inheritDoc} A byte model has no file for it: those of other tokenizers are deleted. */
    @Override
    public boolean save(Path folder) throws IOException {
        TokenizerFiles.write(folder, Map.of());
        return true;
    }

    /** Does nothing: there is nothing to release. */
    @Override
    public void close() {}

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
