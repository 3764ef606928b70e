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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.Random;

/** Times a language model with random weights, with one scan or another. */
final class BenchModel {

    private final NDManager manager;
    private final MambaLanguageModel model;
    private final ParameterStore parameters;
    private final int batch;

    /**
     * Creates the model.
     *
     * @param manager the manager that owns it
     * @param config its shape
     * @param type the type of its parameters
     * @param batch the number of sequences at a time
     */
    BenchModel(NDManager manager, MambaConfig config, DataType type, int batch) {
        this.manager = manager;
        this.batch = batch;
        model = new MambaLanguageModel(config, true);
        model.initialize(manager, type, new Shape(batch, 1));
        model.freezeParameters(true); // otherwise the engine records for gradients
        parameters = new ParameterStore(manager, false);
    }

    /**
     * Reads prompts.
     *
     * @param scan the name of the scan
     * @param length the tokens of a prompt
     * @param lastOnly whether logits are computed for the last token only
     * @return the task
     */
    Task prefill(String scan, int length, boolean lastOnly) {
        return with(scan, calls -> timePrefill(length, lastOnly, calls));
    }

    private double timePrefill(int length, boolean lastOnly, int calls) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray ids = tokens(scratch, length);
            Background.await(List.of(ids));
            NDList outputs = new NDList();
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                outputs.close();
                outputs = forward(new NDList(ids), lastOnly);
            }
            Background.await(outputs.subNDList(0, 1)); // the states take no further work
            return seconds(start);
        }
    }

    /**
     * Decodes greedily from an empty state: one token at a time, each read into Java.
     *
     * @param scan the name of the scan
     * @param length the tokens to generate for each sequence
     * @return the task
     */
    Task decode(String scan, int length) {
        return with(scan, calls -> timeDecode((long) calls * length));
    }

    private double timeDecode(long steps) {
        try (NDManager run = manager.newSubManager()) {
            NDArray ids = tokens(run, 1);
            NDList state = MambaState.start(model, run, batch).toNDList();
            Background.await(state);
            long start = System.nanoTime();
            for (long step = 0; step < steps; step++) {
                try (NDManager scratch = run.newSubManager()) {
                    ids.attach(scratch);
                    NDList inputs = new NDList(ids);
                    inputs.addAll(state);
                    NDList outputs = forward(inputs, true);
                    ids = outputs.head().argMax(2).toType(DataType.INT64, false); // (B, 1)
                    ids.attach(run);
                    ids.toLongArray();
                    NDList next = outputs.subNDList(1);
                    next.attach(run);
                    state.close();
                    state = next;
                }
            }
            return seconds(start);
        }
    }

    private NDList forward(NDList inputs, boolean lastOnly) {
        PairList<String, Object> options = new PairList<>();
        options.add(SequenceBlock.LAST_ONLY, lastOnly);
        return model.forward(parameters, inputs, false, options);
    }

    private NDArray tokens(NDManager owner, int length) {
        int vocab = model.getConfig().vocabSize();
        long[] ids = new Random(1).longs((long) batch * length, 0, vocab).toArray();
        return HostArrays.create(owner, ids, new Shape(batch, length));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Makes all layers use a scan: they read the system property at every call. */
    private static Task with(String scan, Task task) {
        return calls -> {
            String before = System.getProperty(Scans.PROPERTY);
            System.setProperty(Scans.PROPERTY, scan);
            try {
                return task.time(calls);
            } finally {
                if (before == null) {
                    System.clearProperty(Scans.PROPERTY);
                } else {
                    System.setProperty(Scans.PROPERTY, before);
                }
            }
        };
    }
}
