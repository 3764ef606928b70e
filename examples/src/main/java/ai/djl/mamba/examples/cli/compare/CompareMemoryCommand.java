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
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.KindNames;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.Output;
import com.google.gson.Gson;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code mamba compare-memory}, a child process of {@code mamba compare}: measures the peak memory
 * of one model. A process of its own cannot reuse the memory of another model, and if the system
 * kills it for its use of memory, the comparison continues.
 */
@Command(
        name = "compare-memory",
        hidden = true,
        description = "Measure the peak memory of one model; 'mamba compare' starts this.")
public final class CompareMemoryCommand implements Callable<Integer> {

    private static final int SHORT = 16;
    private static final double COLD = 3; // each length is computed only once, without warm-up

    @Mixin private CommonOptions common;
    @Mixin private CompareOptions options;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME",
            converter = KindNames.OfCompare.class,
            description = "the model")
    private ModelKind kind;

    @Option(names = "--width", required = true, paramLabel = "N", description = "its width")
    private int width;

    @Option(names = "--training", description = "whether it is trained")
    private boolean training;

    private DeviceMemory memory;

    private CompareMemoryCommand() {}

    @Override
    public Integer call() throws IOException {
        options.check(common);
        Engine engine = common.openEngine();
        CompareShape shape = options.shape();
        Contender contender =
                Contenders.all(shape).stream()
                        .filter(one -> one.kind() == kind)
                        .findFirst()
                        .orElseThrow();
        memory = new DeviceMemory(common.device());
        try (Competitor competitor =
                new Competitor(
                        contender,
                        width,
                        shape.vocabSize(),
                        common.device(),
                        engine.getEngineName())) {
            task(competitor, SHORT)
                    .time(1); // for what libraries allocate in their first call and keep
            memory.setBase();
            measure(competitor);
        }
        return 0;
    }

    private Task task(Competitor competitor, int length) {
        return training
                ? competitor.training(options.batch(), length)
                : competitor.inference(options.batch(), length);
    }

    private void measure(Competitor competitor) throws IOException {
        int growth = competitor.contender().growth(training);
        Forecast bytes = new Forecast(growth);
        Forecast seconds = new Forecast(growth);
        for (int length : options.lengths()) {
            double least = competitor.contender().leastBytes(options.batch(), length, training);
            String stopped =
                    StopRules.memory(
                            Math.max(least, bytes.at(length)), options.memoryLimit(memory));
            if (stopped == null) {
                stopped = StopRules.time(seconds.at(length), COLD * options.callLimit());
            }
            if (stopped != null) {
                print(new MemorySample(length, null, stopped));
                return;
            }
            try {
                memory.resetPeak();
                seconds.note(length, task(competitor, length).time(1));
                long peak = memory.peak();
                bytes.note(length, (double) peak);
                print(new MemorySample(length, peak, null));
            } catch (IllegalStateException e) {
                print(new MemorySample(length, null, e.getMessage()));
                return;
            }
        }
    }

    private void print(MemorySample sample) {
        Output output = common.output();
        output.out().println(new Gson().toJson(sample));
        output.out().flush();
    }
}
