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
package ai.djl.mamba.examples;

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.CompareResult.LearningPoint;
import ai.djl.mamba.examples.CompareResult.ModelLine;
import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.examples.report.ReportFolder;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.training.TextBatches;
import ai.djl.mamba.zoo.training.TrainingTexts;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mamba compare}: Mamba, Mamba-2, S4D and DJL's transformer blocks, measured in one run. */
@Command(
        name = "compare",
        defaultValueProvider = BenchOptions.Defaults.class,
        description =
                "Measure Mamba, Mamba-2, S4D and stacks of DJL's transformer blocks with equally many"
                        + " parameters against each other, length by length, each until it runs out"
                        + " of memory or time. Writes compare.csv, compare.json, plots and a page,"
                        + " index.html.")
final class CompareCommand implements Callable<Integer> {

    private static final int MOST_CALLS = 1000;

    @Spec private CommandSpec spec;
    @Mixin private CommonOptions common;
    @Mixin private CompareOptions options;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for the files, made if it does not exist")
    private Path out;

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "NAME",
            description =
                    "only these of mamba, mamba2, s4d, transformer, transformer-parts (default:"
                            + " all)")
    private Set<String> models;

    @Option(
            names = "--measure",
            split = ",",
            paramLabel = "WHAT",
            defaultValue = "memory,inference,training,decode,learning",
            description = "${COMPLETION-CANDIDATES} (default: all)")
    private Set<Measure> measures;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2",
            description =
                    "seconds for each model at each length; a call that is begun is ended"
                            + " (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "20",
            description = "most rounds at each length (default: ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--text",
            arity = "1..*",
            paramLabel = "FILE_OR_DIR",
            description =
                    "text that all models learn byte by byte, to compare their loss (default:"
                            + " none); needs a --vocab of 256")
    private List<Path> text;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "200",
            description = "steps of learning (default: ${DEFAULT-VALUE})")
    private int steps;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.002",
            description = "highest learning rate, the same for all (default: ${DEFAULT-VALUE})")
    private float learningRate;

    @Option(
            names = "--render",
            description =
                    "measure nothing: make plots and page again from the compare.json in --out,"
                            + " which another machine may have written")
    private boolean render;

    private CompareCommand() {}

    /** What is measured. */
    enum Measure {
        /** Peak memory, in child processes. */
        MEMORY,
        /** All logits. */
        INFERENCE,
        /** Steps of training. */
        TRAINING,
        /** Tokens after a context. */
        DECODE,
        /** The loss on the same text. */
        LEARNING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws IOException {
        check();
        CompareResult result = render ? read() : measure();
        CompareReport report = new CompareReport(result);
        report.write(new ReportFolder(out));
        Output output = common.output();
        CompareFindings.of(result).forEach(finding -> output.line("%s", finding));
        if (report.noPlots() != null) {
            output.line("no plots: %s", report.noPlots());
        }
        output.line("written to %s", out.resolve("index.html"));
        output.result(new Gson().toJsonTree(result).getAsJsonObject());
        return 0;
    }

    private void check() {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        options.check(common);
        common.atLeast("--repeats", repeats, 1);
        common.atLeast("--steps", steps, 1);
        boolean isTime = seconds > 0 && Double.isFinite(seconds);
        common.require("--seconds", isTime, "expected a positive number, got " + seconds);
        boolean isRate = learningRate > 0 && Float.isFinite(learningRate);
        common.require("--lr", isRate, "expected a positive number, got " + learningRate);
        List<String> known = Contenders.all(options.shape()).stream().map(Contender::name).toList();
        for (String name : models == null ? known : models) {
            common.require(
                    "--models",
                    known.contains(name),
                    "there is no model '" + name + "', expected some of " + known);
        }
        common.require(
                "--text",
                text == null || options.shape().vocabSize() == ByteTokenizer.VOCAB_SIZE,
                "the tokens are bytes: expected --vocab " + ByteTokenizer.VOCAB_SIZE);
    }

    private CompareResult read() throws IOException {
        Path file = out.resolve(CompareReport.JSON);
        if (!Files.isRegularFile(file)) {
            throw new Failure("there is no " + file + " to make a report from");
        }
        try {
            CompareResult result = new Gson().fromJson(Files.readString(file), CompareResult.class);
            if (result == null || result.points() == null || result.models() == null) {
                throw new Failure(file + " is not what mamba compare writes");
            }
            return result;
        } catch (JsonParseException e) {
            throw new Failure(file + " is not what mamba compare writes", e);
        }
    }

    private CompareResult measure() throws IOException {
        Engine engine = common.openEngine();
        CompareTeam team = new CompareTeam(options.shape(), common.device(), engine);
        List<Competitor> competitors = team.build(models, common.output());
        try {
            // a row of calls needs an engine that computes them in their order
            boolean isOrdered = "PyTorch".equals(engine.getEngineName());
            CompareRun run =
                    new CompareRun(
                            competitors,
                            options,
                            new DeviceMemory(common.device()),
                            new CompareRun.Rounds(repeats, seconds, isOrdered ? MOST_CALLS : 1),
                            common.output());
            List<ModelLine> lines = competitors.stream().map(CompareCommand::line).toList();
            measure(run, competitors);
            List<LearningPoint> learning = learn(team, competitors);
            return new CompareResult(
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    "java -jar examples/target/mamba.jar "
                            + String.join(
                                    " ", spec.root().commandLine().getParseResult().originalArgs()),
                    MachineFacts.of(engine, common.device()),
                    settings(),
                    lines,
                    run.points(),
                    learning);
        } finally {
            competitors.forEach(Competitor::close);
        }
    }

    private static ModelLine line(Competitor competitor) {
        Contender contender = competitor.contender();
        return new ModelLine(
                contender.name(),
                contender.label(),
                String.format(contender.about(), competitor.width()),
                competitor.parameters());
    }

    private void measure(CompareRun run, List<Competitor> competitors) throws IOException {
        if (measures.contains(Measure.MEMORY)) {
            memory(run, competitors);
        }
        if (measures.contains(Measure.INFERENCE)) {
            run.inference();
        }
        if (measures.contains(Measure.DECODE)) {
            run.decoding();
        }
        if (measures.contains(Measure.TRAINING)) {
            run.training();
        }
    }

    private void memory(CompareRun run, List<Competitor> competitors) throws IOException {
        if (!new DeviceMemory(common.device()).canMeasure()) {
            common.output().line("no peak memory: this system has no /proc to read it from");
            return;
        }
        for (Competitor competitor : competitors) {
            if (measures.contains(Measure.INFERENCE)) {
                run.addMemory(
                        CompareFigure.INFERENCE_MEMORY, competitor, memory(competitor, false));
            }
            if (measures.contains(Measure.TRAINING)) {
                run.addMemory(CompareFigure.TRAINING_MEMORY, competitor, memory(competitor, true));
            }
        }
    }

    private List<MemorySample> memory(Competitor competitor, boolean training) throws IOException {
        List<String> arguments = new ArrayList<>(options.arguments());
        arguments.addAll(common.arguments());
        arguments.addAll(List.of("--model", competitor.contender().name()));
        arguments.addAll(List.of("--width", String.valueOf(competitor.width())));
        if (training) {
            arguments.add("--training");
        }
        return new MemoryChild(arguments).run(options.lengths());
    }

    private List<LearningPoint> learn(CompareTeam team, List<Competitor> competitors)
            throws IOException {
        if (text == null || !measures.contains(Measure.LEARNING)) {
            return List.of();
        }
        TrainingTexts texts = TrainingTexts.builder().setPaths(text).optSeed(common.seed()).build();
        TextBatches.Form form =
                new TextBatches.Form(
                        CompareLearning.BATCH,
                        CompareLearning.LENGTH,
                        new ByteTokenizer(),
                        common.seed());
        List<LearningPoint> points = new ArrayList<>();
        try (TextBatches data = TextBatches.ofWindows(texts, form)) {
            CompareLearning learning =
                    new CompareLearning(data, steps, learningRate, common.output());
            for (Competitor competitor : competitors) {
                try (Competitor fresh = team.again(competitor, common.seed())) {
                    points.addAll(learning.learn(fresh));
                }
            }
        }
        return points;
    }

    private Map<String, String> settings() {
        CompareShape shape = options.shape();
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("size of hidden vectors d", String.valueOf(shape.modelSize()));
        settings.put("Mamba blocks", String.valueOf(shape.layers()));
        settings.put("transformer layers", String.valueOf(shape.transformerLayers()));
        settings.put("token ids V", String.valueOf(shape.vocabSize()));
        settings.put("sequences at a time B", String.valueOf(options.batch()));
        settings.put("type", "float32");
        settings.put(
                "rounds", repeats + " at most, or " + seconds + " s for each model and length");
        settings.put("limit of a call", options.callLimit() + " s");
        if (text != null) {
            settings.put(
                    "learning",
                    String.format(
                            Locale.ROOT,
                            "%d steps of %d sequences of %d bytes, Adam, highest rate %s",
                            steps,
                            CompareLearning.BATCH,
                            CompareLearning.LENGTH,
                            learningRate));
        }
        return settings;
    }
}
