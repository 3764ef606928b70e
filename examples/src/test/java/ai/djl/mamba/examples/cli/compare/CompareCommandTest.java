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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.Main;
import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.examples.testing.TerminatedCommand;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code mamba compare}: what it writes, and when models stop; but not the times. */
public class CompareCommandTest {

    private static final List<String> MODELS =
            List.of("mamba", "mamba2", "s4d", "transformer", "transformer-parts");

    private Path folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-compare");
    }

    @AfterMethod
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(folder);
    }

    private String[] args(String rounds, String arguments) {
        List<String> all = new ArrayList<>(List.of("compare", "--out", folder.toString()));
        all.addAll(List.of("--model-size 16 --layers 2 --state 4 --device cpu".split(" ")));
        all.addAll(List.of(rounds.split(" ")));
        all.addAll(List.of(arguments.split(" ")));
        return all.toArray(new String[0]);
    }

    private CommandRun run(String arguments) {
        return CommandRun.of(args("--seconds 0.01 --repeats 2 --overwrite", arguments));
    }

    /** What was measured when the signal came is in the report. */
    @Test
    public void aSignalEndsItWithWhatWasMeasured() throws Exception {
        Path work = Files.createTempDirectory("mamba-compare-work");
        try {
            String[] args =
                    args(
                            "--seconds 3 --repeats 1000000",
                            "--lengths 4,8 --measure inference --models mamba,mamba2");
            TerminatedCommand run = TerminatedCommand.when(work, "inference, L 4:", args);
            Assert.assertTrue(run.said().contains("stopped: kept are the figures"), run.said());
        } finally {
            ProcessFiles.delete(work);
        }
        List<JsonObject> points = points(written(), "inference");
        Assert.assertEquals(points.size(), 2, "those of L 4");
        Assert.assertTrue(files().contains("index.html"));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private JsonObject written() throws IOException {
        return JsonParser.parseString(Files.readString(folder.resolve("compare.json")))
                .getAsJsonObject();
    }

    private static List<JsonObject> points(JsonObject result, String figure) {
        List<JsonObject> points = new ArrayList<>();
        for (JsonElement element : result.getAsJsonArray("points")) {
            JsonObject point = element.getAsJsonObject();
            if (point.get("figure").getAsString().equals(figure)) {
                points.add(point);
            }
        }
        return points;
    }

    @DataProvider
    public Object[][] engines() {
        return new Object[][] {{"PyTorch"}, {"MXNet"}};
    }

    @Test(dataProvider = "engines")
    public void writesFiguresPlotsAndAPage(String engine) throws IOException {
        Path text = folder.resolve("text");
        Files.writeString(text, "All of them learn this. ".repeat(300));
        JsonObject printed =
                run("--engine "
                                + engine
                                + " --lengths 4,8 --measure inference,training,decode,"
                                + "learning --json --steps 2 --text "
                                + text)
                        .json();
        JsonObject result = written();
        Assert.assertEquals(printed, result);
        JsonArray models = result.getAsJsonArray("models");
        Assert.assertEquals(models.size(), MODELS.size());
        double wanted = models.get(0).getAsJsonObject().get("parameters").getAsDouble();
        for (JsonElement model : models) {
            double found = model.getAsJsonObject().get("parameters").getAsDouble();
            Assert.assertEquals(found, wanted, 0.02 * wanted, model.toString());
        }
        for (String figure : List.of("inference", "training", "decode", "state")) {
            List<JsonObject> points = points(result, figure);
            Assert.assertEquals(points.size(), 2 * MODELS.size(), figure);
            for (JsonObject point : points) {
                Assert.assertTrue(point.get("value").getAsDouble() > 0, point.toString());
            }
        }
        List<JsonObject> states = points(result, "state");
        for (int i = 0; i < MODELS.size(); i++) {
            double longer = states.get(MODELS.size() + i).get("value").getAsDouble();
            double ratio = longer / states.get(i).get("value").getAsDouble();
            int grows = MODELS.get(i).startsWith("transformer") ? 2 : 1;
            Assert.assertEquals(ratio, grows, 1e-9, MODELS.get(i));
        }
        Assert.assertEquals(result.getAsJsonArray("learning").size(), 2 * MODELS.size());
        Set<String> expected =
                new TreeSet<>(
                        List.of(
                                "text",
                                "compare.csv",
                                "compare.json",
                                "index.html",
                                "inference.png",
                                "training.png",
                                "decode.png",
                                "state.png",
                                "learning.png"));
        Assert.assertEquals(files(), expected);
        List<String> csv = Files.readAllLines(folder.resolve("compare.csv"));
        Assert.assertEquals(csv.size(), 1 + 5 * 2 * MODELS.size());
        String page = Files.readString(folder.resolve("index.html"));
        Assert.assertEquals(page.split("src=\"data:image/png;base64,", -1).length, 1 + 5);
        Assert.assertFalse(page.contains("src=\"http"), "another file is needed");
    }

    @Test
    public void peakMemoryIsThatOfAProcessOfItsOwn() throws IOException {
        if (!ProcessFiles.isLinux()) {
            return;
        }
        CommandRun run =
                run("--models transformer --vocab 16 --lengths 64,1024 --measure memory,inference");
        Assert.assertEquals(run.code(), 0, run.err());
        List<JsonObject> peaks = points(written(), "inference-memory");
        Assert.assertEquals(peaks.size(), 2);
        double scores = 4.0 * 1024 * 1024; // of one head
        double peak = peaks.get(1).get("value").getAsDouble();
        Assert.assertTrue(peak > 2 * scores && peak < 20 * scores, "" + peak);
    }

    @Test
    public void modelsStopBeforeTheyTakeTooMuch() throws IOException {
        CommandRun run =
                run(
                        "--lengths 64,2048,4096 --measure inference --memory-limit 0.06 --call-limit 100000 --vocab 8 --models mamba,transformer,transformer-parts");
        Assert.assertEquals(run.code(), 0, run.err());
        for (JsonObject point : points(written(), "inference")) {
            boolean isLong = point.get("length").getAsInt() > 64;
            boolean stops = isLong && point.get("model").getAsString().equals("transformer");
            Assert.assertEquals(point.has("value"), !stops, point.toString());
            if (stops) {
                String reason = point.get("stopped").getAsString();
                boolean isFirst = point.get("length").getAsInt() == 2048;
                Assert.assertTrue(
                        reason.startsWith(isFirst ? "needs about " : "as at L 2,048"), reason);
            }
        }
        Assert.assertTrue(
                Files.readString(folder.resolve("index.html")).contains("stopped: needs about"));

        run = run("--lengths 4,8 --measure inference --call-limit 1e-9");
        Assert.assertEquals(run.code(), 0, run.err());
        for (JsonObject point : points(written(), "inference")) {
            boolean stops = point.get("length").getAsInt() == 8;
            Assert.assertEquals(point.has("stopped"), stops, point.toString());
            Assert.assertFalse(
                    stops && !point.get("stopped").getAsString().startsWith("a call takes"));
        }
    }

    @Test
    public void withoutAwtThereIsAllButPlots() throws IOException, InterruptedException {
        CommandRun run = run("--models mamba --lengths 4,8 --measure inference");
        Assert.assertEquals(run.code(), 0, run.err());
        Files.delete(folder.resolve("inference.png"));
        Files.delete(folder.resolve("index.html"));
        Files.delete(folder.resolve("compare.csv"));
        List<String> lines =
                new ChildJvm(Main.class)
                        .withOption(
                                "--limit-modules=java.base,java.logging,java.sql,java.management,"
                                        + "java.net.http,jdk.unsupported")
                        .run("compare", "--render", "--out", folder.toString());
        Assert.assertTrue(
                lines.stream().anyMatch(line -> line.startsWith("no plots: ")), lines.toString());
        Assert.assertEquals(
                files(), new TreeSet<>(List.of("compare.csv", "compare.json", "index.html")));
        Assert.assertTrue(
                Files.readString(folder.resolve("index.html")).contains("There are no plots here"));

        run = run("--render"); // here there is AWT
        Assert.assertEquals(run.code(), 0, run.err());
        Assert.assertTrue(files().contains("inference.png"));
    }

    /** The names in a file that another machine wrote. */
    @Test
    public void aRenderedReportHasNoControlCharacters() throws IOException {
        CommandRun run = run("--models mamba --lengths 4 --measure inference");
        Assert.assertEquals(run.code(), 0, run.err());
        Path file = folder.resolve("compare.json");
        Files.writeString(
                file, Files.readString(file).replace("\"mamba\"", "\"m\\u001b[2J\\u009bx\""));
        run = run("--render");
        Assert.assertEquals(run.code(), 0, run.err());
        for (String name : List.of("compare.csv", "compare.json", "index.html")) {
            String text = Files.readString(folder.resolve(name));
            Assert.assertTrue(text.chars().noneMatch(c -> c == 0x1b || c == 0x9b), name);
        }
        Assert.assertTrue(
                Files.readString(folder.resolve("compare.csv")).contains("m\\u001b[2J\\u009bx"));
    }

    @Test
    public void wrongUsage() throws IOException {
        run("--lengths 8,4").assertWrongUsage("ascending");
        run("--lengths 8 --models mamba,rnn").assertWrongUsage("rnn");
        run("--seconds 0").assertWrongUsage("--seconds");
        run("--memory-limit -1").assertWrongUsage("--memory-limit");
        run("--vocab 9 --text x").assertWrongUsage("--vocab 256");
        run("--render").assertFailure("there is no");
        Files.writeString(folder.resolve("compare.json"), "[1]");
        run("--render").assertFailure("is not what mamba compare writes");
    }
}
