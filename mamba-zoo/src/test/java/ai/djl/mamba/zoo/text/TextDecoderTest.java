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

import ai.djl.MalformedModelException;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Text that appears while its tokens are made. */
public class TextDecoderTest {

    private static final String BYTE_LEVEL_AND_MORE =
            "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteLevel\","
                    + "\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true},"
                    + "{\"type\":\"Replace\",\"pattern\":{\"String\":\"e\"},\"content\":\"E\"}]}";

    private static final String UNIGRAM =
            "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],"
                    + "\"normalizer\":null,\"pre_tokenizer\":null,\"post_processor\":null,"
                    + "\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"▁\","
                    + "\"prepend_scheme\":\"always\",\"split\":true},"
                    + "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"byte_fallback\":false,\"vocab\":"
                    + "[[\"<unk>\",0.0],[\"▁\",-2.0],[\"▁a\",-1.0],[\"b\",-1.5],[\"▁▁\",-3.0]]}}";

    @DataProvider
    public Object[][] tokenizers() throws IOException {
        String level = TokenizerFolder.read("byte-level.json");
        String fallback = TokenizerFolder.read("byte-fallback.json");
        String metaspace =
                "\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"▁\","
                        + "\"prepend_scheme\":\"always\",\"split\":true}";
        return new Object[][] {
            {"byte level", level},
            {"byte level and more", withDecoder(level, BYTE_LEVEL_AND_MORE)},
            {"byte fallback", fallback},
            {"metaspace", withDecoder(fallback, metaspace)},
            {"unigram", UNIGRAM},
            {"none", withDecoder(fallback, "\"decoder\":null")},
        };
    }

    private static String withDecoder(String json, String decoder) {
        int start = json.indexOf("\"decoder\":");
        return json.substring(0, start) + decoder + json.substring(json.indexOf(",\"model\":"));
    }

    private static Tokenizer open(String json) throws IOException, MalformedModelException {
        return Tokenizer.open(TokenizerFolder.containing(json), TokenizerFolder.VOCAB_SIZE);
    }

    private static List<String> pieces(Tokenizer.Decoder decoder, long... ids) {
        List<String> pieces = new ArrayList<>();
        for (long id : ids) {
            pieces.add(decoder.next(id));
        }
        pieces.add(decoder.finish());
        return pieces;
    }

    @Test(dataProvider = "tokenizers")
    public void piecesOfRandomTokensJoinToTheWhole(String name, String json)
            throws IOException, MalformedModelException {
        Random random = new Random(11);
        try (Tokenizer tokenizer = open(json)) {
            Tokenizer.Decoder decoder = tokenizer.newDecoder();
            long space = tokenizer.idOf("▁").orElse(tokenizer.vocabSize() - 1);
            for (int round = 0; round < 3000; round++) {
                int range = random.nextBoolean() ? tokenizer.vocabSize() : 260; // mostly bytes
                long[] ids = random.longs(random.nextInt(14), 0, range + 3).toArray();
                for (int i = 1; i < ids.length; i++) { // tokens that are said again, and spaces
                    int choice = random.nextInt(8);
                    ids[i] = choice == 0 ? ids[i - 1] : choice == 1 ? space : ids[i];
                }
                Assert.assertEquals(
                        String.join("", pieces(decoder, ids)), tokenizer.decode(ids), name);
            }
        }
    }

    @Test(dataProvider = "tokenizers")
    public void piecesOfTextsJoinToTheWhole(String name, String json)
            throws IOException, MalformedModelException {
        String text = " größer, 模型 😀 👩‍👩‍👧‍👦 🏳️‍🌈 \ufffd été.  The state";
        Random random = new Random(12);
        int[] characters = text.codePoints().toArray();
        try (Tokenizer tokenizer = open(json)) {
            for (int round = 0; round < 500; round++) {
                StringBuilder mixed = new StringBuilder();
                for (int i = 0; i < 12; i++) {
                    mixed.appendCodePoint(characters[random.nextInt(characters.length)]);
                }
                long[] ids = tokenizer.encode(round == 0 ? text : mixed.toString());
                List<String> pieces = pieces(tokenizer.newDecoder(), ids);
                Assert.assertEquals(String.join("", pieces), tokenizer.decode(ids), name);
                for (String piece : pieces) {
                    Assert.assertTrue(StandardCharsets.UTF_8.newEncoder().canEncode(piece), piece);
                }
            }
        }
    }

    @Test(dataProvider = "tokenizers")
    public void longTextsJoinToTheWhole(String name, String json)
            throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(json)) {
            long[] spaces = new long[20_000];
            Arrays.fill(spaces, tokenizer.idOf("▁").orElse(tokenizer.vocabSize() - 1));
            String text = String.join("", pieces(tokenizer.newDecoder(), spaces));
            Assert.assertEquals(text, tokenizer.decode(spaces), name);
            long[] words = tokenizer.encode("größer 模型 the state ".repeat(1000));
            text = String.join("", pieces(tokenizer.newDecoder(), words));
            Assert.assertEquals(text, tokenizer.decode(words), name);
        }
    }

    @Test
    public void aCharacterComesWithItsLastByte() throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(TokenizerFolder.read("byte-level.json"))) {
            long[] bird = new long[4];
            for (int i = 0; i < bird.length; i++) { // the names of the bytes F0 9F A6 9C
                bird[i] = tokenizer.idOf("ðŁ¦ľ".substring(i, i + 1)).orElseThrow();
            }
            long[] ids = {bird[0], bird[1], 0, bird[2], bird[3], bird[1], bird[0]};
            Assert.assertEquals(
                    pieces(tokenizer.newDecoder(), ids),
                    List.of("", "", "", "", "🦜", "\ufffd", "", "\ufffd"));
        }
    }

    @Test
    public void holdsBackOnlyBytesBesideBytes() throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(TokenizerFolder.read("byte-fallback.json"))) {
            long the = tokenizer.idOf("▁t").orElseThrow();
            long e = tokenizer.idOf("e").orElseThrow();
            long[] bytes = tokenizer.encode("模"); // ▁, then three bytes
            long[] ids = {1, the, e, the, bytes[2], bytes[3], bytes[4], 2, e, bytes[2], e};
            Assert.assertEquals(
                    pieces(tokenizer.newDecoder(), ids),
                    List.of("", "t", "e", " t", "", "", "", "", "模e", "", "\ufffde", ""));
        }
    }

    @Test(dataProvider = "tokenizers")
    public void refusesIdsThatAreNone(String name, String json)
            throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(json)) {
            Assert.expectThrows(
                    IllegalArgumentException.class, () -> tokenizer.newDecoder().next(-1));
            Assert.assertEquals(tokenizer.newDecoder().next(tokenizer.vocabSize()), "", name);
        }
    }
}
