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
import ai.djl.mamba.examples.cli.bench.RoundRobin.Entry;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** The base of the commands of {@code mamba bench} that time a whole language model. */
abstract class BenchModelCommand implements Callable<Integer> {

    /** The meaning of the ratio of tokens per second. */
    static final String RATIO =
            "ratio_to_chunked: tokens_per_second as a multiple of that of the scan 'chunked' in the"
                    + " same run (null if --scan leaves 'chunked' out).";

    @Mixin private CommonOptions common;

    @Mixin private BenchOptions options;

    @Mixin private BenchModelOptions shape;

    /** The number of tokens of each sequence. */
    abstract int length();

    /**
     * What is timed, with each scan.
     *
     * @param model the model
     * @return by the words before the shape of the model: creates the task from the name of a scan
     */
    abstract Map<String, Function<String, Task>> cases(BenchModel model);

    @Override
    public Integer call() {
        options.check(common);
        shape.check(common);
        common.atLeast("--length", length(), 1);
        options.checkMixers(common, shape.inner());
        Engine engine = common.openEngine();
        try (NDManager manager =
                NDManager.newBaseManager(common.device(), engine.getEngineName())) {
            List<Entry> entries = new ArrayList<>();
            for (ModelKind mixer : options.mixers()) {
                add(entries, mixer, manager);
            }
            BenchReport.ofTokens((double) options.batch() * length())
                    .print(common.output(), options.measure(common, engine, entries));
        }
        return 0;
    }

    private void add(List<Entry> entries, ModelKind mixer, NDManager manager) {
        BenchModel model =
                new BenchModel(
                        manager, shape.config(mixer, options), options.dataType(), options.batch());
        String caseName = shape.caseName(mixer, options, length());
        cases(model)
                .forEach(
                        (words, task) -> {
                            for (String scan : options.scans(mixer)) {
                                List<Task> tasks = List.of(task.apply(scan));
                                entries.add(new Entry(words + caseName, scan, tasks));
                            }
                        });
    }
}
