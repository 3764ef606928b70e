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

import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.mamba.examples.report.ReportFolder;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
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
                        + " put the paper's figures beside theirs. Sequences are made on the fly"
                        + " from the seed. Models that the zoo loads are saved.")
final class SyntheticCommand implements Callable<Integer> {

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
            names = "--model",
            paramLabel = "NAME",
            split = ",",
            arity = "1..*",
            defaultValue = "mamba,s4d",
            description =
                    "what to train: ${COMPLETION-CANDIDATES}; several, separated by commas, in turn"
                            + " (default: ${DEFAULT-VALUE})")
    private List<SyntheticModel> models;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for report and models, made if it does not exist")
    private Path out;

    private SyntheticCommand() {}

    @Override
    public Integer call() throws IOException, MalformedModelException {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        training.check(common, task);
        tests.check(common);
        common.require(
                "--model",
                models.stream().distinct().count() == models.size(),
                "expected each model once");
        Engine engine = common.openEngine();
        MambaCheckpoint.checkWritable(out);
        SyntheticSettings settings = training.settings(task, common.seed());
        SyntheticRun run = new SyntheticRun(common, engine, training.sizes(), settings, tests);
        List<SyntheticResult> results = new ArrayList<>();
        for (SyntheticModel model : models) {
            results.add(run.run(model, out.resolve(model.toString())));
        }
        SyntheticReport report = new SyntheticReport(task, results);
        report.print(common.output());
        String noPlots = report.write(new ReportFolder(out));
        if (noPlots != null) {
            common.output().line("no plots: %s", noPlots);
        }
        common.output().line("written to %s", out);
        common.output().result(report.toJson());
        return 0;
    }
}
