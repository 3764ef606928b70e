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
package ai.djl.mamba.integration;

import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Utf8Stream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Bytes as tokens, and text that appears while it is made. */
public class ByteTokenizerTest {

    @Test
    public void decodesWhatItEncoded() {
        String text = "int π = 3; // 漢字 😀";
        Assert.assertEquals(ByteTokenizer.decode(ByteTokenizer.encode(text)), text);
        Assert.expectThrows(IllegalArgumentException.class, () -> ByteTokenizer.decode(65, 256));
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
            Assert.assertEquals(
                    ByteTokenizer.decode(ByteTokenizer.encode(bytes)),
                    new String(bytes, StandardCharsets.UTF_8));
        }
    }
}
