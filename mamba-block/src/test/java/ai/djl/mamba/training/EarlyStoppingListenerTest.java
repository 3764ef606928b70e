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
package ai.djl.mamba.training;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ModelSuite;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.EarlyStoppingListener.EarlyStoppedException;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** EasyTrain is ended where the validation no longer improves, with the best parameters. */
public class EarlyStoppingListenerTest extends ModelSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public EarlyStoppingListenerTest(EngineSetup engine) {
        super(engine);
    }

    private DefaultTrainingConfig config(Tracker rate) {
        return new DefaultTrainingConfig(new MaskedCrossEntropy())
                .optOptimizer(Optimizer.sgd().setLearningRateTracker(rate).build())
                .optDevices(new Device[] {device()});
    }

    /** With a rate that makes the loss better for four epochs, and worse from then on. */
    @Test
    public void stopsEasyTrainAndPutsTheBestBack() throws IOException, TranslateException {
        EarlyStopping stopping =
                EarlyStopping.builder().optPatience(2).optRestoreBest(true).build();
        List<Map<String, float[]>> epochs = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        try (Model model = languageModel()) {
            DefaultTrainingConfig config =
                    config(step -> step <= 8 ? 0.1f : -0.1f)
                            .addTrainingListeners(TrainingListener.Defaults.basic())
                            .addTrainingListeners(
                                    new TrainingListenerAdapter() {
                                        @Override
                                        public void onEpoch(Trainer trainer) {
                                            Float loss =
                                                    trainer.getTrainingResult().getValidateLoss();
                                            losses.add((double) loss);
                                            epochs.add(values(trainer.getModel().getBlock()));
                                        }
                                    })
                            .addTrainingListeners(stopping.asListener());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(8, LENGTH));
                EarlyStoppedException e =
                        Assert.expectThrows(
                                EarlyStoppedException.class,
                                () -> EasyTrain.fit(trainer, 500, countingData(), countingData()));
                Assert.assertEquals(e.getStopEpoch(), losses.size());
            }
            int best = (int) stopping.getBestUpdate() - 1;
            Assert.assertEquals(best, 3, "the best epoch of " + losses);
            Assert.assertEquals(losses.size(), 6, "epochs, two of patience");
            Assert.assertEquals(stopping.getBest(), losses.get(best), "best loss");
            epochs.get(best)
                    .forEach(
                            (name, value) ->
                                    Assert.assertEquals(
                                            values(model.getBlock()).get(name), value, name));
        }
    }

    @Test
    public void looksAtAnyEvaluator() throws IOException, TranslateException {
        EarlyStopping stopping =
                EarlyStopping.builder()
                        .optMetric("other")
                        .optMaximize(true)
                        .optMinDelta(100)
                        .optPatience(2)
                        .build();
        try (Model model = languageModel()) {
            DefaultTrainingConfig config =
                    config(Tracker.fixed(1e-3f))
                            .addEvaluator(Loss.softmaxCrossEntropyLoss("other"))
                            .addTrainingListeners(TrainingListener.Defaults.basic())
                            .addTrainingListeners(stopping.asListener());
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(new Shape(8, LENGTH));
                EarlyStoppedException e =
                        Assert.expectThrows(
                                EarlyStoppedException.class,
                                () -> EasyTrain.fit(trainer, 10, countingData(), countingData()));
                Assert.assertEquals(e.getStopEpoch(), 3, "nothing is larger by 100");
                Assert.assertTrue(e.getMessage().contains("other"), e.getMessage());
            }
        }
    }

    @Test
    public void saysThatNothingEvaluates() throws IOException, TranslateException {
        try (Model model = languageModel();
                Trainer trainer =
                        model.newTrainer(
                                config(Tracker.fixed(1e-3f))
                                        .addTrainingListeners(
                                                EarlyStopping.builder().build().asListener()))) {
            trainer.initialize(new Shape(8, LENGTH));
            Exception e =
                    Assert.expectThrows(
                            IllegalStateException.class,
                            () -> EasyTrain.fit(trainer, 1, countingData(), null));
            Assert.assertTrue(e.getMessage().contains("EvaluatorTrainingListener"));
        }
    }
}
