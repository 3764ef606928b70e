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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.bench.BenchReport.Column;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Entry;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ScanSet;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba bench scan}: times the scan of one layer. */
@Command(
        name = "scan",
        description =
                "Time the scan of one layer on a random sequence, Δ, A, B and C, without gate, skip"
                        + " and padding.",
        footerHeading = "%n",
        footer = {
            "forward_ms: milliseconds of the scan alone, with nothing recorded for gradients.",
            "backward_ms: milliseconds of the backward pass to all five arrays: forward and backward"
                    + " are measured together, and forward_ms is subtracted.",
            "ratio_to_chunked: how many times as fast as the scan 'chunked' of the same run forward"
                    + " and backward together are (null if --scan leaves 'chunked' out).",
            BenchOptions.METHOD
        },
        defaultValueProvider = CommonOptions.AutoDevice.class)
final class BenchScanCommand implements Callable<Integer> {

    private static final double MILLIS = 1e3;
    private static final BenchReport REPORT =
            new BenchReport(
                    List.of(
                            new Column("forward ms", "forward_ms", m -> MILLIS * m.get(0)),
                            new Column(
                                    "backward ms",
                                    "backward_ms",
                                    m -> MILLIS * (m.get(1) - m.get(0)))),
                    m -> 1 / m.get(1));

    @Mixin private CommonOptions common;

    @Mixin private BenchOptions options;

    @Option(
            names = "--length",
            paramLabel = "L",
            defaultValue = "512",
            description = "steps of a sequence (default: ${DEFAULT-VALUE})")
    private int length;

    @Option(
            names = "--inner",
            paramLabel = "E",
            defaultValue = "1536",
            description = "channels (default: ${DEFAULT-VALUE})")
    private int inner;

    private BenchScanCommand() {}

    @Override
    public Integer call() {
        options.check(common);
        common.atLeast("--length", length, 1);
        common.atLeast("--inner", inner, 1);
        options.checkMixers(common, inner);
        Engine engine = common.openEngine();
        try (NDManager manager =
                NDManager.newBaseManager(common.device(), engine.getEngineName())) {
            List<Entry> entries = new ArrayList<>();
            for (ModelKind mixer : options.mixers()) {
                add(entries, mixer, manager);
            }
            REPORT.print(common.output(), options.measure(common, engine, entries));
        }
        return 0;
    }

    private void add(List<Entry> entries, ModelKind mixer, NDManager manager) {
        MixerSizes sizes = options.sizes(mixer, inner);
        ScanSet<?> scans = mixer.scans();
        NDList arrays = scans.arrays(manager, options.dataType(), options.batch(), length, sizes);
        BenchScan bench = new BenchScan(manager, arrays);
        String caseName =
                String.format(
                        "%s, B %d, L %d, E %d, %s",
                        mixer, options.batch(), length, inner, options.describe(mixer, inner));
        for (String scan : options.scans(mixer)) {
            Function<NDList, NDList> run = scans.scan(scan, sizes);
            List<Task> tasks = List.of(bench.forward(run), bench.forwardBackward(run));
            entries.add(new Entry(caseName, scan, tasks));
        }
    }
}
