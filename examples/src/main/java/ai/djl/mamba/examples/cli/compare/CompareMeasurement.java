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

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.MachineFacts;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.common.StopSignal.Stopped;
import ai.djl.mamba.examples.cli.compare.CompareFlags.Measure;
import ai.djl.mamba.examples.cli.compare.CompareResult.LearningPoint;
import ai.djl.mamba.examples.cli.compare.CompareResult.ModelLine;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.training.TextBatches;
import ai.djl.mamba.zoo.training.TrainingTexts;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures everything that {@code mamba compare} reports. */
final class CompareMeasurement {

    private static final int MAX_CALLS = 1000;

    private final CommonOptions common;
    private final CompareOptions options;
    private final CompareFlags flags;
    private final StopSignal signal;
    private final Class<?> main;
    private final Engine engine;
    private final List<LearningPoint> learning = new ArrayList<>();

    /**
     * Prepares to measure.
     *
     * @param common where to compute and print
     * @param options the sizes
     * @param flags what is measured
     * @param signal stops it
     * @param main the main class of the command line, for child processes
     */
    CompareMeasurement(
            CommonOptions common,
            CompareOptions options,
            CompareFlags flags,
            StopSignal signal,
            Class<?> main) {
        this.common = common;
        this.options = options;
        this.flags = flags;
        this.signal = signal;
        this.main = main;
        engine = common.openEngine();
    }

    /**
     * Measures.
     *
     * @param command the command that measures it again
     * @return the figures, as far as they were measured before it was stopped
     */
    CompareResult measure(String command) throws IOException {
        CompareTeam team = new CompareTeam(options.shape(), common.device(), engine);
        List<Competitor> competitors = team.build(flags.models(), common.output());
        try {
            // several calls in a row need an engine that computes them in order
            boolean isOrdered = "PyTorch".equals(engine.getEngineName());
            CompareRun run =
                    new CompareRun(
                            competitors,
                            options,
                            new DeviceMemory(common.device()),
                            flags.rounds(isOrdered ? MAX_CALLS : 1),
                            signal,
                            common.output());
            List<ModelLine> lines = competitors.stream().map(CompareMeasurement::line).toList();
            try {
                measure(run, competitors);
                learn(team, competitors);
            } catch (Stopped e) {
                common.output().line("stopped: kept are %s", e.getMessage());
            }
            return new CompareResult(
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    command,
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
                contender.about(competitor.width()),
                competitor.parameters());
    }

    private void measure(CompareRun run, List<Competitor> competitors) throws IOException {
        if (flags.isWanted(Measure.MEMORY)) {
            memory(run, competitors);
        }
        if (flags.isWanted(Measure.INFERENCE)) {
            run.inference();
        }
        if (flags.isWanted(Measure.DECODE)) {
            run.decoding();
        }
        if (flags.isWanted(Measure.TRAINING)) {
            run.training();
        }
    }

    private void memory(CompareRun run, List<Competitor> competitors) throws IOException {
        if (!new DeviceMemory(common.device()).canMeasure()) {
            common.output().line("no peak memory: this system has no /proc to read it from");
            return;
        }
        for (Competitor competitor : competitors) {
            if (flags.isWanted(Measure.INFERENCE)) {
                run.addMemory(
                        CompareFigure.INFERENCE_MEMORY, competitor, memory(competitor, false));
            }
            if (flags.isWanted(Measure.TRAINING)) {
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
        List<MemorySample> samples =
                new MemoryChild(main, arguments).run(options.lengths(), signal);
        signal.check("the figures of the models before");
        return samples;
    }

    private void learn(CompareTeam team, List<Competitor> competitors) throws IOException {
        if (flags.text() == null || !flags.isWanted(Measure.LEARNING)) {
            return;
        }
        TrainingTexts texts =
                TrainingTexts.builder().setPaths(flags.text()).optSeed(common.seed()).build();
        TextBatches.Form form =
                new TextBatches.Form(
                        CompareLearning.BATCH,
                        CompareLearning.LENGTH,
                        new ByteTokenizer(),
                        common.seed());
        try (TextBatches data = TextBatches.ofWindows(texts, form)) {
            CompareLearning lessons =
                    new CompareLearning(data, flags.steps(), flags.learningRate(), common.output());
            for (Competitor competitor : competitors) {
                try (Competitor fresh = team.again(competitor, common.seed())) {
                    learning.addAll(lessons.learn(fresh, signal));
                }
                signal.check("the figures, and the learning curves so far");
            }
        }
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
        settings.put("limit of a call", options.callLimit() + " s");
        settings.putAll(flags.described());
        return settings;
    }
}
