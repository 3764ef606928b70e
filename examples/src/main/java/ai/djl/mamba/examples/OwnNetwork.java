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
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceStack;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

/** Composes layers into a network of your own, and trains it to sum up a signal. */
public final class OwnNetwork {

    private OwnNetwork() {}

    /**
     * Runs the example.
     *
     * @param args nothing
     */
    public static void main(String[] args) {
        SequenceStack network = // (B, L, 1) → (B, L, 1)
                SequenceStack.builder()
                        .add(Linear.builder().setUnits(16).build())
                        .add(ResidualBlock.builder().setMixer(MambaBlock.builder().build()).build())
                        .add(Mamba2Block.builder().optStateSize(16).optHeadSize(8).build())
                        .add(Linear.builder().setUnits(1).build())
                        .build();
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.l2Loss())
                        .optOptimizer(
                                Optimizer.adam()
                                        .optLearningRateTracker(Tracker.fixed(0.01f))
                                        .build());
        try (Model model = Model.newInstance("sums", Device.cpu(), "PyTorch")) {
            model.setBlock(network);
            Trainer trainer = model.newTrainer(config); // closed with the model
            trainer.initialize(new Shape(16, 20, 1));
            for (int step = 0; step <= 100; step++) {
                try (NDManager batch = trainer.getManager().newSubManager();
                        GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray signal = batch.randomNormal(new Shape(16, 20, 1));
                    NDList sums = trainer.forward(new NDList(signal));
                    NDArray loss = trainer.getLoss().evaluate(new NDList(signal.cumSum(1)), sums);
                    collector.backward(loss);
                    if (step % 20 == 0) {
                        System.out.printf("step %d: loss %.3f%n", step, loss.getFloat());
                    }
                }
                trainer.step();
            }
        }
    }
}
