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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.examples.testing.TerminatedCommand;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.Fixtures;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** {@code mamba synthetic}: what it learns in seconds, what it writes, and what it refuses. */
public class SyntheticCommandTest {

    private static final String[] TINY = tiny(3);

    private Path work;

    @BeforeClass
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-synthetic");
    }

    @AfterClass(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private static String[] tiny(int steps) {
        String options =
                "--model-size 8 --layers 1 --state-size 4 --length 16 --copied 2 --batch 4"
                        + " --test-sequences 20 --longest 128 --longest-attention 64 --steps "
                        + steps;
        return options.split(" ");
    }

    private static CommandRun synthetic(Path out, String task, String... options) {
        String[] command = {"synthetic", "--json", "--task", task, "--out", "" + out};
        return CommandRun.of(CommandRun.join(command, options));
    }

    @Test
    public void learnsStandardCopying() {
        CommandRun run =
                synthetic(
                        work.resolve("copying"),
                        "copying",
                        "--model=mamba",
                        "--model-size=32",
                        "--length=10",
                        "--copied=2",
                        "--batch=32",
                        "--steps=150",
                        "--lr=0.01");
        JsonObject result = run.json().getAsJsonArray("results").get(0).getAsJsonObject();
        double accuracy = accuracies(result).get(0).getAsJsonObject().get("accuracy").getAsDouble();
        Assert.assertTrue(accuracy > 0.5, "accuracy " + accuracy + "\n" + run.err());

        String[] test = {"synthetic", "--json", "--task", "copying", "--trained"};
        String model = work.resolve("copying/mamba").toString();
        CommandRun again = CommandRun.of(CommandRun.join(test, model, "--length=10", "--copied=2"));
        Assert.assertEquals(accuracies(again.json()), withoutPaper(accuracies(result)));
    }

    private static JsonArray withoutPaper(JsonArray accuracies) {
        accuracies.forEach(accuracy -> accuracy.getAsJsonObject().remove("paper"));
        return accuracies;
    }

    /** Where no sizes are named, Mamba-2 has about the parameters of Mamba. */
    @Test
    public void mamba2HasAsManyParametersAsMamba() {
        CommandRun run =
                synthetic(
                        work.resolve("parameters"),
                        "copying",
                        "--model=mamba,mamba2",
                        "--length=8",
                        "--copied=2",
                        "--batch=1",
                        "--steps=1",
                        "--test-sequences=1");
        JsonArray results = run.json().getAsJsonArray("results");
        double mamba = results.get(0).getAsJsonObject().get("parameters").getAsDouble();
        JsonObject mamba2 = results.get(1).getAsJsonObject();
        Assert.assertEquals(mamba2.get("parameters").getAsDouble(), mamba, 0.05 * mamba);
        Assert.assertEquals(mamba2.get("state_size").getAsInt(), 32);
        Assert.assertEquals(mamba2.get("head_size").getAsInt(), 4);
    }

    @Test
    public void refusesToTestOtherModels() throws URISyntaxException {
        String fixture = Fixtures.folder("hf-tiny").toString();
        CommandRun.of("synthetic", "--task", "copying", "--trained", fixture)
                .assertFailure("vocabulary of 16");
    }

    private static JsonArray accuracies(JsonObject result) {
        return result.getAsJsonArray("accuracy_by_length");
    }

    @Test
    public void comparesAllModelsAndReports() throws IOException {
        Path out = work.resolve("all");
        CommandRun run =
                synthetic(
                        out,
                        "induction-heads",
                        CommandRun.join(
                                TINY, "--model", "mamba,mamba2,s4d,s4d-ungated,transformer"));
        JsonArray results = run.json().getAsJsonArray("results");
        Assert.assertEquals(results.size(), 5);
        for (String model : List.of("mamba", "mamba2", "s4d", "s4d-ungated")) {
            Assert.assertTrue(Files.exists(out.resolve(model).resolve("model.safetensors")));
        }
        JsonObject mamba = results.get(0).getAsJsonObject();
        Assert.assertEquals(accuracies(mamba).size(), 2); // 64 and 128 tokens
        Assert.assertEquals(accuracies(results.get(4).getAsJsonObject()).size(), 1);
        Assert.assertEquals(mamba.get("steps").getAsInt(), 3);
        Assert.assertTrue(run.err().contains("paper"), run.err());
        String json = Files.readString(out.resolve("results.json"));
        Assert.assertEquals(JsonParser.parseString(json).getAsJsonObject(), run.json());
        List<String> csv = Files.readAllLines(out.resolve("accuracy.csv"));
        Assert.assertEquals(csv.size(), 1 + 4 * 2 + 1, csv.toString());
        Assert.assertTrue(ImageIO.read(out.resolve("accuracy.png").toFile()).getWidth() > 100);
        Assert.assertTrue(Files.readString(out.resolve("index.html")).contains("Transformer"));
    }

    /** The first model is done when the signal comes, and is reported. */
    @Test
    public void aSignalEndsItWithWhatIsDone() throws Exception {
        Path out = work.resolve("stopped");
        String[] command = {"synthetic", "--task", "copying", "--out", "" + out};
        String[] args =
                CommandRun.join(
                        CommandRun.join(command, tiny(400)), "--model=mamba,mamba2", "--groups=4");
        TerminatedCommand run = TerminatedCommand.when(work, "Mamba-2 (SSD): ", args);
        Assert.assertTrue(run.said().contains("stopped: Mamba-2 (SSD) after step "), run.said());
        String json = Files.readString(out.resolve("results.json"));
        JsonArray results =
                JsonParser.parseString(json).getAsJsonObject().getAsJsonArray("results");
        Assert.assertEquals(results.size(), 1);
        Assert.assertTrue(Files.exists(out.resolve("mamba/model.safetensors")));
        Assert.assertFalse(Files.exists(out.resolve("mamba2")));
    }

    @Test
    public void theSameSeedGivesTheSameModel() throws IOException {
        for (String name : List.of("first", "second")) {
            CommandRun run =
                    synthetic(
                            work.resolve(name),
                            "selective-copying",
                            CommandRun.join(TINY, "--model", "mamba", "--seed", "5"));
            Assert.assertEquals(run.code(), 0, run.err());
        }
        String weights = "mamba/model.safetensors";
        Assert.assertEquals(
                Files.mismatch(
                        work.resolve("first").resolve(weights),
                        work.resolve("second").resolve(weights)),
                -1);
    }

    @Test
    public void refusesWrongUsage() {
        Path out = work.resolve("none");
        synthetic(out, "copying", "--length", "5", "--copied", "3").assertWrongUsage("--length");
        synthetic(out, "copying", "--shortest", "300").assertWrongUsage("--shortest");
        synthetic(out, "copying", "--state-size", "3").assertWrongUsage("--state-size");
        synthetic(out, "copying", "--model", "mamba,mamba").assertWrongUsage("--model");
        synthetic(out, "copying", "--head-size", "8").assertWrongUsage("--model mamba2");
        synthetic(out, "copying", "--model", "mamba2", "--head-size", "7")
                .assertWrongUsage("--head-size");
        String[] groups = {"--model", "mamba2", "--groups", "32"};
        synthetic(out, "induction-heads", groups).assertWrongUsage("number of heads, 2, got 32");
        synthetic(out, "sorting").assertWrongUsage("--task");
        Assert.assertFalse(Files.exists(out));
    }
}
