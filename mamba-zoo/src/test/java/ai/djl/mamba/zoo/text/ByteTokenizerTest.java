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
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Bytes as tokens, and text that appears while it is made. */
public class ByteTokenizerTest {

    @Test
    public void decodesWhatItEncoded() {
        String text = "int π = 3; // 漢字 😀";
        ByteTokenizer tokenizer = new ByteTokenizer();
        Assert.assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
        Assert.expectThrows(IllegalArgumentException.class, () -> tokenizer.decode(65, 256));
        Assert.expectThrows(IllegalArgumentException.class, () -> tokenizer.newDecoder().next(-1));
    }

    @Test
    public void printsNoHalfCharacter() {
        Utf8Stream stream = new Utf8Stream();
        StringBuilder text = new StringBuilder();
        for (byte next : "aé😀b".getBytes(StandardCharsets.UTF_8)) {
            String piece = stream.next(next);
            Assert.assertFalse(piece.contains("\ufffd"), piece);
            text.append(piece);
        }
        Assert.assertEquals(text + stream.finish(), "aé😀b");
        Assert.assertEquals(stream.next((byte) 0xe6), "");
        Assert.assertEquals(stream.finish(), "\ufffd");
        Assert.assertEquals(stream.next((byte) 'x'), "x", "usable after its end");
    }

    @Test
    public void piecesJoinToTheWhole() {
        Random random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) { // mostly lead and continuation bytes
                bytes[i] = (byte) (random.nextBoolean() ? 0x80 + random.nextInt(128) : 'a');
            }
            long[] ids = ByteTokenizer.encode(bytes);
            String text = new ByteTokenizer().decode(ids);
            String expected = new String(bytes, StandardCharsets.UTF_8);
            if (!hasSurrogate(bytes)) { // there Java differs from what Unicode recommends
                Assert.assertEquals(text, expected);
            }
            Tokenizer.Decoder decoder = new ByteTokenizer().newDecoder();
            StringBuilder pieces = new StringBuilder();
            for (long id : ids) {
                pieces.append(decoder.next(id));
            }
            Assert.assertEquals(pieces + decoder.finish(), text);
        }
    }

    @Test
    public void replacesMaximalSubparts() {
        // the examples of the Unicode standard, tables 3-8 to 3-11
        assertDecodes(
                "\ufffd".repeat(8) + "A", 0xc0, 0xaf, 0xe0, 0x80, 0xbf, 0xf0, 0x81, 0x82, 'A');
        assertDecodes(
                "\ufffd".repeat(8) + "A", 0xed, 0xa0, 0x80, 0xed, 0xbf, 0xbf, 0xed, 0xaf, 'A');
        assertDecodes(
                "\ufffd".repeat(5) + "A\ufffd\ufffdB",
                0xf4,
                0x91,
                0x92,
                0x93,
                0xff,
                'A',
                0x80,
                0xbf,
                'B');
        assertDecodes(
                "\ufffd".repeat(4) + "A", 0xe1, 0x80, 0xe2, 0xf0, 0x91, 0x92, 0xf1, 0xbf, 'A');
    }

    private static void assertDecodes(String expected, long... ids) {
        Assert.assertEquals(new ByteTokenizer().decode(ids), expected);
    }

    private static boolean hasSurrogate(byte[] bytes) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xed && Byte.toUnsignedInt(bytes[i + 1]) >= 0xa0) {
                return true;
            }
        }
        return false;
    }
}
