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
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

/** Trains a classifier of sequences with DJL's training loop: does a sequence contain a 7? */
public final class Classify {

    private Classify() {}

    /**
     * Runs the example.
     *
     * @param args nothing
     * @throws Exception if the data cannot be read
     */
    public static void main(String[] args) throws Exception {
        try (Model model = Model.newInstance("classifier", Device.cpu(), "PyTorch")) {
            MambaConfig config =
                    MambaConfig.builder().setVocabSize(10).setModelSize(16).setNumLayers(2).build();
            model.setBlock(MambaClassifier.builder().setConfig(config).setNumClasses(2).build());

            NDManager manager = model.getNDManager();
            manager.getEngine().setRandomSeed(1); // the same numbers in every run
            NDArray ids = manager.randomInteger(0, 10, new Shape(512, 12), DataType.INT64);
            NDArray labels = ids.eq(7).toType(DataType.INT64, false).max(new int[] {1}); // (512)
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(ids)
                            .optLabels(labels)
                            .setSampling(32, true)
                            .build();

            DefaultTrainingConfig training =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addEvaluator(new Accuracy())
                            .addTrainingListeners(TrainingListener.Defaults.basic())
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(0.01f))
                                            .build());
            try (Trainer trainer = model.newTrainer(training)) {
                trainer.initialize(new Shape(32, 12));
                EasyTrain.fit(trainer, 8, dataset, null);
                float accuracy = trainer.getTrainingResult().getTrainEvaluation("Accuracy");
                System.out.printf("accuracy %.1f %%%n", 100 * accuracy);
            }
        }
    }
}
