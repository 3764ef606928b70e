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
import ai.djl.mamba.testing.ProcessFiles;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code mamba train}, beside what {@link CommandLineTest} asks of it. */
public class TrainCommandTest {

    private static final String TINY = "--length 16 --model-size 8 --layers 1 --eval-tokens 64";

    private Path work;
    private Path text;

    @BeforeClass
    public void writeText() throws IOException {
        work = Files.createTempDirectory("mamba-train");
        text = Files.writeString(work.resolve("text.txt"), "public class A {}\n".repeat(500));
        Files.writeString(
                work.resolve("rows.jsonl"),
                "{\"text\": \"one two three four five six\"}\n".repeat(40)
                        + "{\"text\": \n"
                        + "{\"text\": \"seven eight nine\"}\n".repeat(40));
    }

    @AfterClass(alwaysRun = true)
    public void deleteText() throws IOException {
        ProcessFiles.delete(work);
    }

    private String[] args(Path data, Path out, String more) {
        String all = "train --data " + data + " --out " + out + ' ' + TINY + ' ' + more;
        return all.strip().split(" +", -1);
    }

    private static CommandRun run(String... args) {
        return CommandRun.of(args);
    }

    private static String[] json(String... args) {
        return CommandRun.join(args, "--json");
    }

    @DataProvider
    public Object[][] kinds() {
        return new Object[][] {
            {"--steps 3 --mixer s4d --carry-state"},
            {"--steps 3 --mixer mamba2 --carry-state --state-size 6 --head-size 4 --groups 2"},
            {"--steps 2 --save-type float16 --accumulate 2"},
            {"--steps 3 --stream --schedule constant --warmup 1 --clip 0 --weight-decay 0"},
            {"--epochs 1 --batch 64 --eval-every 2 --patience 9 --dropout 0.1"},
            {"--steps 2 --holdout 0"},
            {"--minutes 0.02"},
        };
    }

    @Test(dataProvider = "kinds")
    public void trainsAModelThatGenerates(String options) throws IOException {
        Path out = Files.createTempDirectory(work, "kind");
        JsonObject figures = run(json(args(text, out, options))).json();
        Assert.assertEquals(figures.get("ended").getAsString(), "finished");
        Assert.assertTrue(figures.get("steps").getAsInt() > 0);
        Assert.assertEquals(
                figures.has("validation_bits_per_byte"), !options.contains("--holdout 0"));
        String config = Files.readString(out.resolve("config.json"));
        boolean isHalf = options.contains("float16");
        Assert.assertTrue(config.contains(isHalf ? "\"float16\"" : "\"float32\""), config);
        Assert.assertEquals(config.contains("s4d"), options.contains("s4d"), config);
        boolean isMamba2 = options.contains("mamba2");
        Assert.assertEquals(config.contains("\"model_type\": \"mamba2\""), isMamba2, config);
        String[] generate = {"generate", "--model", "" + out, "--prompt", "p"};
        JsonObject made = run(json(CommandRun.join(generate, "--max-new-tokens", "3"))).json();
        Assert.assertEquals(made.get("tokens").getAsInt(), 3);
    }

    /** A process that gets SIGTERM, and what can be done with what it left. */
    @Test
    public void stopsAtASignalAndGoesOn() throws Exception {
        Path out = work.resolve("stopped");
        String[] args = args(text, out, "--steps 600 --seed 3");
        Path metrics = out.resolve("metrics.jsonl");
        TerminatedCommand stopped =
                TerminatedCommand.of(
                        work, () -> Files.exists(metrics) && Files.size(metrics) >= 1000, args);
        Assert.assertTrue(stopped.said().contains("--resume continues"), stopped.said());
        Assert.assertFalse(Files.exists(out.resolve("config.json")), "there is no model yet");
        String[] generate = {"generate", "--model", "" + out, "--prompt", "p", "--json"};
        JsonObject text = run(CommandRun.join(generate, "--max-new-tokens", "3")).json();
        Assert.assertEquals(text.get("tokens").getAsInt(), 3, "by the model of the checkpoint");
        int made = steps(out).size();
        Assert.assertTrue(made > 0 && made < 600, "made " + made);

        run(args).assertFailure("--resume continues");
        CommandRun other = run(CommandRun.join(args, "--resume", "--clip", "2"));
        Assert.assertEquals(other.code(), 1);
        Assert.assertTrue(other.err().contains("clip_norm was 1.0, is now 2.0"), other.err());

        CommandRun resumed = run(json(CommandRun.join(args, "--resume")));
        Assert.assertEquals(resumed.json().get("steps").getAsInt(), 600);
        Assert.assertTrue(resumed.err().contains("resuming after step " + made), resumed.err());
        Assert.assertEquals(steps(out), LongStream.rangeClosed(1, 600).boxed().toList());
        Assert.assertTrue(Files.exists(out.resolve("config.json")));
        CommandRun again = run(CommandRun.join(args, "--resume"));
        Assert.assertEquals(again.code(), 0);
        Assert.assertTrue(again.out().contains("finished"), again.out());
    }

    /** Ten steps, then twenty more, are the thirty of one run, with a constant rate. */
    @Test
    public void aFinishedRunGoesOnToMoreSteps() throws Exception {
        String options = " --schedule constant --warmup 2 --eval-every 10 --seed 4";
        Path out = work.resolve("continued");
        String[] ten = args(text, out, "--steps 10" + options);
        Assert.assertEquals(run(ten).code(), 0);
        CommandRun same = run(CommandRun.join(ten, "--resume"));
        Assert.assertTrue(same.out().contains("it made 10 steps"), same.out());
        String[] thirty = args(text, out, "--steps 30" + options);
        run(thirty).assertFailure("--resume with a higher --steps");
        CommandRun more = run(json(CommandRun.join(thirty, "--resume")));
        Assert.assertEquals(more.json().get("steps").getAsInt(), 30);
        Assert.assertEquals(steps(out), LongStream.rangeClosed(1, 30).boxed().toList());
        Path whole = work.resolve("whole");
        run(json(args(text, whole, "--steps 30" + options))).json();
        Assert.assertEquals(
                Files.mismatch(
                        out.resolve("model.safetensors"), whole.resolve("model.safetensors")),
                -1);
        // limits are those of the run unless others are given
        Assert.assertTrue(
                run(CommandRun.join(args(text, out, options.strip()), "--resume"))
                        .out()
                        .contains("nothing to resume"));
        CommandRun other = run(args(text, out, "--steps 40 --resume --clip 3" + options));
        Assert.assertEquals(other.code(), 1);
        Assert.assertTrue(other.err().contains("clip_norm was 1.0, is now 3.0"), other.err());
        Assert.assertEquals(
                run(json(CommandRun.join(args(text, out, "--epochs 1" + options), "--resume")))
                        .json()
                        .get("epochs")
                        .getAsInt(),
                1);
    }

    /** A run that an earlier version finished kept nothing to go on from. */
    @Test
    public void aFinishedRunOfAnEarlierVersionSaysWhyItEnds() throws Exception {
        Path out = work.resolve("earlier");
        Path checkpoints = Files.createDirectories(out.resolve("checkpoints"));
        Files.writeString(checkpoints.resolve("latest"), "finished\n");
        CommandRun run = run(args(text, out, "--steps 30 --resume"));
        Assert.assertEquals(run.code(), 0, run.err());
        Assert.assertTrue(run.out().contains("kept no checkpoint"), run.out());
    }

    /** A run that was killed has checkpoints, but no model. */
    @Test
    public void aKilledRunSaysThatItHasNoModel() throws Exception {
        Path out = work.resolve("killed");
        String[] args = args(text, out, "--steps 2");
        Assert.assertEquals(run(args).code(), 0);
        Files.delete(out.resolve("config.json"));
        run("generate", "--model", "" + out, "--prompt", "p").assertFailure("resume it");
    }

    /** The numbers of the steps in the metrics of a run. */
    private static List<Long> steps(Path out) throws IOException {
        List<Long> steps = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
            JsonObject json = JsonParser.parseString(line).getAsJsonObject();
            if (json.has("loss")) {
                steps.add(json.get("step").getAsLong());
            }
        }
        return steps;
    }

    @DataProvider
    public Object[][] wrongUsage() {
        return new Object[][] {
            {"--holdout 1", "--holdout"},
            {"--accumulate 0", "--accumulate"},
            {"--schedule linear", "--schedule"},
            {"--gpus 0", "--gpus"},
            {"--patience 3 --holdout 0", "--patience"},
            {"--save-type int8", "--save-type"},
            {"--mixer lstm", "--mixer"},
            {"--mixer mamba2 --head-size 5", "divisor of the 16 channels of a block, got 5"},
            {"--mixer mamba2 --head-size 0", "--head-size"},
            {"--mixer mamba2 --groups 2", "divisor of the number of heads, 1, got 2"},
            {"--mixer mamba --head-size 8", "only --mixer mamba2 has it"},
            {"--mixer s4d --groups 1", "only --mixer mamba2 has it"},
            {"--mixer transformer --state-size 8", "a transformer has no state"},
            {"--mixer mamba2 --hidden-size 8", "only --mixer transformer has it"},
            {"--epochs 0", "--epochs"},
            {"--warmup -1", "--warmup"},
            {"--weight-decay -1", "--weight-decay"},
            {"--eval-every 0", "--eval-every"},
            {"--dropout 1", "--dropout"},
        };
    }

    @Test(dataProvider = "wrongUsage")
    public void wrongUsageIsTwo(String options, String words) {
        run(args(text, work.resolve("wrong"), options)).assertWrongUsage(words);
        Assert.assertFalse(Files.exists(work.resolve("wrong")));
    }

    @Test
    public void failuresAreOneLine() {
        Path out = work.resolve("failed");
        run(args(text, out, "--gpus 2")).assertFailureAfterOutput("no 2 GPUs");
        run(args(text, out, "--steps 50 --lr 1e30 --clip 0 --warmup 0"))
                .assertFailureAfterOutput("diverged in step");
        run(args(text, out, "--mixer s4d --state-size 3 --overwrite"))
                .assertFailure("must be even");
    }

    @Test
    public void badRowsAreLeftOutOrEndTheRun() {
        Path rows = work.resolve("rows.jsonl");
        JsonObject figures = run(json(args(rows, work.resolve("rows"), "--steps 1"))).json();
        Assert.assertEquals(figures.get("bad_rows").getAsInt(), 1);
        run(args(rows, work.resolve("rows"), "--steps 1 --stop-at-bad-rows --overwrite"))
                .assertFailure("rows.jsonl:41");
    }
}
