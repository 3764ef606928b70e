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

import ai.djl.Device;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.Fixtures.Expected;
import ai.djl.mamba.zoo.testing.TinyModels;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.mamba.zoo.text.Tokenizers;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code mamba logits}, {@code evaluate} and {@code generate} on checkpoints that others made. */
public class ModelCommandsTest {

    private static final double TOLERANCE = 1e-4;
    private static final String TEXT = "public class Über {}\n".repeat(300);

    private Path work;
    private Path text;
    private Path byteModel;
    private Path textModel;

    @BeforeClass
    public void makeModels() throws IOException {
        work = Files.createTempDirectory("mamba-model-commands");
        text = Files.writeString(work.resolve("text.txt"), TEXT);
        byteModel = TinyModels.ofBytes(work.resolve("bytes"));
        textModel = TinyModels.ofText(work.resolve("text"), Dialect.TRANSFORMERS);
        TinyModels.classifier(work.resolve("classifier"));
        Files.createDirectories(work.resolve("nothing"));
        Files.createFile(work.resolve("empty.txt"));
        Files.write(work.resolve("latin1.txt"), "\u00fc".getBytes(StandardCharsets.ISO_8859_1));
    }

    @AfterClass(alwaysRun = true)
    public void deleteModels() throws IOException {
        ProcessFiles.delete(work);
    }

    @DataProvider
    public Object[][] fixtures() throws Exception {
        List<Object[]> rows = new ArrayList<>();
        for (String name : List.of("hf-tiny", "original-tiny")) {
            Path folder = Fixtures.folder(name);
            try (Reader json = Files.newBufferedReader(folder.resolve("expected.json"))) {
                for (Expected expected : new Gson().fromJson(json, Expected[].class)) {
                    rows.add(new Object[] {"PyTorch", folder, expected});
                    rows.add(new Object[] {"MXNet", folder, expected});
                }
            }
        }
        return rows.toArray(new Object[0][]);
    }

    private static CommandRun run(String command, String engine, Path folder, long[] ids) {
        String list = LongStream.of(ids).mapToObj(Long::toString).collect(Collectors.joining(","));
        return CommandRun.of(
                command, "--engine", engine, "--model", folder.toString(), "--ids", list);
    }

    @Test(dataProvider = "fixtures")
    public void logitsAreThoseOfTransformers(String engine, Path folder, Expected expected) {
        JsonObject json = run("logits", engine, folder, expected.input_ids()).json();
        Assert.assertEquals(json.keySet(), Set.of("logits"));
        double[][] rows = new Gson().fromJson(json.get("logits"), double[][].class);
        Assert.assertEquals(rows.length, expected.input_ids().length);
        for (int t = 0; t < rows.length; t++) {
            EngineSuite.assertNear(rows[t], expected.logits()[t], TOLERANCE, "position " + t);
        }
    }

    @Test(dataProvider = "fixtures")
    public void scoresAreThoseOfTransformers(String engine, Path folder, Expected expected) {
        JsonObject json = run("evaluate", engine, folder, expected.input_ids()).json();
        Assert.assertEquals(
                List.copyOf(json.keySet()),
                List.of("tokens", "mean_nll", "perplexity", "bits_per_byte"));
        Assert.assertEquals(json.get("tokens").getAsInt(), expected.input_ids().length);
        Assert.assertTrue(json.get("bits_per_byte").isJsonNull(), "there is no tokenizer");
        if (expected.mean_nll() == null) {
            Assert.assertTrue(
                    json.get("mean_nll").isJsonNull(), "nothing predicts the first token");
            Assert.assertTrue(json.get("perplexity").isJsonNull());
            return;
        }
        double meanNll = json.get("mean_nll").getAsDouble();
        Assert.assertEquals(meanNll, expected.mean_nll(), TOLERANCE);
        Assert.assertEquals(json.get("perplexity").getAsDouble() / Math.exp(meanNll), 1, 1e-9);
    }

    @Test(dataProvider = "fixtures")
    public void greedyTokensAreThoseOfTransformers(String engine, Path folder, Expected expected) {
        long[] ids = expected.input_ids();
        String list = Arrays.toString(ids).replaceAll("[\\[\\]]", ""); // with blanks
        String[] args = {
            "generate", "--engine", engine, "--model", folder.toString(), "--ids", list
        };
        String[] greedy = {"--temperature", "0", "--max-new-tokens", "12"};
        JsonObject json = CommandRun.of(CommandRun.join(args, greedy, "--json")).json();
        Assert.assertEquals(json.get("prompt_tokens").getAsInt(), ids.length);
        int[] made = new Gson().fromJson(json.get("ids"), int[].class);
        Assert.assertEquals(made, expected.greedy_12());
        Assert.assertEquals(json.get("finish_reason").getAsString(), "length");
        CommandRun plain = CommandRun.of(CommandRun.join(args, greedy));
        String words =
                list.replace(",", "") + " " + Arrays.toString(made).replaceAll("[^0-9 ]", "");
        Assert.assertEquals(plain.out().strip(), words);
    }

    private JsonObject evaluate(Path model, String... input) {
        String[] args = {"evaluate", "--model", model.toString()};
        return CommandRun.of(CommandRun.join(args, input)).json();
    }

    @Test
    public void bytesAreScored() {
        JsonObject json = evaluate(byteModel, "--text", text.toString());
        byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
        Assert.assertEquals(json.get("tokens").getAsInt(), bytes.length);
        double bits = json.get("mean_nll").getAsDouble() / Math.log(2);
        Assert.assertEquals(json.get("bits_per_byte").getAsDouble(), bits, 1e-9);
        Assert.assertEquals(bits, 8, 1, "the model has learnt nothing");
        Assert.assertEquals(evaluate(byteModel, "--prompt", TEXT), json);
    }

    @Test
    public void tokensAreScoredByTheBytesThatTheyStandFor() throws Exception {
        JsonObject json = evaluate(textModel, "--text", text.toString());
        int tokens;
        int first;
        try (Tokenizer tokenizer = Tokenizers.open(textModel, TokenizerFolder.VOCAB_SIZE)) {
            long[] ids = tokenizer.encode(TEXT);
            tokens = ids.length;
            first = tokenizer.decode(Arrays.copyOf(ids, 1)).getBytes(StandardCharsets.UTF_8).length;
        }
        int bytes = TEXT.getBytes(StandardCharsets.UTF_8).length - first;
        Assert.assertEquals(json.get("tokens").getAsInt(), tokens);
        Assert.assertTrue(tokens < bytes, "a token is more than a byte");
        double nats = json.get("mean_nll").getAsDouble() * (tokens - 1);
        Assert.assertEquals(
                json.get("bits_per_byte").getAsDouble(), nats / Math.log(2) / bytes, 1e-9);
    }

    @Test
    public void anotherTokenizerCanBeNamed() throws Exception {
        Path bare = Files.createDirectories(work.resolve("bare"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(textModel.resolve(file), bare.resolve(file));
        }
        String[] named = {"--text", text.toString(), "--tokenizer", textModel.toString()};
        Assert.assertEquals(evaluate(bare, named), evaluate(textModel, "--text", "" + text));
        CommandRun.of("evaluate", "--model", bare.toString(), "--text", text.toString())
                .assertFailure("--tokenizer");
    }

    @Test
    public void logitsOfTextHaveARowForEachToken() {
        String[] args = {"logits", "--model", byteModel.toString(), "--prompt", "pü"};
        JsonArray rows = CommandRun.of(args).json().getAsJsonArray("logits");
        Assert.assertEquals(rows.size(), 3);
        Assert.assertEquals(rows.get(0).getAsJsonArray().size(), 256);
    }

    @DataProvider
    public Object[][] wrongUsage() {
        return new Object[][] {
            {"logits --model M", "--ids"},
            {"logits --ids 1", "--model"},
            {"logits --model M --ids 1 --prompt p", "mutually exclusive"},
            {"logits --model M --ids a", "--ids"},
            {"logits --model M --ids 1,,2", "--ids"},
            {"evaluate --model M", "--text"},
            {"evaluate --model M --ids 1 --text f", "mutually exclusive"},
            {"generate --model M", "--load-state"},
            {"generate --model M --prompt p --prompt-file f", "mutually exclusive"},
            {"generate --model M --ids 1 --beams 2 --temperature 1", "beams"},
            {"generate --model M --ids 1 --beams 2 --samples 3", "samples"},
            {"generate --model M --ids 1 --top-p 2", "--top-p in [0.0, 1.0]"},
            {"generate --model M --ids 1 --min-new-tokens 300", "--max-new-tokens"},
            {"generate --model M --ids 1 --repetition-penalty 0", "--repetition-penalty"},
            {"convert --model M --out o", "--to"},
            {"convert --model M --to hf", "--out"},
            {"convert --model M --to onnx --out o", "--to"},
            {"zoo --model M", "--model"},
        };
    }

    @Test(dataProvider = "wrongUsage")
    public void wrongUsageIsTwo(String command, String words) {
        CommandRun.of(command.split(" ")).assertWrongUsage(words);
    }

    @DataProvider
    public Object[][] failures() {
        return new Object[][] {
            {"logits --model bytes --ids 1,256", "expected token ids in [0, 256), got 256"},
            {"evaluate --model bytes --ids 1,-1", "expected token ids in [0, 256), got -1"},
            {"logits --model missing --ids 1", "missing: no such folder"},
            {"logits --model missing/model/a --ids 1", "no such folder"},
            {"logits --model nothing --ids 1", "there is no config.json"},
            {"logits --model classifier --ids 1", "classifier"},
            {"evaluate --model bytes --text missing.txt", "missing.txt: no such file"},
            {"evaluate --model bytes --text empty.txt", "empty.txt: empty"},
            {"evaluate --model bytes --text latin1.txt", "latin1.txt: not a text in UTF-8"},
            {"evaluate --model bytes --text nothing", "nothing: a folder"},
        };
    }

    @Test(dataProvider = "failures")
    public void failureIsOneAndOneLine(String command, String words) {
        String[] args = command.split(" ");
        args[2] = work.resolve(args[2]).toString();
        if (args[3].equals("--text")) {
            args[4] = work.resolve(args[4]).toString();
        }
        CommandRun.of(args).assertFailure(words);
    }

    @Test
    public void modelsOfAnotherKindAreNamed() throws Exception {
        Path folder = Fixtures.copy("hf-tiny-mamba2", work);
        Fixtures.edit(folder, config -> config.addProperty("model_type", "falcon_mamba"));
        CommandRun.of("logits", "--model", folder.toString(), "--ids", "1")
                .assertFailure("FalconMamba");
    }

    @Test
    public void whatIsNoNumberIsNotPrinted() throws Exception {
        Path model = work.resolve("nan");
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            MambaLanguageModel block = MambaCheckpoint.load(byteModel, manager);
            block.getParameters().valueAt(0).getArray().muli(Float.NaN);
            MambaCheckpoint.save(block, model);
        }
        String[] args = {"--model", model.toString(), "--ids", "1,2"};
        CommandRun.of(CommandRun.join(new String[] {"logits"}, args)).assertFailure("NaN");
        JsonObject json = CommandRun.of(CommandRun.join(new String[] {"evaluate"}, args)).json();
        Assert.assertTrue(json.get("mean_nll").isJsonNull(), json.toString());
    }

    @Test
    public void textNeedsATokenizer() throws Exception {
        String[] args = {"generate", "--model", Fixtures.folder("hf-tiny").toString()};
        CommandRun.of(CommandRun.join(args, "--prompt", "p")).assertFailure("--ids");
        CommandRun.of(CommandRun.join(args, "--ids", "1", "--stop", "p")).assertFailure("--stop");
    }
}
