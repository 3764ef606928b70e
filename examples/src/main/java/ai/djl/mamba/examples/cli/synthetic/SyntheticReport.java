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

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.report.CsvTable;
import ai.djl.mamba.examples.cli.report.LinePlot;
import ai.djl.mamba.examples.cli.report.Page;
import ai.djl.mamba.examples.cli.report.Plots;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.examples.cli.report.Series;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results of {@code mamba synthetic}, beside those of the paper. */
final class SyntheticReport {

    private static final Gson GSON =
            new GsonBuilder().serializeNulls().setPrettyPrinting().create();
    private static final double ROOM = 4; // above 100 % and below 0 %, for lines along them

    private final SyntheticTask task;
    private final List<SyntheticResult> results;

    SyntheticReport(SyntheticTask task, List<SyntheticResult> results) {
        this.task = task;
        this.results = List.copyOf(results);
    }

    /** Prints a row for each model and length. */
    void print(Output output) {
        output.line(
                "%s, accuracy in %% (guessing gives %.1f)%n%-24s %10s %9s %9s %7s",
                task.title(), 100 * task.chance(), "", "tokens", "answers", "accuracy", "paper");
        for (SyntheticResult result : results) {
            for (SyntheticEvaluator.Accuracy accuracy : result.accuracies()) {
                output.line(
                        "%-24s %,10d %,9d %9.2f %7s",
                        result.model().title(),
                        accuracy.length(),
                        accuracy.answers(),
                        100 * accuracy.value(),
                        paper(result.model(), accuracy.length()));
            }
        }
    }

    private String paper(SyntheticModel model, int length) {
        Double percent = model.paperPercent(task, length);
        return percent == null ? "–" : percent.toString();
    }

    /** All results. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("task", task.toString());
        JsonArray array = new JsonArray();
        results.forEach(result -> array.add(result.toJson()));
        json.add("results", array);
        return json;
    }

    /** Checks, before there are results, that they can be written. */
    static void check(ReportFolder folder) throws IOException {
        folder.check(
                "results.json",
                "accuracy.csv",
                "training.csv",
                "accuracy.png",
                "training.png",
                "index.html");
    }

    /**
     * Writes {@code results.json}, {@code accuracy.csv}, {@code training.csv}, and, if this Java
     * can draw, the plots and {@code index.html}.
     *
     * @return why there are no plots, or {@code null} if there are
     */
    String write(ReportFolder folder) throws IOException {
        folder.write("results.json", GSON.toJson(toJson()) + "\n");
        folder.write("accuracy.csv", accuracies().text());
        folder.write("training.csv", curves().text());
        String unavailable = Plots.unavailable();
        if (unavailable != null) {
            return unavailable;
        }
        Page page = new Page(task.title(), lead());
        if (task == SyntheticTask.INDUCTION_HEADS) {
            byte[] byLength = byLength();
            folder.write("accuracy.png", byLength);
            page.figure(
                    byLength,
                    "Accuracy by the length of the test sequences; no training sequence was longer"
                            + " than "
                            + results.get(0).settings().length()
                            + " tokens.");
        }
        byte[] byStep = byStep();
        folder.write("training.png", byStep);
        page.figure(byStep, "Accuracy on new sequences during training.");
        page.table("Accuracy", List.of("model", "tokens", "answers", "%", "paper, %"), rows());
        page.heading("How").list(conditions());
        folder.write("index.html", page.html());
        return null;
    }

    private String lead() {
        String what =
                switch (task) {
                    case COPYING ->
                            "Data tokens, then noise, then markers at which the data are to be"
                                    + " repeated: all distances are known.";
                    case SELECTIVE_COPYING ->
                            "Data tokens at random places among noise, then markers at which they"
                                    + " are to be repeated in order: data and noise have to be"
                                    + " distinguished by content.";
                    case INDUCTION_HEADS ->
                            "A special token among random ones, and again at the end: the token"
                                    + " after its first occurrence is to be recalled.";
                };
        return what
                + String.format(
                        Locale.ROOT, " Guessing would be right in %.1f %%.", 100 * task.chance());
    }

    private byte[] byLength() throws IOException {
        LinePlot.Builder plot = plot("length of the sequence, tokens").optDoubling(true, false);
        for (SyntheticResult result : results) {
            List<SyntheticEvaluator.Accuracy> found = result.accuracies();
            plot.addSeries(
                    new Series(
                            result.model().title(),
                            found.stream().mapToDouble(a -> a.length()).toArray(),
                            found.stream().mapToDouble(a -> 100 * a.value()).toArray()));
        }
        return plot.build().png();
    }

    private byte[] byStep() throws IOException {
        LinePlot.Builder plot = plot("training step");
        results.forEach(result -> plot.addSeries(result.curve().percent(result.model().title())));
        return plot.build().png();
    }

    private LinePlot.Builder plot(String x) {
        return LinePlot.builder()
                .setTitle(task.title())
                .setAxes(x, "right answers, %")
                .optYRange(-ROOM, 100 + ROOM);
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (SyntheticResult result : results) {
            for (SyntheticEvaluator.Accuracy accuracy : result.accuracies()) {
                rows.add(
                        List.of(
                                result.model().title(),
                                String.format(Locale.ROOT, "%,d", accuracy.length()),
                                String.format(Locale.ROOT, "%,d", accuracy.answers()),
                                String.format(Locale.ROOT, "%.2f", 100 * accuracy.value()),
                                paper(result.model(), accuracy.length())));
            }
        }
        return rows;
    }

    private List<String> conditions() {
        SyntheticSettings settings = results.get(0).settings();
        SyntheticModel first = results.get(0).model();
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "d %d, %d layers; %d sequences of %d to %d tokens in a step; learning"
                                + " rate %s, %s; seed %d",
                        first.modelSize(),
                        first.layers(),
                        settings.batch(),
                        settings.shortest(),
                        settings.length(),
                        settings.learningRate(),
                        settings.schedule().name().toLowerCase(Locale.ROOT),
                        settings.seed()));
        for (SyntheticResult result : results) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%s: %s%,d parameters, %,d steps in %.0f s, %s on %s",
                            result.model().title(),
                            result.model().describe(),
                            result.parameters(),
                            result.training().steps(),
                            result.training().seconds(),
                            result.engine(),
                            result.device()));
        }
        return lines;
    }

    private CsvTable accuracies() {
        List<List<Object>> rows = new ArrayList<>();
        for (SyntheticResult result : results) {
            for (SyntheticEvaluator.Accuracy accuracy : result.accuracies()) {
                rows.add(
                        List.of(
                                task,
                                result.model(),
                                accuracy.length(),
                                accuracy.sequences(),
                                accuracy.answers(),
                                accuracy.correct(),
                                accuracy.value()));
            }
        }
        return new CsvTable(
                List.of("task", "model", "length", "sequences", "answers", "correct", "accuracy"),
                rows);
    }

    private CsvTable curves() {
        List<List<Object>> rows = new ArrayList<>();
        for (SyntheticResult result : results) {
            for (SyntheticCurve.Point point : result.curve().points()) {
                rows.add(
                        List.of(
                                task,
                                result.model(),
                                point.step(),
                                point.seconds(),
                                point.loss(),
                                point.accuracy()));
            }
        }
        return new CsvTable(List.of("task", "model", "step", "seconds", "loss", "accuracy"), rows);
    }
}
