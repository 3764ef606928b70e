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
import ai.djl.mamba.examples.Failures.Failure;
import ai.djl.mamba.training.AdamW;
import ai.djl.mamba.training.GradientClipping;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.mamba.training.ParameterGroups;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.tracker.CosineTracker;
import ai.djl.training.tracker.Tracker;
import ai.djl.training.tracker.WarmUpTracker;

/** Trains a model on a synthetic task with DJL's {@link Trainer}. */
final class SyntheticTrainer implements AutoCloseable {

    private static final double MAX_GRADIENT_NORM = 1;
    private static final int WARM_UP_STEPS = 200;
    private static final float LAST_RATE = 0.01f; // of the highest, at the end of a cosine

    /**
     * So small that the tiny gradients of a loss near 0 still move the weights: this is what makes
     * Δ of tokens to be ignored so small that a million of them change nothing.
     */
    private static final float EPSILON = 1e-12f;

    /** Reading a loss waits for the device. */
    private static final int STEPS_BETWEEN_LOSSES = 20;

    private final SyntheticSettings settings;
    private final SyntheticSource source;
    private final AdamW optimizer;
    private final Trainer trainer;
    private final long start = System.nanoTime();
    private double secondsOfRun;
    private int steps;
    private double loss = Double.NaN;

    /**
     * Prepares a run.
     *
     * @param model the model with its block
     * @param device where to train
     * @param settings how to train
     */
    SyntheticTrainer(Model model, Device device, SyntheticSettings settings) {
        this.settings = settings;
        source =
                new SyntheticSource(
                        settings.task(),
                        settings.batch(),
                        settings.shortest(),
                        settings.length(),
                        settings.copied(),
                        settings.seed());
        optimizer = optimizer(model.getBlock(), settings);
        trainer =
                model.newTrainer(
                        new DefaultTrainingConfig(new MaskedCrossEntropy())
                                .optOptimizer(optimizer)
                                .optDevices(new Device[] {device}));
        trainer.initialize(new Shape(settings.batch(), settings.length()));
    }

    /** Without decay, as the paper has it. */
    private static AdamW optimizer(Block block, SyntheticSettings settings) {
        return AdamW.builder()
                .optLearningRateTracker(schedule(settings))
                .optEpsilon(EPSILON)
                .optGroups(ParameterGroups.builder().setBlock(block).optWeightDecay(0).build())
                .build();
    }

    private static Tracker schedule(SyntheticSettings settings) {
        float rate = settings.learningRate();
        Tracker main =
                settings.cosine()
                        ? CosineTracker.builder()
                                .setBaseValue(rate)
                                .optFinalValue(rate * LAST_RATE)
                                .setMaxUpdates(settings.steps())
                                .build()
                        : Tracker.fixed(rate);
        return WarmUpTracker.builder()
                .setMainTracker(main)
                .optWarmUpSteps(Math.min(WARM_UP_STEPS, Math.max(1, settings.steps() / 10)))
                .optWarmUpBeginValue(0)
                .build();
    }

    /** Whether all steps are made, or the time is over. */
    boolean isDone() {
        return steps == settings.steps() || secondsOfRun >= settings.seconds();
    }

    /** Makes one step. */
    void step() {
        boolean wantLoss = steps % STEPS_BETWEEN_LOSSES == 0 || steps == settings.steps() - 1;
        try (NDManager scratch = trainer.getManager().newSubManager();
                SequenceBatch batch = source.next(scratch)) {
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList logits = trainer.forward(new NDList(batch.ids()));
                NDArray mean = trainer.getLoss().evaluate(new NDList(batch.labels()), logits);
                collector.backward(mean);
                if (wantLoss) {
                    loss = mean.getFloat();
                }
            }
            double norm =
                    GradientClipping.clipGlobalNorm(
                            trainer.getModel().getBlock(), MAX_GRADIENT_NORM);
            if (!Double.isFinite(norm)) {
                throw new Failure(
                        String.format(
                                "the training diverged in step %d (gradient norm %s): try a lower"
                                        + " learning rate, --lr",
                                steps + 1, norm));
            }
            trainer.step();
        }
        steps++;
        secondsOfRun = (System.nanoTime() - start) / 1e9;
    }

    /** The trainer, to evaluate its model with. */
    Trainer trainer() {
        return trainer;
    }

    /** The number of steps made. */
    int steps() {
        return steps;
    }

    /** The seconds from the start to the end of the last step. */
    double seconds() {
        return secondsOfRun;
    }

    /** A recent loss, in nats. */
    double loss() {
        return loss;
    }

    @Override
    public void close() {
        source.close();
        trainer.close();
        optimizer.close();
    }
}
