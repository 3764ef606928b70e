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

import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.KindNames;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.common.StopSignal.Stopped;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba synthetic}: the synthetic tasks of the Mamba paper. */
@Command(
        name = "synthetic",
        description =
                "Train models of the same sizes on a synthetic task of the Mamba paper (Gu and Dao"
                        + " 2023, section 4.1), test them on sequences that they have not seen, and"
                        + " print the paper's figures beside theirs. Sequences are generated on the fly"
                        + " from the seed. Models with a state are saved so that the zoo loads them;"
                        + " --trained tests such a model. Ctrl-C (exit code 130) and SIGTERM (143)"
                        + " end it with a report on the models that are finished.")
public final class SyntheticCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;
    @Mixin private SyntheticTrainOptions training;
    @Mixin private SyntheticTestOptions tests;

    @Option(
            names = "--task",
            required = true,
            paramLabel = "NAME",
            description = "${COMPLETION-CANDIDATES}")
    private SyntheticTask task;

    @Option(
            names = "--trained",
            paramLabel = "MODEL",
            description =
                    "do not train, but test this model: a name that 'mamba zoo' lists, or a folder")
    private String trained;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            split = ",",
            arity = "1..*",
            defaultValue = ModelKinds.SYNTHETIC_DEFAULT,
            converter = KindNames.OfSynthetic.class,
            completionCandidates = KindNames.OfSynthetic.class,
            description =
                    "models to train: ${COMPLETION-CANDIDATES}; several, separated by commas, in turn"
                            + " (default: ${DEFAULT-VALUE})")
    private List<ModelKind> kinds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "folder for report and models, created if it does not exist; required unless a"
                            + " --trained model is tested")
    private Path out;

    @Mixin private OverwriteOption overwrite;

    private SyntheticCommand() {}

    @Override
    public Integer call() throws IOException, ModelException {
        training.check(common, task, kinds);
        tests.check(common);
        Engine engine = common.openEngine();
        SyntheticSettings settings = training.settings(task, common.seed());
        try (StopSignal signal = new StopSignal()) {
            if (trained != null) {
                test(engine, settings, signal);
            } else {
                train(engine, settings, signal);
            }
        }
        return 0;
    }

    private void test(Engine engine, SyntheticSettings settings, StopSignal signal)
            throws IOException, ModelException {
        try (ZooModel<NDList, NDList> model =
                MambaModels.criteria(trained, NDList.class, NDList.class)
                        .optEngine(engine.getEngineName())
                        .optDevice(common.device())
                        .build()
                        .loadModel()) {
            SyntheticEvaluator evaluator =
                    new SyntheticEvaluator(
                            model.getNDManager(),
                            languageModel(model.getBlock()),
                            true,
                            task,
                            settings.copied(),
                            settings.seed(),
                            () -> signal.check("not all lengths are tested"));
            JsonArray byLength = new JsonArray();
            tests.run(evaluator, settings, true, trained, common.output())
                    .forEach(accuracy -> byLength.add(accuracy.toJson()));
            JsonObject json = new JsonObject();
            json.addProperty("task", task.toString());
            json.addProperty("model", trained);
            json.add("accuracy_by_length", byLength);
            common.output().result(json);
        } catch (Stopped e) {
            common.output().line("stopped: %s", e.getMessage());
        }
    }

    private MambaLanguageModel languageModel(Block block) {
        if (block instanceof MambaLanguageModel model
                && model.getConfig().vocabSize() == SyntheticTask.VOCABULARY) {
            return model;
        }
        throw new Failure(
                String.format(
                        "%s is not a model of the synthetic tasks: they have a vocabulary of %d ids",
                        trained, SyntheticTask.VOCABULARY));
    }

    private void train(Engine engine, SyntheticSettings settings, StopSignal signal)
            throws IOException, ModelException {
        common.require("--out", out != null && !out.toString().isEmpty(), "expected a folder");
        common.require(
                "--model",
                kinds.stream().distinct().count() == kinds.size(),
                "expected each model once");
        overwrite.checkFolder(out);
        SyntheticReport.check(new ReportFolder(out));
        MambaCheckpoint.checkWritable(out);
        SyntheticRun run = new SyntheticRun(common, engine, settings, tests, signal);
        List<SyntheticResult> results = new ArrayList<>();
        try {
            for (ModelKind kind : kinds) {
                SyntheticModel model = training.model(kind, task);
                results.add(run.run(model, out.resolve(kind.toString())));
            }
        } catch (Stopped e) {
            common.output().line("stopped: %s", e.getMessage());
        }
        if (!results.isEmpty()) {
            report(results);
        }
    }

    private void report(List<SyntheticResult> results) throws IOException {
        SyntheticReport report = new SyntheticReport(task, results);
        report.print(common.output());
        String noPlots = report.write(new ReportFolder(out));
        if (noPlots != null) {
            common.output().line("no plots: %s", noPlots);
        }
        common.output().line("written to %s", out);
        common.output().result(report.toJson());
    }
}
