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
import ai.djl.mamba.testing.ProcessFiles;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The command line: exit codes, streams, and what is left on disk. */
public class CommandLineTest {

    private static final String[] TINY = {
        "--steps", "2", "--model-size", "8", "--layers", "1", "--batch", "2", "--length", "16"
    };

    private Path work;
    private Path text;

    @BeforeClass
    public void writeText() throws IOException {
        work = Files.createTempDirectory("mamba-command-line");
        text = Files.writeString(work.resolve("a.txt"), "public class A {}\n".repeat(400));
        Files.createFile(work.resolve("empty.txt"));
    }

    @AfterClass(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    @DataProvider
    public Object[][] engines() {
        return new Object[][] {{"PyTorch"}, {"MXNet"}};
    }

    @Test(dataProvider = "engines")
    public void trainsAndGenerates(String engine) {
        Path out = work.resolve("model-" + engine);
        String[] train = {
            "train", "--json", "--engine", engine, "--text", text.toString(), "--out", "" + out
        };
        CommandRun trained = CommandRun.of(CommandRun.join(train, TINY));
        JsonObject figures = trained.json();
        Assert.assertEquals(figures.get("steps").getAsInt(), 2);
        for (String key :
                new String[] {
                    "seconds",
                    "train_bits_per_byte",
                    "validation_bits_per_byte",
                    "parameters",
                    "tokens_per_second"
                }) {
            Assert.assertTrue(figures.get(key).getAsDouble() > 0, key);
        }
        Assert.assertTrue(trained.err().contains("held out"), trained.err());

        String[] generate = {
            "generate", "--engine", engine, "--model", "" + out, "--prompt", "pü", "--seed", "3"
        };
        CommandRun json =
                CommandRun.of(CommandRun.join(generate, "--json", "--max-new-tokens", "9"));
        JsonObject result = json.json();
        Assert.assertEquals(result.get("prompt_tokens").getAsInt(), 3);
        Assert.assertEquals(result.get("tokens").getAsInt(), 9);
        CommandRun plain = CommandRun.of(CommandRun.join(generate, "--max-new-tokens", "9"));
        Assert.assertEquals(
                plain.out().stripTrailing(),
                ("pü" + result.get("text").getAsString()).stripTrailing(),
                "the same seed gives the same text");
    }

    @DataProvider
    public Object[][] wrongUsage() {
        String path = text == null ? "a" : text.toString();
        return new Object[][] {
            {new String[] {"nonsense"}},
            {new String[] {"train"}},
            {new String[] {"train", "--text", path}},
            {new String[] {"train", "--text", path, "--out", "o", "--steps", "0"}},
            {new String[] {"train", "--text", path, "--out", "o", "--steps", "many"}},
            {new String[] {"train", "--text", path, "--out", "o", "--lr", "-1"}},
            {new String[] {"train", "--text", path, "--out", "o", "--engine", "Abacus"}},
            {new String[] {"train", "--text", path, "--out", "o", "--device", "toaster"}},
            {new String[] {"generate", "--model", "m", "--prompt", ""}},
            {new String[] {"generate", "--model", "m", "--prompt", "p", "--temperature", "-1"}},
        };
    }

    @Test(dataProvider = "wrongUsage")
    public void wrongUsageIsTwo(String[] args) {
        CommandRun.of(args).assertWrongUsage("");
    }

    /** Typos, and what is said of them. */
    @DataProvider
    public Object[][] typos() {
        return new Object[][] {
            {"generat", "did you mean generate?"},
            {"finetnue --model m", "did you mean finetune?"},
            {"bench scna", "did you mean scan?"},
            {"bench everything", "the commands are scan, prefill, decode"},
            {"generate --modle m --prompt p", "'--modle'; did you mean --model?"},
            {"generate --model m --prompt p --max-new-token=3", "did you mean --max-new-tokens?"},
            {"train --text t --out o --mixer mamab2", "did you mean mamba2?"},
            {"bench scan --mixer mabma2", "did you mean mamba2?"},
            {"compare --out o --models transfomer", "did you mean transformer?"},
            {"synthetic --out o --task selective-copy", "did you mean selective-copying?"},
            {"synthetic --out o --task copying --model mmaba", "did you mean mamba?"},
            {"finetune --model m --data t --out o --task clasify", "did you mean CLASSIFY?"},
            {"classify --model m --window strat t", "did you mean START?"},
            {"generate --model m --prompt p --engine PyTroch", "[PyTorch, MXNet]"},
            {"generate --model m --prompt p --engine PyTroch", "did you mean PyTorch?"},
            {"generate --model m --prompt p --device cuda:0", "expected auto, cpu, gpu0"},
            {"generate --model m --prompt p --log-probs 3", "with --json only"},
            {"train --text t --out o --steps many", "'many' is not a whole number"},
            {"train --text t --out o --seed 99999999999", "is not a whole number below 2^31"},
            {"train --text t --out o --minutes x", "'x' is not a number"},
            {"train --text t --out o --batch 1000000000", "cannot have more than"},
        };
    }

    @Test(dataProvider = "typos")
    public void whatWasMeantIsNamed(String line, String words) {
        CommandRun.of(line.split(" ", -1)).assertWrongUsage(words);
    }

    @DataProvider
    public Object[][] failures() throws IOException {
        Path missing = work.resolve("missing");
        Path empty = work.resolve("empty.txt");
        Path folder = Files.createDirectories(work.resolve("no-model"));
        return new Object[][] {
            {"no such file", trainArgs(missing, work.resolve("o1"))},
            {"no text", trainArgs(empty, work.resolve("o2"))},
            {"not a folder", trainArgs(text, text.resolve("below-a-file"))},
            {
                "too short",
                CommandRun.join(trainArgs(text, work.resolve("o3")), "--length", "100000")
            },
            {"gpu77", CommandRun.join(trainArgs(text, work.resolve("o4")), "--device", "gpu77")},
            {"no such folder", generateArgs(missing)},
            {"config.json", generateArgs(folder)},
        };
    }

    private static String[] trainArgs(Path text, Path out) {
        return new String[] {"train", "--text", text.toString(), "--out", out.toString()};
    }

    private static String[] generateArgs(Path model) {
        return new String[] {"generate", "--model", model.toString(), "--prompt", "p"};
    }

    @Test(dataProvider = "failures")
    public void failureIsOneAndOneLine(String message, String[] args) {
        CommandRun.of(args).assertFailure(message);
        for (int i = 1; i < 5; i++) {
            Assert.assertFalse(Files.exists(work.resolve("o" + i)));
        }
    }

    @Test
    public void helpIsSuccess() {
        for (String command : new String[] {"train", "generate", "logits", "evaluate", "convert"}) {
            CommandRun run = CommandRun.of(command, "--help");
            Assert.assertEquals(run.code(), 0);
            Assert.assertTrue(run.out().contains("--seed"), run.out());
        }
        Assert.assertEquals(CommandRun.of("--help").code(), 0);
    }
}
