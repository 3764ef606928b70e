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

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.OverwriteOption;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mamba compare}: recurrent models and DJL's transformer blocks, measured in one run. */
@Command(
        name = "compare",
        defaultValueProvider = CommonOptions.AutoDevice.class,
        description =
                "Measure Mamba, its relatives and stacks of DJL's transformer blocks with equally many"
                        + " parameters against each other, length by length, each until it runs out"
                        + " of memory or time. Writes compare.csv, compare.json, plots and a page,"
                        + " index.html. Ctrl-C (exit code 130) and SIGTERM (143) end it with what"
                        + " was measured so far.")
public final class CompareCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;
    @Mixin private CommonOptions common;
    @Mixin private CompareOptions options;
    @Mixin private CompareFlags flags;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "folder for the files, created if it does not exist")
    private Path out;

    @Option(
            names = "--render",
            description =
                    "do not measure: create plots and page again from the compare.json in --out,"
                            + " which another machine may have written")
    private boolean render;

    @Mixin private OverwriteOption overwrite;

    private CompareCommand() {}

    @Override
    public Integer call() throws IOException {
        common.require("--out", !out.toString().isEmpty(), "expected a folder");
        options.check(common);
        flags.check(common, options.shape());
        if (!render) { // which replaces the report that it reads
            overwrite.checkFolder(out, flags.textNames());
            MambaCheckpoint.checkWritable(out);
        }
        CompareReport.check(new ReportFolder(out));
        try (StopSignal signal = new StopSignal()) {
            report(render ? read() : measure(signal));
        }
        return 0;
    }

    private CompareResult measure(StopSignal signal) throws IOException {
        String again =
                "java -jar examples/target/mamba.jar "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs());
        Class<?> main = spec.root().userObject().getClass();
        return new CompareMeasurement(common, options, flags, signal, main).measure(again);
    }

    private void report(CompareResult result) throws IOException {
        Output output = common.output();
        if (result.points().isEmpty() && result.learning().isEmpty()) {
            output.line("nothing was measured: nothing is written");
            return;
        }
        CompareReport report = new CompareReport(result);
        report.write(new ReportFolder(out));
        CompareFindings.of(result).forEach(finding -> output.line("%s", finding));
        if (report.noPlots() != null) {
            output.line("no plots: %s", report.noPlots());
        }
        output.line("written to %s", out.resolve("index.html"));
        output.result(new Gson().toJsonTree(result).getAsJsonObject());
    }

    private CompareResult read() throws IOException {
        Path file = out.resolve(CompareReport.JSON);
        if (!Files.isRegularFile(file)) {
            throw new Failure("there is no " + file + " to create a report from");
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
}
