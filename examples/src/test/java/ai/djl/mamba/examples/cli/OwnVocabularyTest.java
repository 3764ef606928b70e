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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.examples.testing.TerminatedCommand;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Models whose vocabulary is the user's: all commands find it beside the model. */
public class OwnVocabularyTest {

    private static final String TINY =
            " --length 16 --model-size 8 --layers 1 --eval-tokens 64 --steps 2 --json";

    private Path work;
    private Path dna;

    @BeforeMethod
    public void writeText() throws IOException {
        work = TempFiles.folder("mamba-vocabulary");
        dna = Files.writeString(work.resolve("dna.txt"), "ACGTTGCAAX".repeat(300));
    }

    private static JsonObject json(String line) {
        return run(line).json();
    }

    private static CommandRun run(String line) {
        return CommandRun.of(line.split(" +"));
    }

    private Path train(String options) {
        Path out = work.resolve("model");
        JsonObject figures = json("train --data " + dna + " --out " + out + ' ' + options + TINY);
        Assert.assertTrue(figures.has("train_bits_per_token"), figures.toString());
        return out;
    }

    @Test
    public void anAlphabetIsFoundByAllCommands() throws Exception {
        Path out = train("--alphabet ACGTN --unknown N");
        String config = Files.readString(out.resolve("config.json"));
        Assert.assertTrue(config.contains("\"vocab_size\": 5"), config);
        JsonObject made =
                json("generate --model " + out + " --prompt GATXACA --max-new-tokens 9 --json");
        Assert.assertTrue(made.get("text").getAsString().matches("[ACGTN]{9}"), made.toString());
        Assert.assertEquals(made.get("prompt_tokens").getAsInt(), 7);
        Assert.assertEquals(
                json("evaluate --model " + out + " --prompt GATTACA").get("tokens").getAsInt(), 7);
        Assert.assertEquals(
                json("logits --model " + out + " --prompt GA").getAsJsonArray("logits").size(), 2);
        Path original = work.resolve("original");
        json("convert --model " + out + " --to original --json --out " + original);
        try (TextModel text = TextModel.load(original)) {
            Assert.assertTrue(text.tokenizer() instanceof CharacterTokenizer);
            Assert.assertEquals(text.tokenizer().encode("AN"), new long[] {0, 4});
        }
        Path tuned = work.resolve("tuned");
        json(
                "finetune --model "
                        + out
                        + " --data "
                        + dna
                        + " --length 16 --steps 2 --json --out "
                        + tuned);
        Assert.assertEquals(
                json("evaluate --model " + tuned + " --prompt GATTACA").get("tokens").getAsInt(),
                7);
    }

    @Test
    public void aFolderGivesTheTokenizer() throws Exception {
        Path tokenizer = TokenizerFolder.of("byte-level");
        Path out = train("--tokenizer " + tokenizer);
        try (TextModel text = TextModel.load(out);
                Tokenizer expected = Tokenizer.open(tokenizer, TokenizerFolder.VOCAB_SIZE)) {
            Assert.assertEquals(text.tokenizer().encode("The state"), expected.encode("The state"));
        }
    }

    @Test
    public void finetuneTakesAnotherTokenizer() throws Exception {
        Path out = train("--alphabet ACGTX");
        Path tuned = work.resolve("tuned");
        String tune =
                "finetune --model "
                        + out
                        + " --data "
                        + dna
                        + " --length 16 --steps 2 --out "
                        + tuned;
        json(tune + " --alphabet XTGCA --json");
        try (TextModel text = TextModel.load(tuned)) {
            Assert.assertEquals(text.tokenizer().encode("XA"), new long[] {0, 4});
        }
        run(tune + "-again --tokenizer ./nowhere").assertFailure("./nowhere");
        run(tune + "-again --adapter " + out).assertWrongUsage("--adapter");
    }

    @Test
    public void aRunThatContinuesKnowsItsAlphabet() throws Exception {
        Path out = work.resolve("model");
        String train =
                "train --data "
                        + dna
                        + " --out "
                        + out
                        + " --length 16 --model-size 8 --layers 1 --eval-tokens 64 --steps 600";
        Path metrics = out.resolve("metrics.jsonl");
        TerminatedCommand.of(
                work,
                () -> Files.exists(metrics) && Files.size(metrics) >= 1000,
                (train + " --alphabet ACGTX").split(" +"));
        CommandRun other = run(train + " --resume --alphabet XTGCA");
        Assert.assertEquals(other.code(), 1, "not another alphabet");
        JsonObject more = json(train + " --resume --json");
        Assert.assertEquals(more.get("ended").getAsString(), "finished");
        try (TextModel text = TextModel.load(out)) {
            Assert.assertEquals(text.tokenizer().encode("ACGTX"), new long[] {0, 1, 2, 3, 4});
        }
    }

    @Test
    public void wrongAlphabetsAreWrongUsage() {
        String train = "train --data " + dna + " --out " + work.resolve("model");
        run(train + " --alphabet ABA").assertWrongUsage("\"A\" twice");
        run(train + " --unknown A").assertWrongUsage("only with --alphabet");
        run(train + " --alphabet AC --unknown AC").assertWrongUsage("one character");
        run(train + " --alphabet AC --unknown N").assertWrongUsage("not in the alphabet");
        run(train + " --alphabet AC --tokenizer x").assertWrongUsage("not with --tokenizer");
        run(train + " --alphabet ACGT --steps 1 --length 16")
                .assertFailureAfterOutput("the character \"X\" (U+0058) is not in the alphabet");
        // nothing is left that would be in the way of the next try
        Assert.assertFalse(Files.exists(work.resolve("model")));
    }

    @Test
    public void thePromptCanComeFromStandardInput() throws Exception {
        Path out = train("--alphabet ACGTX");
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("GATTACA".getBytes(StandardCharsets.UTF_8)));
            String generate = "generate --max-new-tokens 3 --json --prompt-file - --model " + out;
            JsonObject made = json(generate);
            Assert.assertEquals(made.get("prompt").getAsString(), "GATTACA");
            for (String figure :
                    new String[] {
                        "prompt_seconds", "prompt_tokens_per_second", "seconds", "tokens_per_second"
                    }) {
                Assert.assertTrue(made.get(figure).getAsDouble() > 0, figure);
            }
            System.setIn(new ByteArrayInputStream(new byte[0]));
            run(generate).assertFailure("standard input: empty");
            System.setIn(new ByteArrayInputStream(new byte[] {-1}));
            run(generate).assertFailure("standard input: not a text in UTF-8");
        } finally {
            System.setIn(before);
        }
    }
}
