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
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Text that continues another is encoded without anything before it. The expected ids are those
 * that the Python library "tokenizers" 0.23.3 gives to the whole text.
 */
public class ContinuationEncodingTest {

    @DataProvider
    public static Object[][] cases() throws IOException {
        List<Object[]> cases = new ArrayList<>();
        for (JsonElement element :
                JsonParser.parseString(TokenizerFolder.read("continuations.json"))
                        .getAsJsonArray()) {
            JsonObject tokenizer = element.getAsJsonObject();
            for (JsonElement one : tokenizer.getAsJsonArray("cases")) {
                cases.add(
                        new Object[] {
                            tokenizer.get("name").getAsString(), tokenizer, one.getAsJsonObject()
                        });
            }
        }
        return cases.toArray(new Object[0][]);
    }

    private static Tokenizer open(JsonObject tokenizer)
            throws IOException, MalformedModelException {
        String base = TokenizerFolder.read(tokenizer.get("base").getAsString() + ".json");
        JsonObject json = JsonParser.parseString(base).getAsJsonObject();
        tokenizer.getAsJsonObject("changed").asMap().forEach(json::add);
        return Tokenizer.open(
                TokenizerFolder.containing(json.toString()), TokenizerFolder.VOCAB_SIZE);
    }

    private static long[] ids(JsonObject example, String key) {
        return example.getAsJsonArray(key).asList().stream()
                .mapToLong(JsonElement::getAsLong)
                .toArray();
    }

    @Test(dataProvider = "cases")
    public void continuesTheText(String name, JsonObject file, JsonObject example)
            throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(file)) {
            long[] before = ids(example, "prompt");
            long[] ids = tokenizer.encodeContinuation(example.get("text").getAsString());
            if (example.has("ids")) { // the whole text has a border there
                Assert.assertEquals(ids, ids(example, "ids"));
            }
            long[] both = LongStream.concat(LongStream.of(before), LongStream.of(ids)).toArray();
            Assert.assertEquals(tokenizer.decode(both), example.get("decoded").getAsString());
        }
    }

    @Test(dataProvider = "cases")
    public void decodesWhatContinuesAText(String name, JsonObject file, JsonObject example)
            throws IOException, MalformedModelException {
        String text = example.get("text").getAsString();
        try (Tokenizer tokenizer = open(file)) {
            StringBuilder decoded = new StringBuilder();
            Tokenizer.Decoder decoder = tokenizer.newContinuationDecoder();
            for (long id : tokenizer.encodeContinuation(text)) {
                decoded.append(decoder.next(id));
            }
            decoded.append(decoder.finish());
            String whole = example.get("decoded").getAsString();
            String before = tokenizer.decode(ids(example, "prompt"));
            Assert.assertEquals(before + decoded, whole);
        }
    }

    private static Tokenizer changed(String key, String value)
            throws IOException, MalformedModelException {
        JsonObject json =
                JsonParser.parseString(TokenizerFolder.read("byte-level.json")).getAsJsonObject();
        json.add(key, JsonParser.parseString(value));
        return Tokenizer.open(
                TokenizerFolder.containing(json.toString()), TokenizerFolder.VOCAB_SIZE);
    }

    @Test
    public void aTextThatIsContinuedHasNoEnd() throws IOException, MalformedModelException {
        String template =
                """
                {"type": "TemplateProcessing",
                 "single": [{"SpecialToken": {"id": "<|padding|>", "type_id": 0}},
                            {"Sequence": {"id": "A", "type_id": 0}},
                            {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}],
                 "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                          {"Sequence": {"id": "B", "type_id": 0}}],
                 "special_tokens": {
                   "<|padding|>": {"id": "<|padding|>", "ids": [1], "tokens": ["<|padding|>"]},
                   "<|endoftext|>":
                     {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
                """;
        try (Tokenizer tokenizer = changed("post_processor", template)) {
            for (String text : List.of("The state", "a<|endoftext|>", "")) {
                long[] inner = tokenizer.encodeContinuation(text);
                LongStream start = LongStream.concat(LongStream.of(1), LongStream.of(inner));
                Assert.assertEquals(tokenizer.encodeStart(text), start.toArray());
                Assert.assertEquals(tokenizer.encode(text).length, inner.length + 2);
            }
        }
        try (Tokenizer tokenizer = new Framed()) {
            Assert.assertEquals(tokenizer.encodeStart("ab"), new long[] {256, 97, 98});
        }
    }

    @DataProvider
    public Object[][] anchored() {
        return new Object[][] {{"^a", "aXa\naY", "bXa\nbY"}, {"\\\\Aa", "aXa\naY", "bXa\naY"}};
    }

    @Test(dataProvider = "anchored")
    public void theStartOfATextIsNotThatOfAContinuation(String regex, String text, String whole)
            throws IOException, MalformedModelException {
        String replace =
                String.format(
                        "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"%s\"}, \"content\": \"b\"}",
                        regex);
        try (Tokenizer tokenizer = changed("normalizer", replace)) {
            Assert.assertEquals(tokenizer.decode(tokenizer.encode(text)), whole);
            Assert.assertEquals(
                    tokenizer.decode(tokenizer.encodeContinuation(text)), 'a' + whole.substring(1));
        }
    }

    @Test
    public void aTokenizerOfOnesOwnLeavesItsSpecialTokensOut() {
        try (Tokenizer tokenizer = new Framed()) {
            Assert.assertEquals(tokenizer.encode("ab"), new long[] {256, 97, 98, 257});
            Assert.assertEquals(tokenizer.encodeContinuation("ab"), new long[] {97, 98});
            Assert.assertEquals(tokenizer.encodeContinuation(""), new long[0]);
        }
    }

    /** Bytes between two special tokens. */
    private static final class Framed implements Tokenizer {

        private final ByteTokenizer bytes = new ByteTokenizer();

        @Override
        public long[] encode(String text) {
            LongStream ids = LongStream.of(bytes.encode(text));
            return LongStream.concat(LongStream.concat(LongStream.of(256), ids), LongStream.of(257))
                    .toArray();
        }

        @Override
        public String decode(long... ids) {
            return bytes.decode(LongStream.of(ids).filter(id -> id < 256).toArray());
        }

        @Override
        public Decoder newDecoder() {
            return bytes.newDecoder();
        }

        @Override
        public int vocabSize() {
            return 258;
        }

        @Override
        public OptionalInt idOf(String token) {
            return OptionalInt.empty();
        }

        @Override
        public boolean isSpecial(long id) {
            return id >= 256;
        }

        @Override
        public int byteLength(long id) {
            return id < 256 ? 1 : 0;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
