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
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tokenizers of tokenizer.json files. */
public class TokenizerTest {

    @DataProvider
    public Object[][] names() {
        return new Object[][] {{"byte-level"}, {"byte-fallback"}};
    }

    private static Tokenizer open(String name) throws IOException, MalformedModelException {
        return Tokenizer.open(TokenizerFolder.of(name), TokenizerFolder.VOCAB_SIZE);
    }

    private static long[] ids(JsonObject example) {
        return example.getAsJsonArray("ids").asList().stream()
                .mapToLong(JsonElement::getAsLong)
                .toArray();
    }

    @Test(dataProvider = "names")
    public void agreesWithPython(String name) throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(name)) {
            for (JsonElement element : TokenizerFolder.cases(name)) {
                JsonObject example = element.getAsJsonObject();
                long[] ids = ids(example);
                if (example.has("text")) {
                    String text = example.get("text").getAsString();
                    Assert.assertEquals(tokenizer.encode(text), ids, text);
                }
                Assert.assertEquals(tokenizer.decode(ids), example.get("decoded").getAsString());
            }
        }
    }

    @Test
    public void leavesSpecialTokensOut() throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open("byte-level")) {
            Assert.assertEquals(tokenizer.vocabSize(), 405);
            Assert.assertEquals(tokenizer.idOf("<|endoftext|>"), OptionalInt.of(0));
            Assert.assertEquals(tokenizer.idOf("no such token"), OptionalInt.empty());
            Assert.assertTrue(tokenizer.isSpecial(0));
            Assert.assertFalse(tokenizer.isSpecial(404), "added, but text");
            Assert.assertFalse(tokenizer.isSpecial(1L << 32));
            long[] ids = tokenizer.encode("a<|endoftext|>b");
            Assert.assertEquals(ids[1], 0);
            Assert.assertEquals(tokenizer.decode(ids), "ab");
            Assert.assertEquals(tokenizer.decode(), "");
            Assert.assertEquals(tokenizer.decode(511), "", "a padded id");
            Assert.expectThrows(IllegalArgumentException.class, () -> tokenizer.decode(-1));
            Assert.expectThrows(IllegalArgumentException.class, () -> tokenizer.decode(1L << 32));
        }
    }

    @Test
    public void addsWhatThePostProcessorSays() throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open("byte-fallback")) {
            Assert.assertEquals(tokenizer.encode(""), new long[] {1});
        }
    }

    @Test(dataProvider = "names")
    public void readsLongTextsToTheirEnd(String name) throws IOException, MalformedModelException {
        String text = "The state, größer. ".repeat(2000);
        try (Tokenizer tokenizer = open(name)) {
            long[] ids = tokenizer.encode(text);
            Assert.assertTrue(ids.length > 5000, "tokens: " + ids.length);
            Assert.assertEquals(tokenizer.decode(ids), text);
        }
    }

    @Test(dataProvider = "names")
    public void oneHalfSurrogateHurtsNothingElse(String name)
            throws IOException, MalformedModelException {
        try (Tokenizer tokenizer = open(name)) {
            String text = tokenizer.decode(tokenizer.encode("é \ud83d 😀 \u0000"));
            Assert.assertEquals(text, "é ? 😀 \u0000");
        }
    }

    @Test
    public void takesSeveralThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Tokenizer tokenizer = open("byte-level")) {
            List<Future<String>> texts = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                String text = "text " + i + " größer 😀";
                texts.add(threads.submit(() -> tokenizer.decode(tokenizer.encode(text))));
            }
            for (int i = 0; i < texts.size(); i++) {
                Assert.assertEquals(texts.get(i).get(), "text " + i + " größer 😀");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    public void closesUnderThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 20; round++) {
                Tokenizer tokenizer = open("byte-level");
                List<Future<?>> uses = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    uses.add(threads.submit(() -> encodeUntilClosed(tokenizer)));
                }
                tokenizer.encode("a");
                tokenizer.close();
                tokenizer.close();
                for (Future<?> use : uses) {
                    use.get();
                }
                Assert.expectThrows(IllegalStateException.class, () -> tokenizer.decode(2));
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void encodeUntilClosed(Tokenizer tokenizer) {
        Assert.expectThrows(
                IllegalStateException.class,
                () -> {
                    while (true) {
                        tokenizer.encode("The state of the model");
                    }
                });
    }

    @DataProvider
    public Object[][] malformed() throws IOException {
        String json = TokenizerFolder.read("byte-level.json");
        return new Object[][] {
            {""},
            {"{"},
            {"[]"},
            {"[".repeat(100_000)},
            {"{}"},
            {"{\"model\":{\"vocab\":{}}}"},
            {"{\"model\":{\"vocab\":7}}"},
            {"{\"model\":{\"vocab\":[[]]}}"},
            {json.substring(0, json.length() / 2)},
            {json.replace("\"type\":\"BPE\"", "\"type\":\"XYZ\"")},
            {json.replace("\"ByteLevel\"", "\"XYZ\"")},
            {json.replace("\"!\":2", "\"!\":\"two\"")},
            {json.replace("\"!\":2", "\"!\":-2")},
            {json.replace("\"merges\":[", "\"merges\":[[\"zz\",\"yy\"],")},
        };
    }

    @Test(dataProvider = "malformed")
    public void refusesMalformedFiles(String json) throws IOException {
        Path folder = TokenizerFolder.containing(json);
        Exception e =
                Assert.expectThrows(
                        MalformedModelException.class,
                        () -> Tokenizer.open(folder, TokenizerFolder.VOCAB_SIZE).close());
        Assert.assertTrue(e.getMessage().contains("tokenizer.json: "), e.getMessage());
    }

    @Test
    public void refusesBytesThatAreNoText() throws IOException {
        Path folder = TokenizerFolder.of("byte-level");
        byte[] latin = "{\"größer\":1}".getBytes(StandardCharsets.ISO_8859_1);
        Files.write(folder.resolve("tokenizer.json"), latin);
        Assert.expectThrows(
                MalformedModelException.class, () -> Tokenizer.open(folder, 512).close());
    }

    @Test
    public void refusesIdsThatTheModelHasNotWhereTheyOccur()
            throws IOException, MalformedModelException {
        Path folder = TokenizerFolder.of("byte-level");
        try (Tokenizer tokenizer = Tokenizer.open(folder, 404)) {
            Assert.assertEquals(tokenizer.encode("a   b"), new long[] {66, 403, 67});
            for (boolean continues : new boolean[] {false, true}) {
                Exception e =
                        Assert.expectThrows(
                                IllegalArgumentException.class,
                                () -> encode(tokenizer, "a  b", continues));
                Assert.assertTrue(e.getMessage().contains("\"  \""), e.getMessage());
                Assert.assertTrue(e.getMessage().contains("id 404"), e.getMessage());
                Assert.assertTrue(e.getMessage().contains("[0, 404)"), e.getMessage());
            }
        }
    }

    private static long[] encode(Tokenizer tokenizer, String text, boolean continues) {
        return continues ? tokenizer.encodeContinuation(text) : tokenizer.encode(text);
    }

    @Test
    public void takesBytesWhereThereIsNoFile() throws IOException, MalformedModelException {
        Path folder = TempFiles.folder("mamba-tokenizer");
        Assert.assertTrue(Tokenizer.exists(folder, 256));
        Assert.assertFalse(Tokenizer.exists(folder, 257));
        Assert.assertTrue(Tokenizer.exists(TokenizerFolder.of("byte-level"), 257));
        try (Tokenizer tokenizer = Tokenizer.open(folder, 256)) {
            Assert.assertTrue(tokenizer instanceof ByteTokenizer);
        }
        Exception e =
                Assert.expectThrows(IOException.class, () -> Tokenizer.open(folder, 50280).close());
        Assert.assertTrue(e.getMessage().contains("no tokenizer.json"), e.getMessage());
        Assert.assertTrue(e.getMessage().contains("ids only"), e.getMessage());
    }

    @Test
    public void leavesTheSystemPropertiesAsTheyWere() throws IOException, MalformedModelException {
        open("byte-level").close();
        Assert.assertNull(System.getProperty("OPT_OUT_TRACKING"));
        Assert.assertNull(System.getProperty("RUST_FLAVOR"));
    }

    /** Whether this is the library, or the command line's jar, whose manifest names it. */
    private static boolean bringsTheLibrary(String entry) {
        String name = Path.of(entry).getFileName().toString();
        return name.startsWith("tokenizers-") || name.equals("mamba.jar");
    }

    @Test
    public void saysWhichLibraryIsMissing() throws Exception {
        Path folder = TokenizerFolder.of("byte-level");
        List<String> output =
                new ChildJvm(MissingTokenizersRun.class)
                        .without(TokenizerTest::bringsTheLibrary)
                        .run(folder.toString());
        Assert.assertEquals(output.get(0), "ab");
        Assert.assertTrue(output.get(1).startsWith("java.io.IOException"), output.get(1));
        Assert.assertTrue(output.get(1).contains("tokenizer.json"), output.get(1));
        Assert.assertTrue(output.get(1).contains("ai.djl.huggingface:tokenizers"), output.get(1));
    }
}
