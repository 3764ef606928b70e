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
import java.util.Arrays;

/**
 * The decoder of byte-level BPE (GPT-2 and its like), whose tokens are bytes of UTF-8 written as
 * printable characters: a character's bytes may be spread over tokens.
 */
final class ByteLevelDecoder implements Tokenizer.Decoder {

    private static final int NO_BYTE = -1;
    private static final int[] BYTES = bytes();

    private final Vocabulary vocabulary;
    private final Utf8Stream stream = new Utf8Stream();

    ByteLevelDecoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** {@inheritDoc} */
    @Override
    public String next(long id) {
        String token = vocabulary.textToken(id);
        if (token == null) {
            return "";
        }
        StringBuilder text = new StringBuilder(token.length());
        for (byte next : toBytes(token)) {
            stream.next(next, text);
        }
        return text.toString();
    }

    /** {@inheritDoc} */
    @Override
    public String finish() {
        return stream.finish();
    }

    /** The bytes that a token stands for. */
    static byte[] toBytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = token.charAt(i);
            int value = character < BYTES.length ? BYTES[character] : NO_BYTE;
            if (value == NO_BYTE) { // a token that was added is written as it is
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /** The byte of each character: its own where that can be printed, the others from 256 on. */
    private static int[] bytes() {
        int[] bytes = new int[0x200];
        Arrays.fill(bytes, NO_BYTE);
        int unprintable = 0x100;
        for (int value = 0; value < 0x100; value++) {
            boolean isPrintable =
                    (value >= '!' && value <= '~') || (value >= 0xa1 && value != 0xad);
            bytes[isPrintable ? value : unprintable] = value;
            unprintable += isPrintable ? 0 : 1;
        }
        return bytes;
    }
}
