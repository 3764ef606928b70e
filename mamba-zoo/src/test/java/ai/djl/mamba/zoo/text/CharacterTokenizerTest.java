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
import ai.djl.mamba.testing.TempFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Vocabularies of single characters. */
public class CharacterTokenizerTest {

    @Test
    public void idsArePlacesInTheAlphabet() {
        Tokenizer tokenizer = CharacterTokenizer.of("AC😀é");
        Assert.assertEquals(tokenizer.vocabSize(), 4);
        long[] ids = tokenizer.encode("é😀CA");
        Assert.assertEquals(ids, new long[] {3, 2, 1, 0});
        Assert.assertEquals(tokenizer.encodeContinuation("é😀CA"), ids);
        Assert.assertEquals(tokenizer.decode(ids), "é😀CA");
        Assert.assertEquals(tokenizer.decode(1, 7), "C", "a padded id");
        Assert.assertEquals(tokenizer.newDecoder().next(2), "😀");
        Assert.assertEquals(tokenizer.byteLength(2), 4);
        Assert.assertEquals(tokenizer.byteLength(7), 0);
        Assert.assertEquals(tokenizer.idOf("C"), OptionalInt.of(1));
        Assert.assertEquals(tokenizer.idOf("AC"), OptionalInt.empty());
        Assert.assertEquals(tokenizer.idOf(""), OptionalInt.empty());
        Assert.assertFalse(tokenizer.isSpecial(0));
        Assert.expectThrows(IllegalArgumentException.class, () -> tokenizer.decode(-1));
    }

    @Test
    public void otherCharactersAreRefusedOrReplaced() {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> CharacterTokenizer.of("ACGT").encode("ACx"));
        Assert.assertTrue(e.getMessage().contains("\"x\" (U+0078)"), e.getMessage());
        Assert.assertTrue(e.getMessage().contains("\"ACGT\""), e.getMessage());
        Tokenizer lenient = CharacterTokenizer.of("ACGTN", 'N');
        Assert.assertEquals(lenient.encode("AxT\n"), new long[] {0, 4, 3, 4});
    }

    @DataProvider
    public Object[][] wrong() {
        return new Object[][] {
            {"", null, "empty"},
            {"ACA", null, "\"A\" twice"},
            {"A\ud83d", null, "surrogate"},
            {"AC", (int) 'N', "\"N\", is not in the alphabet"},
        };
    }

    @Test(dataProvider = "wrong")
    public void wrongAlphabetsAreRefused(String alphabet, Integer unknown, String message) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> {
                            if (unknown == null) {
                                CharacterTokenizer.of(alphabet);
                            } else {
                                CharacterTokenizer.of(alphabet, unknown);
                            }
                        });
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    public void itIsSavedBesideAModel() throws IOException, MalformedModelException {
        Path folder = TempFiles.folder("mamba-alphabet");
        Files.writeString(folder.resolve("tokenizer.json"), "of another tokenizer");
        Assert.assertTrue(CharacterTokenizer.of("ACGTN", 'N').save(folder));
        Assert.assertTrue(Tokenizer.exists(folder, 5));
        for (int vocabSize : new int[] {5, 8, 256}) {
            try (Tokenizer found = Tokenizer.open(folder, vocabSize)) {
                Assert.assertTrue(found instanceof CharacterTokenizer);
                Assert.assertEquals(found.decode(found.encode("GATx")), "GATN");
            }
        }
        Assert.assertTrue(CharacterTokenizer.of("AC").save(folder));
        try (Tokenizer found = Tokenizer.open(folder, 2)) {
            Assert.assertEquals(((CharacterTokenizer) found).alphabet(), "AC");
            Assert.expectThrows(IllegalArgumentException.class, () -> found.encode("G"));
        }
        try (Tokenizer bytes = new ByteTokenizer()) {
            Assert.assertTrue(bytes.save(folder));
        }
        Assert.assertFalse(Tokenizer.exists(folder, 5));
    }

    @Test
    public void aCharacterThatTheModelLacksIsNamed() throws Exception {
        Path folder = TempFiles.folder("mamba-alphabet");
        CharacterTokenizer.of("ACGTN", 'N').save(folder);
        try (Tokenizer found = Tokenizer.open(folder, 4)) {
            Assert.assertEquals(found.encode("GATTACA").length, 7);
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> found.encodeContinuation("Gx"));
            Assert.assertTrue(
                    e.getMessage()
                            .contains("\"N\" with the id 4, but the model's ids are in [0, 4)"),
                    e.getMessage());
        }
    }

    @DataProvider
    public Object[][] malformed() {
        return new Object[][] {
            {"["},
            {"[]"},
            {"{}"},
            {"{\"alphabet\": \"AA\"}"},
            {"{\"alphabet\": []}"},
            {"{\"alphabet\": \"A\", \"unknown\": \"\"}"},
        };
    }

    @Test(dataProvider = "malformed")
    public void wrongFilesAreNamed(String json) throws IOException {
        Path folder = TempFiles.folder("mamba-alphabet");
        Files.writeString(folder.resolve("alphabet.json"), json);
        MalformedModelException e =
                Assert.expectThrows(MalformedModelException.class, () -> Tokenizer.open(folder, 2));
        Assert.assertTrue(e.getMessage().contains("alphabet.json: "), e.getMessage());
    }
}
