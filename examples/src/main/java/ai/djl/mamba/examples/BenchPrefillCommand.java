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
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.examples.RoundRobin.Entry;
import ai.djl.mamba.scan.SelectiveScan;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mamba bench prefill}: times how a language model reads prompts. */
@Command(
        name = "prefill",
        description = "Time how a language model reads prompts, with each scan.",
        footerHeading = "%n",
        footer = {
            "tokens_per_second: tokens read, B x L, divided by the seconds of one forward pass.",
            "ratio_to_chunked: tokens_per_second as a multiple of that of the scan 'chunked' in the"
                    + " same run (null where --scan leaves 'chunked' out).",
            BenchModelOptions.WHAT_DIFFERS,
            BenchModelOptions.SHAPES,
            BenchOptions.METHOD
        },
        defaultValueProvider = BenchOptions.Defaults.class)
final class BenchPrefillCommand implements Callable<Integer> {

    @Mixin private CommonOptions common;

    @Mixin private BenchOptions options;

    @Mixin private BenchModelOptions shape;

    @Option(
            names = "--length",
            paramLabel = "L",
            defaultValue = "256",
            description = "tokens of a prompt (default: ${DEFAULT-VALUE})")
    private int length;

    private BenchPrefillCommand() {}

    @Override
    public Integer call() {
        options.check(common);
        shape.check(common);
        common.atLeast("--length", length, 1);
        Engine engine = common.openEngine();
        MambaConfig config = shape.config(options.state());
        String caseName = BenchModelOptions.caseName(config, options, length);
        try (NDManager manager =
                NDManager.newBaseManager(common.device(), engine.getEngineName())) {
            BenchModel model = new BenchModel(manager, config, options.dataType(), options.batch());
            List<Entry> entries = new ArrayList<>();
            for (boolean lastOnly : new boolean[] {false, true}) {
                String logits = lastOnly ? "last logits only, " : "all logits, ";
                for (SelectiveScan scan : options.scans()) {
                    entries.add(
                            new Entry(
                                    logits + caseName,
                                    scan.name(),
                                    List.of(model.prefill(scan, length, lastOnly))));
                }
            }
            BenchReport.ofTokens((double) options.batch() * length)
                    .print(common.output(), options.measure(common, engine, entries));
        }
        return 0;
    }
}
