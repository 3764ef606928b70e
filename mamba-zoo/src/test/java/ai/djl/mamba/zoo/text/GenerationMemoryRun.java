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
package ai.djl.mamba.zoo.text;

import ai.djl.Device;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What {@link GenerationMemoryTest} runs in a JVM of its own: long continuations on a pool thread,
 * where PyTorch records gradients, with a model that is not frozen. Prints the arrays of the
 * engine's managers and the resident set, after the first third and at the end.
 */
final class GenerationMemoryRun {

    private static final int INNER = 256;
    private static final int STATES = 4;

    /** The size of an SSM state of a row. */
    static final long STATE_BYTES = 4L * INNER * STATES;

    private final NDManager root;
    private final NDManager manager;
    private final TextGenerator generator;
    private long arraysAfterWarmUp;
    private long residentAfterWarmUp;

    private GenerationMemoryRun(String engineName) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(64)
                        .setModelSize(INNER / 2)
                        .setNumLayers(1)
                        .optMixer(MambaOptions.builder().optStateSize(STATES).build())
                        .build();
        manager = NDManager.newBaseManager(Device.cpu(), engineName);
        MambaLanguageModel model = new MambaLanguageModel(config, true);
        model.initialize(manager, DataType.FLOAT32, new Shape(1, 1));
        generator = new TextGenerator(model, manager);
        NDManager top = manager;
        while (top.getParentManager() != null) {
            top = top.getParentManager();
        }
        root = top;
    }

    public static void main(String[] args) throws Exception {
        GenerationMemoryRun run = new GenerationMemoryRun(args[0]);
        int steps = Integer.parseInt(args[2]);
        Callable<Void> work =
                () -> {
                    switch (args[1]) {
                        case "stream" -> run.stream(steps);
                        case "batch" -> run.batch(steps);
                        case "beams" -> run.beams(steps);
                        default -> throw new IllegalArgumentException(args[1]);
                    }
                    return null;
                };
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            pool.submit(work).get();
        } finally {
            pool.shutdown();
        }
    }

    private void note(int step, int steps) throws IOException {
        if (step != steps / 3 && step != steps) {
            return;
        }
        long arrays = arrays(root);
        long resident = ProcessFiles.isLinux() ? ProcessFiles.status("VmRSS") : 0;
        if (step < steps) {
            arraysAfterWarmUp = arrays;
            residentAfterWarmUp = resident;
            return;
        }
        System.out.println("arrays " + arraysAfterWarmUp + ' ' + arrays);
        System.out.println("resident " + residentAfterWarmUp + ' ' + resident);
    }

    private long arrays(NDManager top) {
        return (long) top.getManagedArrays().size() + manager.getManagedArrays().size();
    }

    private void stream(int steps) throws IOException {
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(steps + 1)
                        .optTemperature(1)
                        .optTopP(0.9)
                        .optFrequencyPenalty(0.01)
                        .optLogProbs(3)
                        .build();
        try (TokenStream stream = generator.generate(new long[] {1, 2, 3}, options)) {
            for (int step = 1; step <= steps; step++) {
                stream.next();
                note(step, steps);
            }
        }
    }

    /** Several batches, each of rows that end at different times. */
    private void batch(int steps) throws IOException {
        GenerationOptions options =
                GenerationOptions.builder()
                        .optMaxNewTokens(100)
                        .optTemperature(1)
                        .optSamples(8)
                        .optEndIds(5)
                        .build();
        List<long[]> prompts = List.of(new long[] {1, 2, 3}, new long[] {9});
        for (int step = 1; step <= steps; step++) {
            generator.generate(prompts, options.toBuilder().optSeed(step).build());
            note(step, steps);
        }
    }

    private void beams(int steps) throws IOException {
        GenerationOptions options =
                GenerationOptions.builder().optMaxNewTokens(100).optBeams(8).build();
        for (int step = 1; step <= steps; step++) {
            generator.generate(Collections.singletonList(new long[] {step % 64}), options);
            note(step, steps);
        }
    }
}
