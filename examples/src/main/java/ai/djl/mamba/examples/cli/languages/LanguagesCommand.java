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

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.MachineFacts;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.common.StopSignal.Stopped;
import ai.djl.mamba.examples.cli.common.TextClassifier;
import ai.djl.mamba.examples.cli.languages.LanguageData.Count;
import ai.djl.mamba.examples.cli.languages.LanguageData.Document;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDList;
import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mamba languages}: fine-tunes a byte model to recognize the language of files. */
@Command(
        name = "languages",
        description = {
            "Train classifiers that recognize the programming language of a file from some of its"
                    + " bytes, taken from the middle, as licences make starts alike: from"
                    + " scratch, and from a pretrained byte model, all of it or adapters only.",
            "Writes plots, tables and a page to --out, and the classifiers, for 'mamba classify'."
                    + " Ctrl-C (exit code 130) and SIGTERM (143) end it after a step; classifiers"
                    + " that are finished are kept."
        })
public final class LanguagesCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;
    @Mixin private CommonOptions common;
    @Mixin private LanguagesOptions options;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "mamba-java-bytes",
            description =
                    "the pretrained byte model: a folder or a name that 'mamba zoo' lists (default:"
                            + " ${DEFAULT-VALUE})")
    private String model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for report, data and classifiers, created if it does not exist")
    private Path out;

    @Mixin private OverwriteOption overwrite;

    private LanguagesCommand() {}

    @Override
    public Integer call() throws Exception {
        options.check(common);
        overwrite.checkFolder(out, model);
        overwrite.checkFolder(out, options.namedPlaces());
        LanguagesReport.check(new ReportFolder(out));
        MambaCheckpoint.checkWritable(out);
        MambaModels.criteria(model, NDList.class, NDList.class); // fails before all the work
        Engine engine = common.openEngine();
        LanguageData data = data();
        ReportFolder folder = new ReportFolder(out);
        data.write(folder);
        try (StopSignal signal = new StopSignal()) {
            train(data, folder, engine, signal);
        }
        return 0;
    }

    private void train(LanguageData data, ReportFolder folder, Engine engine, StopSignal signal)
            throws Exception {
        LanguageRuns runs =
                new LanguageRuns(
                        model,
                        texts(),
                        out,
                        settings(),
                        engine.getEngineName(),
                        common.device(),
                        common.output(),
                        signal);
        List<LanguagesResult.Run> trained = new ArrayList<>();
        try {
            for (LanguageStart start : options.starts()) {
                trained.add(runs.train(start, options.rate(start)));
            }
            signal.check("all classifiers are trained");
        } catch (Stopped e) {
            List<Path> kept = trained.stream().map(run -> runs.folder(run.start())).toList();
            common.output()
                    .line(
                            "stopped: %s; kept: %s; there is no report; --overwrite starts again",
                            e.getMessage(), kept);
            return;
        }
        LanguagesResult.Run best = LanguagesResult.best(trained);
        LanguagesResult result =
                new LanguagesResult(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                        "java -jar examples/target/mamba.jar "
                                + String.join(
                                        " ",
                                        spec.root().commandLine().getParseResult().originalArgs()),
                        model,
                        MachineFacts.of(engine, common.device()),
                        options.described(),
                        data.counts(),
                        trained,
                        best.key(),
                        confusion(runs.folder(best.start()), data, engine));
        report(result, folder);
    }

    private LanguageData data() throws IOException {
        Output output = common.output();
        try (LanguageSearch search = new LanguageSearch(options.maxFiles())) {
            List<Path> places = options.places();
            for (Path place : places) {
                search.search(place);
            }
            LanguageData data = LanguageData.select(search.found(), options.wanted(common.seed()));
            output.line(
                    "%,d files to train on and %,d to evaluate on, in %d languages, of %s",
                    data.training().size(), data.test().size(), data.counts().size(), places);
            for (Count count : data.counts()) {
                output.line("  %-18s %5d %5d", count.language(), count.training(), count.test());
            }
            if (!search.cutShort().isEmpty()) {
                output.line("not searched completely: %s", search.cutShort());
            }
            if (search.unreadable() > 0) {
                output.line("%,d files and folders cannot be read", search.unreadable());
            }
            return data;
        }
    }

    private TrainingTexts texts() throws IOException {
        return TrainingTexts.builder()
                .setPaths(List.of(out.resolve(LanguageData.TRAINING)))
                .optValidation(List.of(out.resolve(LanguageData.TEST)))
                .optLabelField("label")
                .build();
    }

    private LanguageRuns.Settings settings() {
        return options.settings(common.seed());
    }

    /** Evaluates the saved classifier, as any user would. */
    private List<List<Integer>> confusion(Path folder, LanguageData data, Engine engine)
            throws Exception {
        List<String> names = data.counts().stream().map(Count::language).toList();
        Integer[][] counts = new Integer[names.size()][names.size()];
        for (Integer[] row : counts) {
            Arrays.fill(row, 0);
        }
        try (TextClassifier classifier =
                TextClassifier.open(folder.toString(), engine.getEngineName(), common)) {
            List<Classifications> found =
                    classifier.classify(data.test().stream().map(Document::text).toList());
            for (int i = 0; i < found.size(); i++) {
                int language = names.indexOf(data.test().get(i).label());
                counts[language][names.indexOf(found.get(i).best().getClassName())]++;
            }
        }
        return Arrays.stream(counts).map(List::of).toList();
    }

    private void report(LanguagesResult result, ReportFolder folder) throws IOException {
        Output output = common.output();
        LanguagesReport report = new LanguagesReport(result);
        report.write(folder);
        LanguagesFindings.of(result).forEach(sentence -> output.line("%s", sentence));
        if (report.noPlots() != null) {
            output.line("no plots: %s", report.noPlots());
        }
        output.line("report: %s", out.resolve("index.html"));
        output.line(
                "to classify files: mamba classify --model %s --bytes %d --window %s FILE…",
                out.resolve(result.best()), options.length(), options.window());
        if (output.json()) {
            output.result(new Gson().toJsonTree(result).getAsJsonObject());
        }
    }
}
