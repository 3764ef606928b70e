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

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.training.GradientClipping;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import java.util.Arrays;
import java.util.Random;

/** Trains a language model on bytes with DJL's {@link Trainer}. */
final class ByteModelTrainer implements AutoCloseable {

    private static final double MAX_GRADIENT_NORM = 1;
    private static final float BETA_2 = 0.98f; // short runs have no time for the usual 0.999
    private static final double NATS_PER_BIT = Math.log(2);

    private final Corpus corpus;
    private final int batch;
    private final int length;
    private final Pace pace;
    private final Random random;
    private final Trainer trainer;

    /**
     * Prepares a run.
     *
     * @param model the model, whose block is a {@link MambaLanguageModel}
     * @param device where to train
     * @param corpus the bytes
     * @param settings how to train
     */
    ByteModelTrainer(Model model, Device device, Corpus corpus, Settings settings) {
        this.corpus = corpus;
        batch = settings.batch();
        length = settings.length();
        random = new Random(settings.seed());
        pace = new Pace(settings.steps(), settings.seconds(), settings.learningRate());
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(pace)
                                        .optBeta2(BETA_2)
                                        .build())
                        .optDevices(new Device[] {device});
        trainer = model.newTrainer(config);
        trainer.initialize(new Shape(batch, length));
    }

    /**
     * How to train.
     *
     * @param steps the most steps
     * @param seconds the most seconds
     * @param batch the number of sequences in a step
     * @param length their length in bytes
     * @param learningRate the highest learning rate
     * @param seed the seed of the choice of sequences
     */
    record Settings(
            int steps, double seconds, int batch, int length, float learningRate, int seed) {}

    Pace pace() {
        return pace;
    }

    /** Makes one step on random sequences and returns the loss in bits per byte. */
    double step() {
        int[] starts = random.ints(batch, 0, corpus.training().length - length).toArray();
        try (NDManager scratch = trainer.getManager().newSubManager()) {
            NDArray inputs = sequences(scratch, corpus.training(), starts, 0);
            NDArray targets = sequences(scratch, corpus.training(), starts, 1);
            double loss;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray mean = loss(trainer.forward(new NDList(inputs)), targets);
                collector.backward(mean);
                loss = mean.getFloat();
            }
            double norm =
                    GradientClipping.clipGlobalNorm(
                            trainer.getModel().getBlock(), MAX_GRADIENT_NORM);
            if (!Double.isFinite(loss + norm)) {
                throw new Failure(
                        String.format(
                                "the training diverged in step %d (loss %s, gradient norm %s): try"
                                        + " a lower learning rate, --lr",
                                pace.step() + 1, loss, norm));
            }
            trainer.step();
            pace.endStep();
            return loss / NATS_PER_BIT;
        }
    }

    private NDArray loss(NDList logits, NDArray targets) {
        NDArray rows = logits.singletonOrThrow();
        rows = rows.reshape(-1, rows.getShape().get(2)); // (B·L, V)
        // PyTorch's pick takes the labels of a matrix, but not those of a cube
        return trainer.getLoss().evaluate(new NDList(targets.flatten()), new NDList(rows));
    }

    private NDArray sequences(NDManager manager, byte[] text, int[] starts, int shift) {
        long[] ids = new long[starts.length * length];
        for (int row = 0; row < starts.length; row++) {
            int from = starts[row] + shift;
            long[] sequence = ByteTokenizer.encode(Arrays.copyOfRange(text, from, from + length));
            System.arraycopy(sequence, 0, ids, row * length, length);
        }
        return manager.create(ids, new Shape(starts.length, length)); // (B, L)
    }

    /**
     * Judges the model by sequences that are spread evenly over the held-out bytes.
     *
     * @param most the most bytes to look at
     * @return the loss in bits per byte
     */
    double validate(int most) {
        byte[] text = corpus.validation();
        int sequences = Math.max(1, Math.min(most, text.length - 1) / length);
        int stride = (text.length - 1) / sequences;
        double sum = 0;
        for (int first = 0; first < sequences; first += batch) {
            int[] starts = new int[Math.min(batch, sequences - first)];
            int offset = first;
            Arrays.setAll(starts, row -> (offset + row) * stride);
            try (NDManager scratch = trainer.getManager().newSubManager()) {
                NDArray inputs = sequences(scratch, text, starts, 0);
                NDArray targets = sequences(scratch, text, starts, 1);
                NDArray mean = loss(trainer.evaluate(new NDList(inputs)), targets);
                sum += (double) mean.getFloat() * starts.length;
            }
        }
        return sum / sequences / NATS_PER_BIT;
    }

    @Override
    public void close() {
        trainer.close();
    }
}
