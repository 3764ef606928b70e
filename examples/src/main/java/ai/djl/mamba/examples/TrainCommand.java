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

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba train}: trains a byte model on text files. */
@Command(
        name = "train",
        description =
                "Train a small language model on text, byte by byte, and save it. A tenth of the"
                        + " text is held out to judge by; losses are in bits per byte.")
final class TrainCommand implements Callable<Integer> {

    private static final int VALIDATION_BYTES = 1 << 14;
    private static final int PARTS_OF_PROGRESS_BAR = 1000;

    @Mixin private CommonOptions common;
    @Mixin private TrainModelOptions size;

    @Option(
            names = "--text",
            required = true,
            arity = "1..*",
            paramLabel = "FILE_OR_DIR",
            description = "text files, and folders to search for them")
    private List<Path> text;

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description = "the files wanted from folders, such as '*.java' (default: all text)")
    private String include;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for the model, made if it does not exist")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "most training steps (default: 1000, or no limit with --minutes)")
    private Integer steps;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "most minutes to train, such as 1 or 0.5 (default: no limit)")
    private Double minutes;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "sequences in a step (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "128",
            description = "bytes in a sequence (default: ${DEFAULT-VALUE})")
    private int length;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            defaultValue = "0.01",
            description = "highest learning rate (default: ${DEFAULT-VALUE})")
    private float learningRate;

    @Option(
            names = "--report-every",
            paramLabel = "N",
            description = "steps between two reports (default: ten reports in all)")
    private Integer reportEvery;

    private TrainCommand() {}

    @Override
    public Integer call() throws IOException {
        checkOptions();
        Engine engine = common.openEngine();
        Corpus corpus = Corpus.read(text, include, common.seed(), length + 1);
        MambaCheckpoint.checkWritable(out);
        MambaLanguageModel block = new MambaLanguageModel(size.config());
        try (Model model = Model.newInstance("mamba", common.device(), engine.getEngineName())) {
            model.setBlock(block);
            try (ByteModelTrainer trainer =
                    new ByteModelTrainer(model, common.device(), corpus, settings())) {
                announce(corpus, parameters(block), engine);
                train(trainer, block);
            }
        }
        return 0;
    }

    private void checkOptions() {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        common.atLeast("--steps", steps, 1);
        common.atLeast("--report-every", reportEvery, 1);
        size.check(common);
        common.atLeast("--batch", batch, 1);
        common.atLeast("--length", length, 1);
        common.require("--minutes", minutes == null || minutes > 0, "expected a positive number");
        boolean isRate = learningRate > 0 && !Float.isInfinite(learningRate);
        common.require("--lr", isRate, "expected a positive number");
    }

    private ByteModelTrainer.Settings settings() {
        int most = steps != null ? steps : minutes != null ? Integer.MAX_VALUE : 1000;
        double seconds = minutes == null ? Double.POSITIVE_INFINITY : 60 * minutes;
        return new ByteModelTrainer.Settings(
                most, seconds, batch, length, learningRate, common.seed());
    }

    private static long parameters(MambaLanguageModel block) {
        return block.getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    private void announce(Corpus corpus, long parameters, Engine engine) {
        common.output()
                .line(
                        "%,d files, %,d bytes to learn from, %,d held out; %,d parameters; %s on"
                                + " %s",
                        corpus.files(),
                        corpus.training().length,
                        corpus.validation().length,
                        parameters,
                        engine.getEngineName(),
                        common.deviceName());
    }

    private void train(ByteModelTrainer trainer, MambaLanguageModel block) throws IOException {
        Output output = common.output();
        Pace pace = trainer.pace();
        TrainReport report = new TrainReport(output, pace, reportEvery, batch * (long) length);
        try (ProgressBar bar = Output.progressBar("train", PARTS_OF_PROGRESS_BAR)) {
            while (!pace.isDone()) {
                report.add(trainer.step());
                if (bar != null) {
                    bar.stepTo(Math.round(pace.progress() * PARTS_OF_PROGRESS_BAR));
                }
                if (report.isDue() && !pace.isDone()) {
                    report.print(trainer.validate(VALIDATION_BYTES));
                }
            }
        }
        double seconds = pace.elapsed();
        double validation = trainer.validate(VALIDATION_BYTES);
        report.print(validation);
        MambaCheckpoint.save(block, out);
        output.line("saved in %s", out);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("steps", pace.step());
        figures.put("seconds", seconds);
        figures.put("train_bits_per_byte", report.mean());
        figures.put("validation_bits_per_byte", validation);
        figures.put("parameters", parameters(block));
        figures.put("tokens_per_second", pace.step() * (double) batch * length / seconds);
        figures.put("out", out);
        output.result(figures);
    }
}
