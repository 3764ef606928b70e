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
package ai.djl.mamba.examples.cli.languages;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.examples.testing.TerminatedCommand;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.testing.TinyModels;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** {@code mamba languages} on files that anyone could tell apart, and {@code mamba classify}. */
public class LanguagesCommandTest {

    private static final List<String> REPORT =
            List.of(
                    "accuracy.csv",
                    "accuracy.png",
                    "confusion.csv",
                    "confusion.png",
                    "index.html",
                    "languages.json",
                    "test.jsonl",
                    "training.jsonl");

    private Path folder;
    private Path model;
    private Path files;
    private Path out;

    @BeforeClass
    public void makeFiles() throws IOException {
        folder = Files.createTempDirectory("mamba-languages");
        model = TinyModels.ofBytes(folder.resolve("model"));
        out = folder.resolve("out");
        files = Files.createDirectory(folder.resolve("files"));
        Random random = new Random(1);
        for (int i = 0; i < 80; i++) {
            Files.writeString(files.resolve("x" + i + ".py"), words(random, 'a', 'd'));
            Files.writeString(files.resolve("x" + i + ".sh"), words(random, 'W', 'Z'));
        }
    }

    private static String words(Random random, char from, char to) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            text.append((char) (from + random.nextInt(to - from + 1)));
        }
        return text.toString();
    }

    @AfterClass
    public void deleteFiles() throws IOException {
        ProcessFiles.delete(folder);
    }

    private String[] args(Path to, int steps, String arguments) {
        List<String> all = new ArrayList<>(List.of("languages", "--model", model.toString()));
        all.addAll(List.of("--out", to.toString(), "--data", files.toString()));
        all.addAll(List.of("--per-language 40 --test-per-language 10 --least 30".split(" ")));
        all.addAll(List.of("--length 32 --batch 8 --eval-every 12 --steps".split(" ")));
        all.add(String.valueOf(steps));
        all.addAll(List.of("--lr-scratch 0.02 --lr 0.02 --lr-lora 0.05".split(" ")));
        all.addAll(List.of(arguments.split(" ")));
        return all.toArray(new String[0]);
    }

    private CommandRun languages(String arguments) {
        return CommandRun.of(args(out, 24, arguments));
    }

    /** What was trained in part is gone, so that the command can be run again. */
    @Test
    public void aSignalEndsItAndItCanRunAgain() throws Exception {
        Path again = folder.resolve("again");
        String[] args = args(again, 3000, "--start scratch");
        TerminatedCommand run = TerminatedCommand.when(folder, "from scratch:", args);
        Assert.assertTrue(run.said().contains("stopped: 'from scratch' after step "), run.said());
        Assert.assertFalse(Files.exists(again.resolve("index.html")));
        Assert.assertEquals(
                CommandRun.of(args(again, 24, "--start scratch --overwrite")).code(), 0);
        Assert.assertTrue(Files.exists(again.resolve("index.html")));
    }

    @Test
    public void trainsReportsAndClassifies() throws IOException {
        JsonObject result = languages("--json").json();
        Assert.assertEquals(
                JsonParser.parseString(Files.readString(out.resolve("languages.json"))), result);
        for (String file : REPORT) {
            Assert.assertTrue(Files.size(out.resolve(file)) > 0, file);
        }
        String page = Files.readString(out.resolve("index.html"));
        Assert.assertEquals(page.split("src=\"data:image/png;base64,", -1).length, 1 + 2);
        JsonArray runs = result.getAsJsonArray("runs");
        Assert.assertEquals(runs.size(), 3);
        double best = 0;
        for (JsonElement element : runs) {
            JsonObject run = element.getAsJsonObject();
            JsonArray curve = run.getAsJsonArray("curve");
            Assert.assertEquals(curve.size(), 2);
            JsonObject last = curve.get(1).getAsJsonObject();
            Assert.assertEquals(last.get("step").getAsInt(), 24);
            double accuracy = last.get("accuracy").getAsDouble();
            Assert.assertTrue(accuracy >= 0.9, run.toString());
            best = Math.max(best, accuracy);
            boolean isLora = run.get("key").getAsString().equals("lora");
            boolean isPart = run.get("trained").getAsLong() < run.get("parameters").getAsLong();
            Assert.assertEquals(isPart, isLora, run.toString());
        }
        JsonArray confusion = result.getAsJsonArray("confusion");
        int right = 0;
        int all = 0;
        for (int i = 0; i < confusion.size(); i++) {
            for (int j = 0; j < confusion.size(); j++) {
                int count = confusion.get(i).getAsJsonArray().get(j).getAsInt();
                all += count;
                right += i == j ? count : 0;
            }
        }
        int tests = Files.readAllLines(out.resolve("test.jsonl")).size();
        Assert.assertEquals(all, tests);
        Assert.assertEquals((double) right / all, best, 1e-9, "saved and loaded, it is as good");
        for (String start : List.of("scratch", "pretrained", "lora")) {
            classifies(out.resolve(start));
        }
    }

    private void classifies(Path classifier) throws IOException {
        Path python = Files.writeString(folder.resolve("one"), "Z".repeat(200) + "abcd".repeat(25));
        Path shell = Files.writeString(folder.resolve("two"), "WXYZ".repeat(25));
        String[] command = {
            "classify",
            "--model",
            classifier.toString(),
            "--bytes",
            "32",
            "--window",
            "middle",
            "--top",
            "2",
            shell.toString(),
            python.toString()
        };
        CommandRun run = CommandRun.of(command);
        Assert.assertEquals(run.code(), 0, run.err());
        List<String> lines = run.out().lines().toList();
        Assert.assertEquals(lines.size(), 2, run.out());
        Assert.assertTrue(lines.get(0).startsWith(shell + ": shell "), run.out());
        Assert.assertTrue(lines.get(1).startsWith(python + ": shell "), "the middle: " + run.out());
        CommandRun whole =
                CommandRun.of(
                        "classify",
                        "--model",
                        classifier.toString(),
                        "--json",
                        folder.resolve("files/x7.py").toString());
        JsonArray found = whole.json().getAsJsonArray("files");
        JsonArray classes = found.get(0).getAsJsonObject().getAsJsonArray("classes");
        Assert.assertEquals(classes.size(), 1);
        Assert.assertEquals(classes.get(0).getAsJsonObject().get("class").getAsString(), "python");
    }

    @Test
    public void oneStartAlone() throws IOException {
        CommandRun run = languages("--start lora --steps 2 --lora 2 --out " + folder + "/alone");
        Assert.assertEquals(run.code(), 2, "--out twice: " + run.out());
        Path other = folder.resolve("alone");
        out = other;
        run = languages("--start lora --lora 2");
        out = folder.resolve("out");
        Assert.assertEquals(run.code(), 0, run.err());
        Assert.assertFalse(Files.exists(other.resolve("scratch")));
        Assert.assertTrue(run.out().contains("LoRA trains "), run.out());
        Assert.assertFalse(run.out().contains("as good as from scratch"), run.out());
    }

    @Test
    public void wrongUsage() throws IOException {
        languages("--window end").assertWrongUsage("--window");
        languages("--lr-head 0").assertWrongUsage("--lr-head");
        CommandRun.of("languages").assertWrongUsage("--out");
        String output = folder.resolve("none").toString();
        CommandRun.of("languages", "--out", output, "--lr", "0").assertWrongUsage("--lr");
        CommandRun.of("languages", "--out", output, "--least", "300").assertWrongUsage("--least");
        CommandRun.of("languages", "--out", output, "--model", "x").assertFailure("x: no such");
        CommandRun.of("languages", "--model", "" + model, "--out", output, "--data", "/nowhere")
                .assertFailure("/nowhere: no such file or folder");
        CommandRun.of("languages", "--model", "" + model, "--out", output, "--data", "" + model)
                .assertFailure("at least two languages");
        Assert.assertFalse(Files.exists(Path.of(output)));
        Path file = Files.createFile(folder.resolve("empty"));
        CommandRun.of("classify", "--model", "" + model, "" + file).assertFailure("empty");
        CommandRun.of("classify", "--model", "" + model, "" + folder).assertFailure("a folder");
        CommandRun.of("classify", "--model", "" + model, "" + files.resolve("x0.py"))
                .assertFailure("sequence classification");
    }
}
