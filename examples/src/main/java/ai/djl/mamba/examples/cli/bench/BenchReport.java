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

import ai.djl.mamba.examples.cli.bench.RoundRobin.Outcome;
import ai.djl.mamba.examples.cli.common.Output;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Prints the measurements of a {@link RoundRobin}.
 *
 * @param columns the figures of a line, from the medians of its tasks
 * @param speed the figure that is compared with the yardstick, likewise
 */
record BenchReport(List<Column> columns, ToDoubleFunction<List<Double>> speed) {

    private static final String YARDSTICK = "chunked";
    private static final String RATIO_KEY = "ratio_to_chunked";
    private static final String RATIO_LABEL = "ratio to chunked";
    private static final int GAP = 2;

    /**
     * A figure.
     *
     * @param label its name for people
     * @param key its name in JSON
     * @param figure the figure, from the medians
     */
    record Column(String label, String key, ToDoubleFunction<List<Double>> figure) {}

    /** A report of a single task that handles a number of tokens. */
    static BenchReport ofTokens(double tokens) {
        ToDoubleFunction<List<Double>> speed = medians -> tokens / medians.get(0);
        return new BenchReport(List.of(new Column("tokens/s", "tokens_per_second", speed)), speed);
    }

    /**
     * Prints the table and, if it was asked for, the JSON object.
     *
     * @param output where to print
     * @param outcomes the lines, those of one case next to each other
     */
    void print(Output output, List<Outcome> outcomes) {
        table(output, outcomes);
        JsonArray cases = new JsonArray();
        for (Outcome outcome : outcomes) {
            if (outcome.isAvailable()) {
                cases.add(json(outcome, outcomes));
            }
        }
        JsonObject result = new JsonObject();
        result.add("cases", cases);
        output.result(result);
    }

    private JsonObject json(Outcome outcome, List<Outcome> outcomes) {
        JsonObject object = new JsonObject();
        object.addProperty("case", outcome.entry().caseName());
        object.addProperty("scan", outcome.entry().scan());
        for (Column column : columns) {
            object.addProperty(column.key(), column.figure().applyAsDouble(outcome.medians()));
        }
        object.addProperty(RATIO_KEY, ratio(outcome, outcomes));
        return object;
    }

    /** How many times as fast as the yardstick in the same case; null without one. */
    private Double ratio(Outcome outcome, List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(other -> other.entry().scan().equals(YARDSTICK) && other.isAvailable())
                .filter(other -> other.entry().caseName().equals(outcome.entry().caseName()))
                .findFirst()
                .map(
                        other ->
                                speed.applyAsDouble(outcome.medians())
                                        / speed.applyAsDouble(other.medians()))
                .orElse(null);
    }

    private void table(Output output, List<Outcome> outcomes) {
        int width = 0;
        for (Outcome outcome : outcomes) {
            width = Math.max(width, outcome.entry().caseName().length());
            width = Math.max(width, GAP + outcome.entry().scan().length());
        }
        String caseName = null;
        for (Outcome outcome : outcomes) {
            if (!outcome.entry().caseName().equals(caseName)) {
                caseName = outcome.entry().caseName();
                output.line("%s", head(caseName, width));
            }
            output.line("%s", line(outcome, outcomes, width));
        }
    }

    private String head(String caseName, int width) {
        StringBuilder line = new StringBuilder(pad(caseName, -width));
        columns.forEach(column -> line.append(pad(column.label(), columnWidth(column.label()))));
        return line.append(pad(RATIO_LABEL, columnWidth(RATIO_LABEL))).toString();
    }

    private String line(Outcome outcome, List<Outcome> outcomes, int width) {
        String scan = " ".repeat(GAP) + outcome.entry().scan();
        if (!outcome.isAvailable()) {
            return pad(scan, -width) + " ".repeat(GAP) + "not available: " + outcome.reason();
        }
        StringBuilder line = new StringBuilder(pad(scan, -width));
        for (Column column : columns) {
            String figure = number(column.figure().applyAsDouble(outcome.medians()));
            line.append(pad(figure, columnWidth(column.label())));
        }
        Double ratio = ratio(outcome, outcomes);
        String last = ratio == null ? "-" : String.format("%.2f", ratio);
        return line.append(pad(last, columnWidth(RATIO_LABEL))).toString();
    }

    private static int columnWidth(String label) {
        return GAP + Math.max(label.length(), "1,000,000".length());
    }

    private static String number(double value) {
        return String.format(value >= 1000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f", value);
    }

    /** Pads to a width, at the left, or at the right for a negative width. */
    private static String pad(String text, int width) {
        return String.format("%" + width + "s", text);
    }
}
