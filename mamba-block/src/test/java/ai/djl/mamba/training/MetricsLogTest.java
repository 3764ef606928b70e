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
package ai.djl.mamba.training;

import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Metrics are lines of JSON, and no step stands in the file twice. */
public class MetricsLogTest {

    private Path folder;
    private Path file;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-metrics");
        file = folder.resolve("metrics.jsonl");
    }

    @AfterMethod
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(folder);
    }

    private void write(MetricsLog log, int... steps) throws IOException {
        for (int step : steps) {
            log.write(step, Map.of("loss", 1.0 / step));
        }
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file);
    }

    @Test
    public void writesOneObjectALine() throws IOException {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("loss", 0.1f);
        metrics.put("tokens", 4096L);
        metrics.put("gradientNorm", Double.NaN);
        metrics.put("bits", Float.POSITIVE_INFINITY);
        metrics.put("event", "saved\n\"a\" <ä>");
        metrics.put("best", true);
        metrics.put("nothing", null);
        try (MetricsLog log = MetricsLog.open(file)) {
            log.write(7, metrics);
            Assert.assertEquals(
                    lines(),
                    List.of(
                            "{\"step\":7,\"loss\":0.1,\"tokens\":4096,\"gradientNorm\":null,"
                                    + "\"bits\":null,\"event\":\"saved\\n\\\"a\\\" <ä>\","
                                    + "\"best\":true,\"nothing\":null}"),
                    "before it is closed");
        }
    }

    @Test
    public void appends() throws IOException {
        try (MetricsLog log = MetricsLog.open(file)) {
            write(log, 1, 2);
        }
        try (MetricsLog log = MetricsLog.open(file)) {
            write(log, 3);
        }
        Assert.assertEquals(
                lines(),
                Arrays.asList(
                        "{\"step\":1,\"loss\":1.0}",
                        "{\"step\":2,\"loss\":0.5}",
                        "{\"step\":3,\"loss\":0.3333333333333333}"));
    }

    @Test
    public void resumesBehindAStep() throws IOException {
        try (MetricsLog log = MetricsLog.open(file)) {
            write(log, 1, 2, 2, 4, 5);
        }
        Files.writeString(file, "{\"step\":6,\"lo", StandardOpenOption.APPEND); // was killed
        try (MetricsLog log = MetricsLog.resume(file, 3)) {
            Assert.assertEquals(lines().size(), 3, "lines up to step 3");
            write(log, 4);
        }
        Assert.assertEquals(lines().size(), 4);
        Assert.assertEquals(lines().get(3), "{\"step\":4,\"loss\":0.25}");
        MetricsLog.resume(file, 0).close();
        Assert.assertEquals(Files.size(file), 0, "nothing is before the first step");
    }

    @Test
    public void cutsTheHalfLineOfARunThatWasKilled() throws IOException {
        Files.writeString(file, "{\"step\":1,\"loss\":1.0}\n{\"step\":2,\"loss\":0.5}");
        try (MetricsLog log = MetricsLog.open(file)) {
            write(log, 2);
        }
        Assert.assertEquals(
                lines(), List.of("{\"step\":1,\"loss\":1.0}", "{\"step\":2,\"loss\":0.5}"));
    }

    @Test
    public void leavesAFileThatIsNoLogAlone() throws IOException {
        for (String line : new String[] {"loss: 3", "{}", "[1]", "{\"step\":\"x\"}", "3", ""}) {
            String content = "{\"step\":1}\n" + line + "\n{\"step\":3}\n";
            Files.writeString(file, content);
            Exception e = Assert.expectThrows(IOException.class, () -> MetricsLog.resume(file, 2));
            Assert.assertTrue(e.getMessage().contains("line 2"), e.getMessage());
            Assert.assertEquals(Files.readString(file), content);
        }
    }

    /** Only what a run left of a line is removed; a link is not followed. */
    @Test
    public void othersFilesStay() throws IOException {
        Files.writeString(file, "a note without an end of line");
        IOException e = Assert.expectThrows(IOException.class, () -> MetricsLog.open(file));
        Assert.assertTrue(e.getMessage().contains("line 1: expected an object"), e.getMessage());
        Assert.assertEquals(lines(), List.of("a note without an end of line"));
        Path target = Files.writeString(folder.resolve("target"), "{\"step\":3}\n");
        Files.delete(file);
        Files.createSymbolicLink(file, target);
        e = Assert.expectThrows(IOException.class, () -> MetricsLog.resume(file, 1));
        Assert.assertTrue(e.getMessage().contains("a link, expected a file"), e.getMessage());
        Assert.assertEquals(Files.readString(target), "{\"step\":3}\n");
    }
}
