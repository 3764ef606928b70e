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
package ai.djl.mamba.zoo.internal.model;

import ai.djl.MalformedModelException;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Where a model says which tokens end a text. */
public class EndOfTextTest {

    private static final String GENERATION = "generation_config.json";
    private static final String CONFIG = "config.json";
    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

    @Test
    public void theFirstFileThatSaysSomethingCounts() throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-level");
        try (Tokenizer tokenizer = Tokenizer.open(folder, TokenizerFolder.VOCAB_SIZE)) {
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {0});
            Assert.assertEquals(EndOfText.ids(folder, null), new int[0]);
            write(folder, TOKENIZER_CONFIG, "{\"eos_token\":\"<|padding|>\"}");
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {1});
            write(folder, TOKENIZER_CONFIG, "{\"eos_token\":{\"content\":\"!\"}}");
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {2});
            write(folder, CONFIG, "{\"vocab_size\":405,\"eos_token_id\":7}");
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {7});
            write(folder, GENERATION, "{\"eos_token_id\":null}");
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {7});
            write(folder, GENERATION, "{\"eos_token_id\":[3,404]}");
            Assert.assertEquals(EndOfText.ids(folder, null), new int[] {3, 404});
        }
    }

    @Test
    public void aTokenizerMayHaveNone() throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-fallback");
        try (Tokenizer tokenizer = Tokenizer.open(folder, TokenizerFolder.VOCAB_SIZE)) {
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[0]);
        }
        try (Tokenizer bytes = new ByteTokenizer()) {
            write(folder, TOKENIZER_CONFIG, "{\"eos_token\":\"</s>\"}");
            Assert.assertEquals(EndOfText.ids(folder, bytes), new int[0]);
        }
    }

    @Test
    public void aTokenThatTheTokenizerLacksEndsNothing()
            throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-level");
        write(folder, TOKENIZER_CONFIG, "{\"eos_token\":\"</s>\"}");
        try (Tokenizer tokenizer = Tokenizer.open(folder, TokenizerFolder.VOCAB_SIZE)) {
            // the token that ends texts by default is there
            Assert.assertEquals(EndOfText.ids(folder, tokenizer), new int[] {0});
        }
        Path other = TokenizerFolder.of("byte-fallback");
        write(other, TOKENIZER_CONFIG, "{\"eos_token\":\"<|im_end|>\"}");
        try (Tokenizer tokenizer = Tokenizer.open(other, TokenizerFolder.VOCAB_SIZE)) {
            Assert.assertEquals(EndOfText.ids(other, tokenizer), new int[0]);
        }
    }

    @Test
    public void idsThatNeverComeAreLeftOut() throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-level");
        write(folder, CONFIG, "{\"vocab_size\":405}");
        write(folder, GENERATION, "{\"eos_token_id\":[-1, 404, 405]}");
        Assert.assertEquals(EndOfText.ids(folder, null), new int[] {404});
    }

    private static void write(Path folder, String name, String json) throws IOException {
        Files.writeString(folder.resolve(name), json);
    }

    @DataProvider
    public Object[][] malformed() {
        return new Object[][] {
            {GENERATION, "[", "JSON"},
            {GENERATION, "[1]", "JSON object"},
            {GENERATION, "{\"eos_token_id\":\"0\"}", "eos_token_id"},
            {GENERATION, "{\"eos_token_id\":true}", "eos_token_id"},
            {GENERATION, "{\"eos_token_id\":{}}", "eos_token_id"},
            {GENERATION, "{\"eos_token_id\":[0,null]}", "eos_token_id"},
            {GENERATION, "{\"eos_token_id\":0.5}", "eos_token_id"},
            {CONFIG, "{\"vocab_size\":-1,\"eos_token_id\":0}", "vocab_size"},
            {TOKENIZER_CONFIG, "{\"eos_token\":[]}", "eos_token"},
            {TOKENIZER_CONFIG, "{\"eos_token\":{}}", "eos_token"},
        };
    }

    @Test(dataProvider = "malformed")
    public void namesFileAndKey(String file, String json, String message)
            throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-level");
        write(folder, file, json);
        try (Tokenizer tokenizer = Tokenizer.open(folder, TokenizerFolder.VOCAB_SIZE)) {
            Exception e =
                    Assert.expectThrows(
                            MalformedModelException.class, () -> EndOfText.ids(folder, tokenizer));
            Assert.assertTrue(e.getMessage().contains(file + ": "), e.getMessage());
            Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }
}
