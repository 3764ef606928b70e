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
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Trainings that version 0.1 began, and that were stopped there, end here as they would have there.
 */
public class LegacyRunsTest {

    /** Other processors round differently. */
    private static final double TOLERANCE = 1e-3;

    private Path work;

    @BeforeMethod
    public void makeFolder() throws IOException {
        work = Files.createTempDirectory("mamba-legacy");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(work);
    }

    private static Path samples() throws Exception {
        return Path.of(LegacyRunsTest.class.getResource("/legacy").toURI());
    }

    private static JsonObject expected() throws Exception {
        return JsonParser.parseString(Files.readString(samples().resolve("expected.json")))
                .getAsJsonObject();
    }

    /** Those whose model is not named by a path, which is part of what has to be the same. */
    @DataProvider
    public static Object[][] runs() throws Exception {
        List<Object[]> rows = new ArrayList<>();
        for (String name : expected().keySet()) {
            if (!arguments(name).contains("base")) {
                rows.add(new Object[] {name});
            }
        }
        Assert.assertTrue(rows.size() >= 4);
        return rows.toArray(Object[][]::new);
    }

    private static List<String> arguments(String name) throws Exception {
        return expected().getAsJsonObject(name).getAsJsonArray("arguments").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    @Test(dataProvider = "runs")
    public void aRunOfVersionOneEndsHere(String name) throws Exception {
        copy(samples().resolve(name), work.resolve("run"));
        String text = samples().resolve("text.txt").toString();
        List<String> arguments = new ArrayList<>();
        arguments(name).forEach(word -> arguments.add(word.equals("text.txt") ? text : word));
        arguments.addAll(List.of("--out", work.resolve("run").toString(), "--resume", "--json"));
        CommandRun run = CommandRun.of(arguments.toArray(new String[0]));
        JsonObject found = run.json();
        JsonObject sample = expected().getAsJsonObject(name);
        String stopped = sample.get("stopped_after_step").getAsString();
        Assert.assertTrue(run.err().contains("resuming after step " + stopped), run.err());
        JsonObject figures = sample.getAsJsonObject("final_figures");
        for (String key : figures.keySet()) {
            JsonElement value = figures.get(key);
            if (value.getAsJsonPrimitive().isNumber()) {
                double number = value.getAsDouble();
                Assert.assertEquals(
                        found.get(key).getAsDouble(), number, TOLERANCE * Math.abs(number), key);
            } else {
                Assert.assertEquals(found.get(key), value, key);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
