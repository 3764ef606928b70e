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

import ai.djl.mamba.examples.cli.bench.BenchReport.Column;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Entry;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Outcome;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.Output;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Measuring in turns, and what becomes of a scan that cannot run, with tasks that take no time. */
public class RoundRobinTest {

    private static final BenchReport REPORT =
            new BenchReport(
                    List.of(new Column("ms", "ms", medians -> 1000 * medians.get(0))),
                    medians -> 1 / medians.get(0));

    private final List<String> calls = new ArrayList<>();

    /** A task that pretends to take the given times, one after another, the last for ever. */
    private Entry entry(String scan, double... seconds) {
        int[] next = {0};
        Task task =
                count -> {
                    calls.add(scan + count);
                    return count * seconds[Math.min(next[0]++, seconds.length - 1)];
                };
        return new Entry("a case", scan, List.of(task));
    }

    private static Entry unavailable(String scan) {
        Task task =
                count -> {
                    throw new IllegalStateException("no library for " + scan);
                };
        return new Entry("a case", scan, List.of(task));
    }

    @Test
    public void measuresInTurns() {
        calls.clear();
        RoundRobin roundRobin = new RoundRobin(3, 1e-9, 5);
        List<Outcome> outcomes = roundRobin.measure(List.of(entry("a", 1), entry("b", 2)));
        Assert.assertEquals(roundRobin.rounds(), 1, "no time for more");
        // first use, warm-up, one round
        Assert.assertEquals(calls, List.of("a1", "b1", "a1", "b1", "a1", "b1"));
        Assert.assertEquals(outcomes.get(1).medians(), List.of(2.0));
    }

    @Test
    public void takesMediansOfTheRounds() {
        double[] seconds = {10, 1, 4, 2};
        RoundRobin roundRobin = new RoundRobin(seconds.length, 2, 1);
        Task task = count -> seconds[roundRobin.rounds()];
        Entry entry = new Entry("a case", "a", List.of(task, task));
        Outcome outcome = roundRobin.measure(List.of(entry)).get(0);
        Assert.assertEquals(roundRobin.rounds(), seconds.length);
        Assert.assertEquals(outcome.medians(), List.of(3.0, 3.0));
    }

    @Test
    public void shortTasksAreCalledInARow() {
        calls.clear();
        new RoundRobin(1, 1e-9, 5).measure(List.of(entry("a", 0.004)));
        Assert.assertEquals(calls, List.of("a1", "a1", "a3"));
        calls.clear();
        new RoundRobin(1, 1e-9, 2).measure(List.of(entry("a", 0.004)));
        Assert.assertEquals(calls, List.of("a1", "a1", "a2"), "not more than allowed");
    }

    @Test
    public void missingScanIsListedWithItsReason() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Output output = new Output(new PrintWriter(out, true), new PrintWriter(err, true), true);
        List<Entry> entries = List.of(unavailable("native"), entry("chunked", 2), entry("b", 1));
        REPORT.print(output, new RoundRobin(1, 1e-9, 1).measure(entries));
        List<String> table = err.toString().lines().toList();
        Assert.assertEquals(table.size(), 4, err.toString());
        Assert.assertTrue(table.get(1).endsWith("not available: no library for native"));
        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        Assert.assertEquals(json.getAsJsonArray("cases").size(), 2);
        JsonObject last = json.getAsJsonArray("cases").get(1).getAsJsonObject();
        Assert.assertEquals(last.get("scan").getAsString(), "b");
        Assert.assertEquals(last.get("ms").getAsDouble(), 1000, 1e-9);
        Assert.assertEquals(last.get("ratio_to_chunked").getAsDouble(), 2, 1e-9);
    }

    @Test
    public void nothingToMeasureIsAFailure() {
        List<Entry> entries = List.of(unavailable("native"), unavailable("other"));
        RoundRobin roundRobin = new RoundRobin(1, 1e-9, 1);
        Failure failure = Assert.expectThrows(Failure.class, () -> roundRobin.measure(entries));
        Assert.assertTrue(failure.getMessage().contains("no library for native"));
    }
}
