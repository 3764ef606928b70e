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

import ai.djl.mamba.examples.cli.compare.CompareResult.LearningPoint;
import ai.djl.mamba.examples.cli.compare.CompareResult.ModelLine;
import ai.djl.mamba.examples.cli.compare.CompareResult.Point;
import ai.djl.mamba.examples.cli.report.CsvTable;
import ai.djl.mamba.examples.cli.report.LinePlot;
import ai.djl.mamba.examples.cli.report.Numbers;
import ai.djl.mamba.examples.cli.report.Page;
import ai.djl.mamba.examples.cli.report.Plots;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.examples.cli.report.Series;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Writes compare.csv, compare.json, plots, and index.html. */
final class CompareReport {

    /** The file from which a report can be created again. */
    static final String JSON = "compare.json";

    private static final double MIB = 1 << 20;

    private final CompareResult result;
    private final String noPlots;

    CompareReport(CompareResult result) {
        this.result = result;
        noPlots = Plots.unavailable();
    }

    /** Checks, before there are results, that they can be written. */
    static void check(ReportFolder folder) throws IOException {
        folder.check(JSON, "compare.csv", "learning.png", "index.html");
        for (CompareFigure figure : CompareFigure.values()) {
            folder.check(figure.key() + ".png");
        }
    }

    /** Why there are no plots, or {@code null}. */
    String noPlots() {
        return noPlots;
    }

    /** Writes all files; the page comes last. */
    void write(ReportFolder folder) throws IOException {
        folder.write(
                JSON,
                new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(result)
                        + '\n');
        folder.write("compare.csv", csv().text());
        Map<String, byte[]> plots = noPlots == null ? plots() : Map.of();
        for (Map.Entry<String, byte[]> plot : plots.entrySet()) {
            folder.write(plot.getKey() + ".png", plot.getValue());
        }
        folder.write("index.html", page(plots).html());
    }

    private CsvTable csv() {
        List<List<Object>> rows = new ArrayList<>();
        for (Point point : result.points()) {
            List<Object> row = new ArrayList<>();
            CompareFigure figure = CompareFigure.of(point.figure());
            row.add(point.figure());
            row.add(figure == null ? null : figure.unit());
            row.add(point.model());
            row.add(point.length());
            row.add(point.value());
            row.add(point.stopped());
            rows.add(row);
        }
        for (LearningPoint point : result.learning()) {
            List<Object> row = new ArrayList<>();
            row.add("learning");
            row.add("bits per byte");
            row.add(point.model());
            row.add(point.step());
            row.add(point.bitsPerByte());
            row.add(null);
            rows.add(row);
        }
        return new CsvTable(
                List.of("figure", "unit", "model", "length_or_step", "value", "stopped"), rows);
    }

    private Map<String, byte[]> plots() throws IOException {
        Map<String, byte[]> plots = new LinkedHashMap<>();
        for (CompareFigure figure : CompareFigure.values()) {
            if (result.points(figure).stream().anyMatch(point -> point.value() != null)) {
                plots.put(figure.key(), plot(figure));
            }
        }
        if (!result.learning().isEmpty()) {
            plots.put("learning", learningPlot());
        }
        return plots;
    }

    private byte[] plot(CompareFigure figure) throws IOException {
        String unit = figure.isBytes() ? "MiB" : figure.unit();
        String xTitle =
                figure == CompareFigure.DECODE || figure == CompareFigure.STATE
                        ? "context (tokens)"
                        : "length L of a sequence (tokens)";
        LinePlot.Builder plot =
                LinePlot.builder()
                        .setTitle(figure.title())
                        .setAxes(xTitle, unit)
                        .optDoubling(true, true);
        for (ModelLine model : result.models()) {
            List<Point> points =
                    result.points(figure).stream()
                            .filter(point -> point.model().equals(model.name()))
                            .toList();
            double scale = figure.isBytes() ? MIB : 1;
            plot.addSeries(
                    new Series(
                            model.label(),
                            points.stream().mapToDouble(Point::length).toArray(),
                            points.stream()
                                    .mapToDouble(
                                            p -> p.value() == null ? Double.NaN : p.value() / scale)
                                    .toArray()));
        }
        return plot.build().png();
    }

    private byte[] learningPlot() throws IOException {
        LinePlot.Builder plot =
                LinePlot.builder()
                        .setTitle("Learning the same text")
                        .setAxes("steps of training", "bits per byte of held-out text");
        for (ModelLine model : result.models()) {
            List<LearningPoint> points =
                    result.learning().stream()
                            .filter(point -> point.model().equals(model.name()))
                            .toList();
            plot.addSeries(
                    new Series(
                            model.label(),
                            points.stream().mapToDouble(LearningPoint::step).toArray(),
                            points.stream().mapToDouble(LearningPoint::bitsPerByte).toArray()));
        }
        return plot.build().png();
    }

    private Page page(Map<String, byte[]> plots) {
        Page page =
                new Page(
                        "Mamba, its relatives and transformers on DJL",
                        "The same number of parameters, the same data and optimizer, one machine,"
                                + " one run. What does a token cost, and how does the cost grow with"
                                + " the length of the text?");
        List<String> findings = CompareFindings.of(result);
        if (!findings.isEmpty()) {
            page.heading("Results").list(findings);
        }
        if (noPlots != null) {
            page.paragraph("There are no plots here: " + noPlots + ".");
        }
        for (CompareFigure figure : CompareFigure.values()) {
            if (!result.points(figure).isEmpty()) {
                page.heading(figure.title());
                if (plots.containsKey(figure.key())) {
                    page.figure(plots.get(figure.key()), caption(figure));
                }
                table(page, figure);
            }
        }
        if (!result.learning().isEmpty()) {
            page.heading("Learning the same text");
            if (plots.containsKey("learning")) {
                page.figure(
                        plots.get("learning"), "Bits per byte of held-out text; lower is better.");
            }
        }
        about(page);
        return page;
    }

    private static String caption(CompareFigure figure) {
        String axes = "Each line of the grid is a doubling. ";
        return axes
                + switch (figure) {
                    case INFERENCE, TRAINING ->
                            "A flat line is a cost per token that does not depend on the length;"
                                    + " higher is better.";
                    case DECODE -> "A flat line is a cost that does not depend on what was read.";
                    case STATE ->
                            "The states of recurrent models, the keys and values of attention.";
                    case INFERENCE_MEMORY, TRAINING_MEMORY ->
                            "One step up for each step to the right is proportional to L, two are"
                                    + " proportional to L².";
                };
    }

    private void table(Page page, CompareFigure figure) {
        List<String> header = new ArrayList<>(List.of("L"));
        result.models().forEach(model -> header.add(model.label()));
        List<List<String>> rows = new ArrayList<>();
        for (int length : result.points(figure).stream().map(Point::length).distinct().toList()) {
            List<String> row = new ArrayList<>(List.of(String.format("%,d", length)));
            for (ModelLine model : result.models()) {
                row.add(cell(figure, model.name(), length));
            }
            rows.add(row);
        }
        page.table(figure.isBytes() ? "Memory" : capitalized(figure.unit()), header, rows);
    }

    private String cell(CompareFigure figure, String model, int length) {
        OptionalDouble value = result.value(figure, model, length);
        if (value.isPresent()) {
            return figure.isBytes()
                    ? Numbers.bytes(value.getAsDouble())
                    : Numbers.significant(value.getAsDouble());
        }
        return result.points(figure).stream()
                .filter(point -> point.model().equals(model) && point.length() == length)
                .filter(point -> point.stopped() != null)
                .map(point -> "stopped: " + point.stopped())
                .findFirst()
                .orElse("–");
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private void about(Page page) {
        page.heading("The models");
        List<List<String>> rows = new ArrayList<>();
        long reference = result.models().get(0).parameters();
        for (ModelLine model : result.models()) {
            double percent = 100.0 * (model.parameters() - reference) / reference;
            rows.add(
                    List.of(
                            model.label(),
                            String.format("%,d", model.parameters()),
                            String.format(Locale.ROOT, "%+.2f %%", percent)));
        }
        page.table("Parameters", List.of("model", "parameters", "difference"), rows);
        page.list(result.models().stream().map(m -> m.label() + ": " + m.about()).toList());
        page.heading("Why the comparison is fair");
        page.list(
                List.of(
                        "The models take turns within one process, A B C A B C …, and a figure is"
                                + " the median over the rounds: whatever else the machine did"
                                + " affected all of them alike.",
                        "Each is in the best form that this library and DJL have for it: scans with"
                                + " native operators if the engine has them, time-invariant layers as a"
                                + " convolution where that is faster, transformers decoding with cached"
                                + " keys and values. DJL has no fused attention; one that never stores"
                                + " the scores would save memory, but not the L² of arithmetic.",
                        "Two Mamba blocks are compared with one attention and one feed-forward block,"
                                + " and the width of the feed-forward block (or the state size of a"
                                + " relative of Mamba) was chosen so that all have equally many"
                                + " parameters.",
                        "Weights and tokens are random in all figures except the learning curves: the"
                                + " time does not depend on them. The context of a decoding"
                                + " transformer is a cache filled with random numbers.",
                        "Peak memory is measured in a process of its own for each model: the growth of"
                                + " its resident set (on a GPU, of what the engine holds) in addition to"
                                + " the weights.",
                        "A model stops if the next call would take more memory than is free, or more"
                                + " time than the limit; the tables say which."));
        page.heading("Setup");
        List<List<String>> facts = new ArrayList<>();
        result.machine().forEach((name, value) -> facts.add(List.of(name, value)));
        result.settings().forEach((name, value) -> facts.add(List.of(name, value)));
        page.table("Machine and settings", List.of("", ""), facts);
        page.paragraph("To measure it again:");
        page.code(result.command());
        page.footer(
                "Measured "
                        + result.created()
                        + " (UTC). Figures are in compare.csv, all in "
                        + JSON
                        + '.');
    }
}
