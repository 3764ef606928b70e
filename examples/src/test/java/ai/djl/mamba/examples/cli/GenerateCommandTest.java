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
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.testing.Fixtures;
import ai.djl.mamba.zoo.testing.TinyModels;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The options of {@code mamba generate}. */
public class GenerateCommandTest {

    private static final String PROMPT = "The quick ü";

    private Path work;
    private Path byteModel;
    private Path textModel;

    @BeforeClass
    public void makeModels() throws IOException {
        work = Files.createTempDirectory("mamba-generate");
        byteModel = TinyModels.ofBytes(work.resolve("bytes"));
        textModel = TinyModels.ofText(work.resolve("text"), Dialect.TRANSFORMERS);
    }

    @AfterClass(alwaysRun = true)
    public void deleteModels() throws IOException {
        ProcessFiles.delete(work);
    }

    @DataProvider
    public Object[][] models() {
        return new Object[][] {{byteModel}, {textModel}};
    }

    private static CommandRun run(Path model, String... args) {
        String[] generate = {"generate", "--model", model.toString()};
        String[] most = {"--max-new-tokens", "40"};
        boolean isSaid = List.of(args).contains(most[0]);
        return CommandRun.of(CommandRun.join(generate, args, isSaid ? new String[0] : most));
    }

    private static JsonObject json(Path model, String... args) {
        return run(model, CommandRun.join(args, "--json")).json();
    }

    private static long[] ids(JsonObject json) {
        return new Gson().fromJson(json.get("ids"), long[].class);
    }

    private static String list(long... ids) {
        return Arrays.toString(ids).replaceAll("[\\[ \\]]", "");
    }

    @Test(dataProvider = "models")
    public void stopStringsEndTheText(Path model) {
        String[] args = {"--prompt", PROMPT, "--seed", "3"};
        String whole = json(model, args).get("text").getAsString();
        int at = 1 + whole.substring(1).replaceFirst("[!-~].*", "").length();
        Assert.assertTrue(at < whole.length(), "no character to stop at: " + whole);
        String stop = whole.substring(at, at + 1);
        JsonObject stopped =
                json(model, CommandRun.join(args, "--stop", "nowhere", "--stop", stop));
        Assert.assertEquals(
                stopped.get("text").getAsString(), whole.substring(0, whole.indexOf(stop)));
        Assert.assertNotEquals(
                stopped.get("finish_reason").getAsString(), "length", stopped.toString());
        CommandRun plain = run(model, CommandRun.join(args, "--stop", stop));
        Assert.assertEquals(
                plain.out().stripTrailing(),
                (PROMPT + stopped.get("text").getAsString()).stripTrailing());
    }

    @Test(dataProvider = "models")
    public void samplesDifferAndComeBackWithTheirSeed(Path model) {
        String[] three = {"--prompt", PROMPT, "--samples", "3"};
        String[] args = CommandRun.join(three, "--seed", "5");
        JsonObject json = json(model, args);
        Set<JsonElement> samples = new HashSet<>();
        List<String> texts = new ArrayList<>();
        for (JsonElement one : json.getAsJsonArray("continuations")) {
            samples.add(one.getAsJsonObject().get("ids"));
            texts.add(PROMPT + one.getAsJsonObject().get("text").getAsString());
        }
        Assert.assertEquals(samples.size(), 3);
        JsonArray again = json(model, args).getAsJsonArray("continuations");
        Assert.assertEquals(again, json.getAsJsonArray("continuations"));
        String separator = System.lineSeparator();
        Assert.assertEquals(run(model, args).out(), String.join(separator, texts) + separator);
        Assert.assertNotEquals(
                json(model, CommandRun.join(three, "--seed", "6")).get("continuations"), again);
    }

    @Test
    public void idsAreSampledToo() throws Exception {
        Path model = Fixtures.folder("hf-tiny");
        String[] args = {"--ids", "34,28", "--samples", "2", "--temperature", "1.5"};
        JsonArray samples = json(model, args).getAsJsonArray("continuations");
        Assert.assertEquals(samples.size(), 2);
        List<String> lines = run(model, args).out().lines().toList();
        for (int i = 0; i < 2; i++) {
            long[] made = ids(samples.get(i).getAsJsonObject());
            Assert.assertEquals(lines.get(i), "34 28 " + list(made).replace(',', ' '));
        }
    }

    @Test
    public void beamsFindWhatIsAtLeastAsLikely() throws Exception {
        Path model = Fixtures.folder("original-tiny");
        String[] args = {"--ids", "49,29,17", "--max-new-tokens", "6", "--log-probs", "0"};
        double greedy = total(json(model, CommandRun.join(args, "--temperature", "0")));
        JsonArray beams =
                json(model, CommandRun.join(args, "--beams", "4", "--samples", "4"))
                        .getAsJsonArray("continuations");
        Assert.assertEquals(beams.size(), 4);
        double last = Double.POSITIVE_INFINITY;
        for (JsonElement beam : beams) {
            double total = total(beam.getAsJsonObject());
            Assert.assertTrue(total <= last + 1e-6, "the best comes first");
            last = total;
        }
        Assert.assertTrue(total(beams.get(0).getAsJsonObject()) >= greedy - 1e-4);
        Assert.assertEquals(new HashSet<>(beams.asList()).size(), 4, beams.toString());
    }

    private static double total(JsonObject continuation) {
        return continuation.getAsJsonArray("log_probs").asList().stream()
                .mapToDouble(one -> one.getAsJsonObject().get("log_prob").getAsDouble())
                .sum();
    }

    @Test
    public void logProbsAreThoseOfTheLogits() throws Exception {
        Path model = Fixtures.folder("hf-tiny");
        JsonObject json = json(model, "--ids", "5,6", "--temperature", "0", "--log-probs", "3");
        JsonArray logProbs = json.getAsJsonArray("log_probs");
        Assert.assertEquals(logProbs.size(), json.get("tokens").getAsInt());
        JsonObject first = logProbs.get(0).getAsJsonObject();
        String[] logits = {"logits", "--model", model.toString(), "--ids", "5,6"};
        JsonElement last = CommandRun.of(logits).json().getAsJsonArray("logits").get(1);
        double[] row = new Gson().fromJson(last, double[].class);
        double sum = Math.log(Arrays.stream(row).map(Math::exp).sum());
        int id = first.get("id").getAsInt();
        Assert.assertEquals(first.get("log_prob").getAsDouble(), row[id] - sum, 1e-4);
        for (JsonElement token : logProbs) {
            JsonArray top = token.getAsJsonObject().getAsJsonArray("top");
            Assert.assertEquals(top.size(), 3);
            JsonObject best = top.get(0).getAsJsonObject();
            Assert.assertEquals(best.get("id"), token.getAsJsonObject().get("id"));
            Assert.assertEquals(best.get("log_prob"), token.getAsJsonObject().get("log_prob"));
        }
        Assert.assertFalse(json(model, "--ids", "5,6").has("log_probs"), "nobody asked");
    }

    @Test(dataProvider = "models")
    public void promptFilesAreLikePrompts(Path model) throws IOException {
        Path file = Files.writeString(work.resolve("prompt.txt"), PROMPT);
        JsonObject expected = json(model, "--prompt", PROMPT);
        JsonObject json = json(model, "--prompt-file", file.toString());
        for (String key : List.of("prompt", "prompt_tokens", "text", "ids")) {
            Assert.assertEquals(json.get(key), expected.get(key), key);
        }
    }

    @DataProvider
    public Object[][] states() throws Exception {
        return new Object[][] {
            {"PyTorch", Fixtures.folder("hf-tiny")},
            {"PyTorch", Fixtures.folder("original-tiny")},
            {"MXNet", Fixtures.folder("original-tiny")},
            {"PyTorch", byteModel},
        };
    }

    @Test(dataProvider = "states")
    public void savedStatesGoOnAsIfNothingHadHappened(String engine, Path model) {
        String[] greedy = {"--temperature", "0", "--engine", engine};
        long[] prompt = {34, 28, 38, 89, 32};
        long[] whole = ids(json(model, CommandRun.join(greedy, "--ids", list(prompt))));
        Path state = work.resolve("new-folder").resolve(engine + model.getFileName());
        String[] save = {"--ids", "34,28", "--save-state", state.toString(), "--overwrite"};
        JsonObject before = json(model, CommandRun.join(greedy, save));

        // the rest of the prompt, twice: the file stays as it is
        String[] load = CommandRun.join(greedy, "--load-state", state.toString());
        for (int i = 0; i < 2; i++) {
            JsonObject after = json(model, CommandRun.join(load, "--ids", "38,89,32"));
            Assert.assertEquals(ids(after), whole);
        }
        // nothing more than the prompt
        JsonObject alone = json(model, load);
        Assert.assertEquals(ids(alone), ids(before));
        Assert.assertFalse(alone.has("prompt"), "it is not known");
        // a state of a state
        Path second = work.resolve("second");
        String[] both = {"--ids", "38,89", "--save-state", second.toString(), "--overwrite"};
        json(model, CommandRun.join(load, both));
        String[] rest = {"--load-state", second.toString(), "--ids", "32"};
        Assert.assertEquals(ids(json(model, CommandRun.join(greedy, rest))), whole);
    }

    /** Neither a token that begins a text nor a space comes between a state and its prompt. */
    @Test
    public void thePromptBehindAStateContinuesItsText() throws Exception {
        Path model = TinyModels.ofPrefixedText(work.resolve("prefixed"));
        Path state = work.resolve("prefix");
        String[] greedy = {"--temperature", "0", "--max-new-tokens", "8"};
        long[] whole = ids(json(model, CommandRun.join(greedy, "--prompt", "The state of the")));
        json(model, "--prompt", "The state", "--save-state", state.toString());
        String[] rest = {"--load-state", state.toString(), "--prompt", " of the"};
        JsonObject made = json(model, CommandRun.join(greedy, rest));
        Assert.assertEquals(made.get("prompt_tokens").getAsInt(), 2);
        Assert.assertEquals(ids(made), whole);
    }

    @Test
    public void optionsHaveTheNamesOfTransformersToo() throws Exception {
        Path model = Fixtures.folder("hf-tiny");
        String[] prompt = {"--ids", "3,9,9,4", "--temperature", "0"};
        String[] limit = {"--max-length", "34", "--no-repeat-ngram-size", "1"};
        // of transformers 5.24, see arguments.json
        Assert.assertEquals(
                Arrays.copyOf(ids(json(model, CommandRun.join(prompt, limit))), 6),
                new long[] {23, 77, 79, 63, 42, 55});
        String[] beams = {"--num-beams", "3", "--early-stopping", "true", "--eos-token-id", "79"};
        Assert.assertEquals(
                json(model, "--ids", "4,75", "--num-beams", "2", "--num-return-sequences", "2")
                        .getAsJsonArray("continuations")
                        .size(),
                2);
        json(model, CommandRun.join(beams, "--ids", "60,14,3"));
        run(model, "--ids", "1", "--early-stopping", "soon")
                .assertWrongUsage("--early-stopping should be");
    }

    private Path saying(String generationConfig) throws IOException {
        Path model = TinyModels.ofBytes(TempFiles.folder("mamba-saying").resolve("model"));
        Files.writeString(model.resolve("generation_config.json"), generationConfig);
        return model;
    }

    @Test
    public void theFileSaysWhetherToSample() throws Exception {
        String[] one = {"--prompt", PROMPT, "--seed", "1"};
        String[] other = {"--prompt", PROMPT, "--seed", "2"};
        for (String greedy : List.of("{\"do_sample\": false}", "{\"temperature\": 0.0}")) {
            Path model = saying(greedy);
            long[] best = ids(json(model, CommandRun.join(one, "--temperature", "0")));
            Assert.assertEquals(ids(json(model, one)), best, greedy);
            Assert.assertEquals(ids(json(model, other)), best, greedy);
            String[] warm = {"--temperature", "1.5"};
            Assert.assertNotEquals(ids(json(model, CommandRun.join(one, warm))), best, greedy);
            String[] narrow = {"--top-k", "200"};
            Assert.assertNotEquals(
                    ids(json(model, CommandRun.join(one, narrow))),
                    ids(json(model, CommandRun.join(other, narrow))),
                    greedy);
        }
        Path silent = saying("{\"max_new_tokens\": 40}");
        Assert.assertNotEquals(ids(json(silent, one)), ids(json(silent, other)));
        for (String flag : List.of("--do-sample", "--no-do-sample", "--greedy")) {
            run(silent, CommandRun.join(one, flag))
                    .assertWrongUsage("--temperature above 0 samples");
        }
    }

    @Test
    public void theFileSaysHowManyTexts() throws Exception {
        Path model = saying("{\"do_sample\": true, \"num_return_sequences\": 3}");
        JsonObject three = json(model, "--prompt", PROMPT);
        Assert.assertEquals(three.getAsJsonArray("continuations").size(), 3);
        Assert.assertTrue(json(model, "--prompt", PROMPT, "--samples", "1").has("text"));
        JsonObject beams = json(model, "--prompt", PROMPT, "--beams", "2");
        Assert.assertEquals(beams.getAsJsonArray("continuations").size(), 2);
    }

    @Test
    public void messagesHaveTheNamesOfTheCommandLine() throws Exception {
        Path model = Fixtures.folder("hf-tiny");
        run(model, "--ids", "1", "--temperature", "-1")
                .assertWrongUsage("expected --temperature of at least 0, got -1.0");
        run(model, "--ids", "1", "--top-p", "2").assertWrongUsage("expected --top-p in [0.0, 1.0]");
        run(model, "--ids", "1", "--beams", "0").assertWrongUsage("expected --beams of at");
        String[] generate = {"generate", "--model", model.toString(), "--ids", "1,2,3"};
        CommandRun.of(CommandRun.join(generate, "--max-length", "2"))
                .assertFailureAfterOutput("fewer tokens than --max-length = 2, got 3");
        String[] once = {"--no-repeat-ngram-size", "1", "--min-new-tokens", "400"};
        run(model, CommandRun.join(once, "--ids", "1", "--max-new-tokens", "400"))
                .assertFailureAfterOutput("--no-repeat-ngram-size = 1 forbids each of the");
    }

    /** The end that a tokenizer puts behind a text does not stand in a state. */
    @Test
    public void aSavedStateCanGoOn() throws Exception {
        Path model = TinyModels.ofText(TempFiles.folder("mamba-ended"), Dialect.TRANSFORMERS);
        Path file = model.resolve("tokenizer.json");
        JsonObject tokenizer = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        String end = "<|endoftext|>";
        String template =
                "{'type': 'TemplateProcessing', 'single': [{'Sequence': {'id': 'A', 'type_id': 0}},"
                        + " {'SpecialToken': {'id': 'END', 'type_id': 0}}], 'pair': [{'Sequence':"
                        + " {'id': 'A', 'type_id': 0}}, {'Sequence': {'id': 'B', 'type_id': 0}}],"
                        + " 'special_tokens': {'END': {'id': 'END', 'ids': [0], 'tokens': ['END']}}}";
        tokenizer.add("post_processor", JsonParser.parseString(template.replace("END", end)));
        Files.writeString(file, tokenizer.toString());
        Path state = work.resolve("ended");
        JsonObject plain = json(model, "--prompt", "The state");
        JsonObject saved = json(model, "--prompt", "The state", "--save-state", state.toString());
        Assert.assertEquals(
                saved.get("prompt_tokens").getAsInt(), plain.get("prompt_tokens").getAsInt() - 1);
    }

    @Test
    public void wrongStatesAreRefused() throws Exception {
        Path model = Fixtures.folder("hf-tiny");
        Path state = work.resolve("state");
        json(model, "--ids", "1,2", "--save-state", state.toString(), "--overwrite");
        run(byteModel, "--load-state", state.toString()).assertFailure("another model");
        byte[] bytes = Files.readAllBytes(state);
        Path cut = Files.write(work.resolve("cut"), Arrays.copyOf(bytes, bytes.length - 1));
        run(model, "--load-state", cut.toString()).assertFailure("damaged");
        Path foreign = byteModel.resolve("config.json");
        run(model, "--load-state", foreign.toString()).assertFailure("not a saved prompt state");
        Path missing = work.resolve("missing");
        run(model, "--load-state", missing.toString()).assertFailure("no such file");
        for (String option : List.of("--save-state", "--load-state")) {
            run(model, "--ids", "1", option, work.toString())
                    .assertFailure(work + ": a folder, expected a file");
        }
        Path below = foreign.resolve("state");
        run(model, "--ids", "1", "--save-state", below.toString()).assertFailure("not a folder");
    }

    @Test(dataProvider = "models")
    public void nothingNeedsToBeMade(Path model) {
        JsonObject json = json(model, "--prompt", PROMPT, "--max-new-tokens", "0");
        Assert.assertEquals(json.get("tokens").getAsInt(), 0);
        Assert.assertEquals(json.get("text").getAsString(), "");
    }
}
