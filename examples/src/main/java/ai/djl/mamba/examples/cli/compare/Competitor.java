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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.mamba.examples.cli.bench.Background;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.compare.Contender.Decoder;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.Locale;

/** A {@link Contender} of a certain width on a device, with random weights. */
final class Competitor implements AutoCloseable {

    private static final float LEARNING_RATE = 1e-4f; // the data are random: nothing to learn

    private final Contender contender;
    private final int width;
    private final int vocabSize;
    private final Model model;
    private final Device device;
    private final List<Parameter> trained;
    private Trainer trainer;

    /**
     * Creates the model.
     *
     * @param contender what it is
     * @param width its width
     * @param vocabSize the number of token ids
     * @param device where it computes
     * @param engine the engine's name
     */
    Competitor(Contender contender, int width, int vocabSize, Device device, String engine) {
        this.contender = contender;
        this.width = width;
        this.vocabSize = vocabSize;
        this.device = device;
        model = Model.newInstance(contender.name(), device, engine);
        Block block = contender.block(width);
        model.setBlock(block);
        block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        trained = Contenders.trained(block);
    }

    Contender contender() {
        return contender;
    }

    int width() {
        return width;
    }

    long parameters() {
        return trained.stream().mapToLong(one -> one.getArray().size()).sum();
    }

    /** The model, ready to be trained. */
    Model model() {
        freeze(false);
        return model;
    }

    /** If parameters are frozen, the engine records nothing for gradients. */
    private void freeze(boolean freeze) {
        trained.forEach(parameter -> parameter.freeze(freeze));
    }

    /** Computes all logits of sequences. */
    Task inference(int batch, int length) {
        return guarded(calls -> timeInference(batch, length, calls));
    }

    private double timeInference(int batch, int length, int calls) {
        NDManager manager = model.getNDManager();
        freeze(true);
        ParameterStore store = new ParameterStore(manager, false);
        double seconds = 0;
        for (int i = 0; i < calls; i++) {
            try (NDManager scratch = manager.newSubManager()) {
                NDArray ids = RandomIds.of(scratch, vocabSize, batch, length);
                Background.await(List.of(ids));
                long start = System.nanoTime();
                NDArray logits = contender.logits(store, model.getBlock(), ids);
                Background.await(List.of(logits));
                seconds += since(start);
            }
        }
        return seconds;
    }

    /** Trains on sequences: forward, backward, and Adam's update. */
    Task training(int batch, int length) {
        return guarded(calls -> timeTraining(batch, length, calls));
    }

    private double timeTraining(int batch, int length, int calls) {
        freeze(false);
        if (trainer == null) {
            trainer = model.newTrainer(trainingConfig());
            trainer.initialize(new Shape(batch, length));
        }
        double seconds = 0;
        for (int i = 0; i < calls; i++) {
            try (NDManager scratch = trainer.getManager().newSubManager()) {
                NDArray ids = RandomIds.of(scratch, vocabSize, batch, length);
                Background.await(List.of(ids));
                long start = System.nanoTime();
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray logits = trainer.forward(new NDList(ids)).singletonOrThrow();
                    NDArray rows = logits.reshape(-1, vocabSize);
                    NDList labels = new NDList(ids.flatten());
                    collector.backward(trainer.getLoss().evaluate(labels, new NDList(rows)));
                }
                trainer.step();
                NDArray first = model.getBlock().getParameters().valueAt(0).getArray();
                Background.await(List.of(first));
                seconds += since(start);
            }
        }
        return seconds;
    }

    private DefaultTrainingConfig trainingConfig() {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(
                        Optimizer.adam()
                                .optLearningRateTracker(Tracker.fixed(LEARNING_RATE))
                                .build())
                .optDevices(new Device[] {device});
    }

    /** Creates what {@link #decoding} times; the caller closes it. */
    Decoder decoder(int batch, int context) {
        return contender.decoder(model.getNDManager(), width, batch, context);
    }

    /** Decodes greedily after a context, each token read into Java. */
    Task decoding(Decoder decoder, int batch) {
        return guarded(calls -> timeDecoding(decoder, batch, calls));
    }

    private double timeDecoding(Decoder decoder, int batch, int calls) {
        decoder.rewind();
        try (NDManager run = model.getNDManager().newSubManager()) {
            NDArray ids = RandomIds.of(run, vocabSize, batch, 1);
            Background.await(List.of(ids));
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++) {
                try (NDManager scratch = run.newSubManager()) {
                    ids.attach(scratch);
                    NDArray logits = decoder.step(ids);
                    ids = logits.argMax(2).toType(DataType.INT64, false); // (B, 1)
                    ids.attach(run);
                    ids.toLongArray();
                }
            }
            return since(start);
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Turns the failures of an engine into reasons to stop. */
    private static Task guarded(Task task) {
        return calls -> {
            try {
                return task.time(calls);
            } catch (EngineException e) {
                throw new IllegalStateException(outOfMemory(e), e);
            }
        };
    }

    /** The meaning of an engine's failure, in one line. */
    static String outOfMemory(EngineException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("memory") || lower.contains("alloc")) {
            return "out of memory: " + message;
        }
        throw e;
    }

    @Override
    public void close() {
        if (trainer != null) {
            trainer.close();
        }
        model.close();
    }
}
