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

import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.Test;

/** The pieces of a document give the tokens of one text. */
public class DocumentEncoderTest {

    private static long[] join(long[]... parts) {
        return LongStream.concat(LongStream.of(parts[0]), LongStream.of(parts[1])).toArray();
    }

    @Test
    public void nothingIsPutBetweenThePiecesOfADocument() throws Exception {
        try (Tokenizer tokenizer =
                Tokenizer.open(TokenizerFolder.of("byte-fallback"), TokenizerFolder.VOCAB_SIZE)) {
            DocumentEncoder encoder = new DocumentEncoder(tokenizer, OptionalLong.empty());
            long[] ids =
                    join(encoder.encode("The state", true), encoder.encode(" of the model", false));
            Assert.assertEquals(ids, tokenizer.encode("The state of the model"));
            long[] inWord = join(encoder.encode("The sta", true), encoder.encode("te", false));
            Assert.assertEquals(tokenizer.decode(inWord), "The state");
        }
    }

    @Test
    public void whatStandsBehindATextIsKnown() throws Exception {
        JsonObject json =
                JsonParser.parseString(TokenizerFolder.read("continuations.json"))
                        .getAsJsonArray()
                        .asList()
                        .stream()
                        .map(element -> element.getAsJsonObject())
                        .filter(element -> element.get("name").getAsString().equals("prefix-space"))
                        .findFirst()
                        .orElseThrow();
        JsonObject file =
                JsonParser.parseString(TokenizerFolder.read("byte-level.json")).getAsJsonObject();
        json.getAsJsonObject("changed").asMap().forEach(file::add);
        try (Tokenizer tokenizer =
                Tokenizer.open(
                        TokenizerFolder.containing(file.toString()), TokenizerFolder.VOCAB_SIZE)) {
            DocumentEncoder encoder = new DocumentEncoder(tokenizer, OptionalLong.empty());
            Assert.assertEquals(encoder.after(), new long[] {0});
            long[] whole = tokenizer.encode("The state");
            Assert.assertEquals(join(encoder.encode("The state", true), encoder.after()), whole);
        }
    }

    @Test
    public void anAlphabetNeedsNoOtherCharacters() {
        Tokenizer tokenizer = CharacterTokenizer.of("AC");
        DocumentEncoder encoder = new DocumentEncoder(tokenizer, OptionalLong.empty());
        Assert.assertEquals(encoder.encode("CA", true), new long[] {1, 0});
        String other =
                new DocumentEncoder(CharacterTokenizer.of("CA"), OptionalLong.empty())
                        .description();
        Assert.assertNotEquals(encoder.description(), other);
    }
}
