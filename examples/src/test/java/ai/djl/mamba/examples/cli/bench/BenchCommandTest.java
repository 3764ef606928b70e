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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.mamba.examples.testing.CommandRun;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code mamba bench}: what it prints, but not the times, which are the machine's. */
public class BenchCommandTest {

    private static final String SHAPE =
            " --device cpu --batch 2 --length 3 --state 2 --seconds 0.01 --repeats 2";
    private static final String SCAN = "bench scan --inner 4" + SHAPE;
    private static final String MODEL = " --model-size 4 --layers 1 --vocab 5" + SHAPE;

    private static final List<String> TIMES = List.of("forward_ms", "backward_ms");
    private static final List<String> SPEED = List.of("tokens_per_second");

    private static CommandRun run(String arguments) {
        return CommandRun.of(arguments.split(" "));
    }

    @DataProvider
    public Object[][] commands() {
        List<Object[]> rows = new ArrayList<>();
        for (String engine : new String[] {"PyTorch", "MXNet"}) {
            String end = " --engine " + engine;
            rows.add(new Object[] {SCAN + end, 1, TIMES});
            rows.add(new Object[] {"bench prefill" + MODEL + end, 2, SPEED});
            rows.add(new Object[] {"bench decode" + MODEL + end, 1, SPEED});
        }
        for (String mamba2 : new String[] {"", " --groups 2 --engine MXNet"}) {
            String end = " --mixer mamba2 --head-size 2" + mamba2;
            rows.add(new Object[] {SCAN + end, 1, TIMES});
            rows.add(new Object[] {"bench prefill" + MODEL + end, 2, SPEED});
            rows.add(new Object[] {"bench decode" + MODEL + end, 1, SPEED});
        }
        rows.add(new Object[] {SCAN + " --precision float64", 1, TIMES});
        rows.add(new Object[] {"bench decode --inner 12 --precision float64" + MODEL, 1, SPEED});
        return rows.toArray(new Object[0][]);
    }

    @Test(dataProvider = "commands")
    public void jsonHasALineForEveryScan(String command, int cases, List<String> figures) {
        CommandRun run = run(command + " --json --scan chunked,sequential");
        Assert.assertEquals(run.code(), 0, run.err());
        JsonObject object = JsonParser.parseString(run.out()).getAsJsonObject();
        Assert.assertEquals(object.keySet(), Set.of("cases"));
        List<String> scans = new ArrayList<>();
        List<String> keys = new ArrayList<>(List.of("case", "scan"));
        keys.addAll(figures);
        keys.add("ratio_to_chunked");
        for (var element : object.getAsJsonArray("cases")) {
            JsonObject line = element.getAsJsonObject();
            Assert.assertEquals(List.copyOf(line.keySet()), keys);
            Assert.assertTrue(line.get("case").getAsString().contains("B 2, L 3,"), run.out());
            scans.add(line.get("scan").getAsString());
            for (String figure : figures) {
                Assert.assertTrue(Double.isFinite(line.get(figure).getAsDouble()), run.out());
            }
            double ratio = line.get("ratio_to_chunked").getAsDouble();
            Assert.assertTrue(ratio > 0, run.out());
            if (scans.get(scans.size() - 1).equals("chunked")) {
                Assert.assertEquals(ratio, 1, 0);
            }
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < cases; i++) {
            expected.addAll(List.of("chunked", "sequential"));
        }
        Assert.assertEquals(scans, expected);
        Assert.assertTrue(run.err().contains("ratio to chunked"), "the table: " + run.err());
    }

    @Test(dataProvider = "commands")
    public void tableHasALineForEveryScan(String command, int cases, List<String> figures) {
        CommandRun run = run(command);
        Assert.assertEquals(run.code(), 0, run.err());
        List<String> lines = run.out().lines().toList();
        List<? extends Scan<?>> all =
                command.contains("mamba2") ? Scans.SSD.all() : Scans.SELECTIVE.all();
        int scans = all.size();
        Assert.assertEquals(lines.size(), 1 + cases * (1 + scans), run.out());
        int width = lines.get(1).length();
        for (String line : lines.subList(1, lines.size())) {
            Assert.assertTrue(
                    line.length() == width || line.contains("not available: "), run.out());
        }
        for (String figure : figures) {
            String label = figure.replace('_', ' ').replace(" per second", "/s");
            Assert.assertTrue(lines.get(1).contains(label), run.out());
        }
        for (Scan<?> scan : all) {
            long count = lines.stream().filter(line -> line.startsWith("  " + scan.name())).count();
            Assert.assertEquals(count, cases, run.out());
        }
    }

    /** Ratios are within a layer, of each of its scans. */
    @Test
    public void layersAreMeasuredInOneRun() {
        CommandRun run = run(SCAN + " --mixer mamba,mamba2 --json --scan chunked,sequential");
        List<String> cases = new ArrayList<>();
        for (var line : run.json().getAsJsonArray("cases")) {
            cases.add(line.getAsJsonObject().get("case").getAsString());
        }
        String mamba = "mamba, B 2, L 3, E 4, N 2, float32";
        String mamba2 = "mamba2, B 2, L 3, E 4, P 4, G 1, N 2, float32";
        Assert.assertEquals(cases, List.of(mamba, mamba, mamba2, mamba2));
    }

    @Test
    public void ratioNeedsChunked() {
        CommandRun json = run(SCAN + " --json --scan sequential");
        Assert.assertEquals(json.code(), 0, json.err());
        Assert.assertTrue(json.out().contains("\"ratio_to_chunked\":null"), json.out());
        CommandRun table = run(SCAN + " --scan sequential");
        Assert.assertTrue(table.out().stripTrailing().endsWith(" -"), table.out());
    }

    @Test
    public void chosenScanIsThatOfTheRunOnly() {
        String before = System.getProperty(Scans.PROPERTY);
        System.setProperty(Scans.PROPERTY, "nonsense"); // a layer that looks at it fails
        try {
            CommandRun run = run("bench decode --scan sequential" + MODEL);
            Assert.assertEquals(run.code(), 0, run.err());
            Assert.assertEquals(System.getProperty(Scans.PROPERTY), "nonsense");
        } finally {
            if (before == null) {
                System.clearProperty(Scans.PROPERTY);
            } else {
                System.setProperty(Scans.PROPERTY, before);
            }
        }
    }

    @DataProvider
    public Object[][] wrongUsage() {
        return new Object[][] {
            {"bench", "subcommand"},
            {"bench nonsense", "nonsense"},
            {"bench scan --batch 0", "at least 1, got 0"},
            {"bench scan --length -1", "at least 1, got -1"},
            {"bench scan --inner 0", "--inner"},
            {"bench scan --state 0", "--state"},
            {"bench scan --repeats 0", "--repeats"},
            {"bench scan --seconds 0", "--seconds"},
            {"bench scan --seconds NaN", "--seconds"},
            {"bench scan --precision int8", "FLOAT64"},
            {"bench scan --scan warp", "chunked"},
            {"bench scan --scan chunked,warp", "sequential"},
            {"bench scan --mixer s4d", "--mixer"},
            {"bench scan --head-size 2", "only --mixer mamba2 has it"},
            {"bench scan --mixer mamba2 --head-size 7", "--head-size"},
            {"bench prefill --mixer mamba,mamba2 --groups 3", "--groups"},
            {"bench scan --device toaster", "gpu0"},
            {"bench scan --engine Abacus", "MXNet"},
            {"bench prefill --length 0", "--length"},
            {"bench prefill --model-size 0", "--model-size"},
            {"bench decode --length 0", "--length"},
            {"bench decode --layers 0", "--layers"},
            {"bench decode --vocab 0", "--vocab"},
            {"bench decode --model-size 4 --inner 6", "multiple"},
        };
    }

    @Test(dataProvider = "wrongUsage")
    public void wrongUsageIsTwo(String command, String message) {
        CommandRun run = run(command);
        Assert.assertEquals(run.code(), 2, run.err());
        Assert.assertEquals(run.out(), "");
        Assert.assertEquals(run.err().lines().count(), 2, run.err());
        Assert.assertTrue(run.err().contains(message), run.err());
        Assert.assertTrue(run.err().contains("--help"), run.err());
    }

    @Test
    public void unknownGpuIsOne() {
        CommandRun run = run("bench scan --device gpu77");
        Assert.assertEquals(run.code(), 1, run.err());
        Assert.assertEquals(run.err().lines().count(), 1, run.err());
        Assert.assertTrue(run.err().contains("gpu77"), run.err());
    }

    @Test
    public void helpSaysWhatTheNumbersMean() {
        for (String command : new String[] {"scan", "prefill", "decode"}) {
            CommandRun run = run("bench " + command + " --help");
            Assert.assertEquals(run.code(), 0, run.err());
            Assert.assertTrue(run.out().contains("ratio_to_chunked: "), run.out());
            Assert.assertTrue(
                    run.out().contains("forward_ms: ") || run.out().contains("tokens_per_second: "),
                    run.out());
            Assert.assertTrue(run.out().contains("(default: auto)"), run.out());
        }
        Assert.assertEquals(run("bench --help").code(), 0);
    }
}
