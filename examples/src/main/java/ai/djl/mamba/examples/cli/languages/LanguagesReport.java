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

import ai.djl.mamba.examples.cli.languages.LanguageData.Count;
import ai.djl.mamba.examples.cli.languages.LanguagesResult.Run;
import ai.djl.mamba.examples.cli.report.CsvTable;
import ai.djl.mamba.examples.cli.report.LinePlot;
import ai.djl.mamba.examples.cli.report.MatrixPlot;
import ai.djl.mamba.examples.cli.report.Page;
import ai.djl.mamba.examples.cli.report.Plots;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.examples.cli.report.Series;
import ai.djl.mamba.training.Evaluation;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes languages.json, two CSV files, two plots, and index.html. */
final class LanguagesReport {

    private static final String ACCURACY = "accuracy";
    private static final String CONFUSION = "confusion";

    private final LanguagesResult result;
    private final String noPlots = Plots.unavailable();

    LanguagesReport(LanguagesResult result) {
        this.result = result;
    }

    /** Checks, before there are results, that they can be written. */
    static void check(ReportFolder folder) throws IOException {
        folder.check(LanguageData.TRAINING, LanguageData.TEST, "languages.json", "index.html");
        for (String name : List.of(ACCURACY, CONFUSION)) {
            folder.check(name + ".csv", name + ".png");
        }
    }

    /** Why there are no plots, or {@code null}. */
    String noPlots() {
        return noPlots;
    }

    /** Writes all files; the page comes last. */
    void write(ReportFolder folder) throws IOException {
        folder.write(
                "languages.json",
                new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(result)
                        + '\n');
        folder.write(ACCURACY + ".csv", curves().text());
        folder.write(CONFUSION + ".csv", confusion().text());
        Map<String, byte[]> plots = new LinkedHashMap<>();
        if (noPlots == null) {
            plots.put(ACCURACY, accuracyPlot());
            plots.put(CONFUSION, confusionPlot());
        }
        for (Map.Entry<String, byte[]> plot : plots.entrySet()) {
            folder.write(plot.getKey() + ".png", plot.getValue());
        }
        folder.write("index.html", page(plots).html());
    }

    private CsvTable curves() {
        List<List<Object>> rows = new ArrayList<>();
        for (Run run : result.runs()) {
            for (Evaluation point : run.curve()) {
                rows.add(List.of(run.key(), point.step(), point.accuracy(), point.meanNll()));
            }
        }
        return new CsvTable(List.of("start", "step", "accuracy", "loss"), rows);
    }

    private CsvTable confusion() {
        List<String> names = result.names();
        List<String> header = new ArrayList<>(List.of("language"));
        header.addAll(names);
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            List<Object> row = new ArrayList<>(List.of(names.get(i)));
            row.addAll(result.confusion().get(i));
            rows.add(row);
        }
        return new CsvTable(header, rows);
    }

    private byte[] accuracyPlot() throws IOException {
        LinePlot.Builder plot =
                LinePlot.builder()
                        .setTitle("Languages of files, from their bytes")
                        .setAxes("steps of training", "files recognized (%)")
                        .optYRange(0, 100);
        for (LanguageStart start :
                LanguageStart.values()) { // each has its own colour, whichever ran
            Run run = result.run(start);
            List<Evaluation> curve = run == null ? List.of() : run.curve();
            plot.addSeries(
                    new Series(
                            start.label(),
                            curve.stream().mapToDouble(Evaluation::step).toArray(),
                            curve.stream().mapToDouble(e -> 100 * e.accuracy()).toArray()));
        }
        return plot.build().png();
    }

    private byte[] confusionPlot() throws IOException {
        double[][] cells =
                result.confusion().stream()
                        .map(row -> row.stream().mapToDouble(count -> count).toArray())
                        .toArray(double[][]::new);
        return new MatrixPlot(
                        "Files by language: " + LanguageStart.of(result.best()).label(),
                        "taken for",
                        "language by the name",
                        result.names(),
                        result.names(),
                        cells)
                .png();
    }

    private Page page(Map<String, byte[]> plots) {
        Page page =
                new Page(
                        "Which language is this file in?",
                        "Classifiers read some bytes of a file and recognize its language. Does it help"
                                + " to have learned to predict bytes first?");
        page.heading("Results").list(LanguagesFindings.of(result));
        if (noPlots != null) {
            page.paragraph("There are no plots here: " + noPlots + ".");
        }
        if (plots.containsKey(ACCURACY)) {
            page.figure(plots.get(ACCURACY), "On files that no classifier was trained on.");
        }
        page.table(
                "Classifiers",
                List.of("start", "trained", "part", "peak rate", "seconds", "accuracy"),
                result.runs().stream().map(LanguagesReport::row).toList());
        page.heading("Confusions");
        if (plots.containsKey(CONFUSION)) {
            page.figure(
                    plots.get(CONFUSION),
                    "Each row is a language, each column what its files were taken for.");
        }
        page.table(
                "Files",
                List.of("language", "to train on", "to evaluate on", "recognized"),
                rows());
        about(page);
        return page;
    }

    private static List<String> row(Run run) {
        return List.of(
                run.start().label(),
                String.format("%,d", run.trained()),
                String.format(Locale.ROOT, "%.2f %%", 100 * run.trainedPart()),
                String.valueOf(run.learningRate()),
                String.format(Locale.ROOT, "%.0f", run.seconds()),
                String.format(Locale.ROOT, "%.1f %%", 100 * run.accuracy()));
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < result.languages().size(); i++) {
            Count count = result.languages().get(i);
            rows.add(
                    Arrays.asList(
                            count.language(),
                            String.format("%,d", count.training()),
                            String.format("%,d", count.test()),
                            String.valueOf(result.confusion().get(i).get(i))));
        }
        return rows;
    }

    private void about(Page page) {
        page.heading("Why the comparison is fair");
        page.list(
                List.of(
                        "All classifiers have the same sizes, batches in the same order, steps,"
                                + " optimizer and schedule; each has a learning rate of its own,"
                                + " and the last step is evaluated, not the best one.",
                        "The language is that of the extension of the name; the name itself is not"
                                + " read.",
                        "A hash of the whole file decides whether it is for training or evaluation;"
                                + " of files, or windows, that have the same letters, one is"
                                + " taken.",
                        "Files of one package may still be alike: the accuracy holds for files like"
                                + " those on this machine."));
        page.heading("Setup");
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("pretrained model", result.model()));
        result.settings().forEach((name, value) -> facts.add(List.of(name, value)));
        result.machine().forEach((name, value) -> facts.add(List.of(name, value)));
        page.table("Settings and machine", List.of("", ""), facts);
        page.paragraph("To measure it again:");
        page.code(result.command());
        page.footer("Measured " + result.created() + " (UTC). All figures are in languages.json.");
    }
}
