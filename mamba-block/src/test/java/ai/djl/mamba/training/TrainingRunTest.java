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
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.testing.RandomTokens;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Outcome;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import ai.djl.mamba.training.RunListener.StepReport;
import ai.djl.mamba.training.TrainingResult.Reason;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** A run that is stopped and resumed is the run that was never interrupted, bit for bit. */
public class TrainingRunTest {

    private final String engine;
    private Path folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public TrainingRunTest(EngineSetup engine) {
        this.engine = engine.engineName();
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-run").resolve("checkpoints");
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        ProcessFiles.delete(folder.getParent());
    }

    @DataProvider
    public Object[][] scenarios() {
        return Arrays.stream(Scenario.values())
                .map(scenario -> new Object[] {scenario})
                .toArray(Object[][]::new);
    }

    private static void assertSame(Outcome actual, Outcome expected) {
        Assert.assertEquals(actual.parameters().keySet(), expected.parameters().keySet());
        expected.parameters()
                .forEach(
                        (name, values) ->
                                Assert.assertTrue(
                                        Arrays.equals(values, actual.parameters().get(name)),
                                        name));
        Assert.assertEquals(actual.result().steps(), expected.result().steps());
        Assert.assertEquals(actual.result().epochs(), expected.result().epochs());
        Assert.assertEquals(actual.result().tokens(), expected.result().tokens());
        Assert.assertEquals(actual.result().last(), expected.result().last());
        Assert.assertEquals(actual.result().best(), expected.result().best());
        Assert.assertEquals(actual.result().trainLoss(), expected.result().trainLoss());
        Assert.assertEquals(actual.result().reason(), expected.result().reason());
    }

    /** Each step is made by a model, a run and an optimizer of its own. */
    @Test(dataProvider = "scenarios")
    public void resumedAtEveryStepIsTheSame(Scenario scenario) throws IOException {
        TinyTraining training = TinyTraining.of(engine, scenario);
        Outcome expected = training.run();
        Outcome resumed = null;
        for (int step = 1; step <= TinyTraining.STEPS; step++) {
            resumed = training.session(folder, true, 1);
            Assert.assertEquals(resumed.result().steps(), step);
            Reason reason = step < TinyTraining.STEPS ? Reason.INTERRUPTED : Reason.FINISHED;
            Assert.assertEquals(resumed.result().reason(), reason);
        }
        assertSame(resumed, expected);
        // the process died before the model was saved: the end is there once more
        assertSame(training.session(folder, true, 1), expected);
    }

    @Test
    public void seedsMatter() throws IOException {
        Outcome one = TinyTraining.of(engine, Scenario.DROPOUT).run();
        TinyTraining other = TinyTraining.of(engine, Scenario.DROPOUT);
        other.options().optSeed(6);
        Assert.assertNotEquals(other.run().result().trainLoss(), one.result().trainLoss());
    }

    @Test
    public void epochsEndARunAndItsSchedule() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.ACCUMULATED);
        training.options().optSteps(0).optEpochs(2); // 8 batches, 3 a step
        List<StepReport> reports = new ArrayList<>();
        Outcome outcome =
                training.session(folder, false, run -> run.addListener(collector(reports)));
        Assert.assertEquals(outcome.result().epochs(), 2);
        Assert.assertEquals(outcome.result().steps(), 3);
        long batchTokens = (long) RandomTokens.ROWS * RandomTokens.LENGTH;
        Assert.assertEquals(outcome.result().tokens(), 8 * batchTokens);
        Assert.assertEquals(reports.get(1).progress(), 2.0 / 3, 1e-9);
        Assert.assertEquals(reports.get(2).progress(), 1.0);
        Assert.assertTrue(reports.get(2).learningRate() < reports.get(1).learningRate());
    }

    @Test
    public void accumulatedBatchesWeighByTheirLabels() throws IOException {
        List<StepReport> single = reports(4, 1);
        StepReport together = reports(1, 4).get(0);
        double sum = 0;
        double labels = 0;
        for (int i = 0; i < single.size(); i++) {
            int count = RandomTokens.ROWS * RandomTokens.LENGTH - RandomTokens.padding(i);
            sum += count * single.get(i).loss();
            labels += count;
        }
        Assert.assertEquals(together.loss(), sum / labels, 1e-6);
        Assert.assertTrue(together.gradientNorm() > 0);
    }

    /** The steps of a run that learns nothing. */
    private List<StepReport> reports(int steps, int accumulation) throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optSteps(steps).optAccumulation(accumulation).optLearningRate(1e-12f);
        List<StepReport> reports = new ArrayList<>();
        training.session(null, false, run -> run.addListener(collector(reports)));
        Assert.assertEquals(reports.size(), steps);
        return reports;
    }

    private static RunListener collector(List<StepReport> reports) {
        return new RunListener() {
            @Override
            public void onStep(StepReport report) {
                reports.add(report);
            }
        };
    }

    @Test
    public void learnsAndKeepsTheBest() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optSteps(60).optEvaluateEvery(10);
        Outcome outcome = training.run();
        Evaluation best = outcome.result().best();
        Assert.assertTrue(best.meanNll() < 0.6 * Math.log(RandomTokens.VOCAB), best.toString());
        Assert.assertTrue(best.accuracy() > 0.7, best.toString());
        long batch = (long) RandomTokens.ROWS * RandomTokens.LENGTH;
        int padding = RandomTokens.padding(0) + RandomTokens.padding(1);
        Assert.assertEquals(best.labels(), 2 * batch - padding);
        Assert.assertEquals(best.perplexity(), Math.exp(best.meanNll()));
    }

    @Test
    public void stopsEarlyAndGivesTheBestParameters() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        // so high a rate that nothing gets better for long
        training.options().optSteps(200).optLearningRate(1).optEvaluateEvery(1).optPatience(4);
        Outcome outcome = training.run();
        Assert.assertEquals(outcome.result().reason(), Reason.STOPPED_EARLY);
        long bestStep = outcome.result().best().step();
        Assert.assertEquals(outcome.result().steps(), bestStep + 4);

        TinyTraining shorter = TinyTraining.of(engine, Scenario.PLAIN);
        shorter.options().optSteps(200).optLearningRate(1).optEvaluateEvery(1).optKeepBest(false);
        Outcome atBest = shorter.session(null, false, (int) bestStep);
        atBest.parameters()
                .forEach(
                        (name, values) ->
                                Assert.assertEquals(outcome.parameters().get(name), values));
        Outcome resumed = null;
        for (int i = 0; resumed == null || !resumed.result().isFinished(); i++) {
            Assert.assertTrue(i < 200, "never stops");
            resumed = training.session(folder, true, 2);
        }
        assertSame(resumed, outcome);
    }

    @Test
    public void divergenceKeepsTheLastCheckpoint() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optSaveEvery(1).optSteps(500).optLearningRate(1e30f).optClipNorm(0);
        TrainingDivergedException e =
                Assert.expectThrows(
                        TrainingDivergedException.class,
                        () -> training.session(folder, false, run -> {}));
        Assert.assertTrue(e.getMessage().contains("step " + e.getStep()), e.getMessage());
        long[] last = new long[1];
        Assert.assertThrows(
                TrainingDivergedException.class,
                () -> training.session(folder, true, run -> last[0] = run.step()));
        Assert.assertEquals(last[0], e.getStep() - 1);
    }

    @Test
    public void otherOptionsAreRefusedByName() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.FROZEN);
        training.session(folder, false, 2);
        TinyTraining other = TinyTraining.of(engine, Scenario.FROZEN);
        other.options().optLearningRate(0.5f).optSteps(9);
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> other.session(folder, true, 1));
        Assert.assertTrue(e.getMessage().contains("learning_rate was 0.02, is now 0.5"), "" + e);
        Assert.assertFalse(e.getMessage().contains("steps was"), "limits may differ: " + e);
        // other frozen parameters
        TinyTraining unfrozen = TinyTraining.of(engine, Scenario.PLAIN);
        e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> unfrozen.session(folder, true, 1));
        Assert.assertTrue(e.getMessage().contains("frozen_parameters"), "" + e);
        // and how often checkpoints are saved does not matter
        training.options().optSaveEvery(1);
        Assert.assertEquals(training.session(folder, true, 1).result().steps(), 3);
    }

    /** In one line, before the engine is asked for memory there. */
    @Test
    public void aDeviceThatIsNotThereIsNamed() {
        try (Model model = Model.newInstance("tiny", Device.cpu(), engine)) {
            Block block = Linear.builder().setUnits(2).build();
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
            model.setBlock(block);
            TrainingRun.Builder builder =
                    TrainingRun.builder()
                            .setModel(model)
                            .setData(RandomTokens.language(1, 4))
                            .setOptions(TrainingOptions.builder().optSteps(1).build())
                            .optDevices(List.of(Device.gpu(77)));
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, builder::build);
            Assert.assertTrue(
                    e.getMessage().contains("no device gpu77: " + engine + " sees"),
                    e.getMessage());
        }
    }

    @Test
    public void wrongBuildersAreRefused() {
        TrainingRun.Builder builder = TrainingRun.builder();
        Assert.assertThrows(IllegalArgumentException.class, builder::build);
        Assert.assertThrows(
                IllegalArgumentException.class, () -> TrainingOptions.builder().build());
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optCarryState(true); // the model returns none
        IllegalArgumentException e =
                Assert.expectThrows(IllegalArgumentException.class, training::run);
        Assert.assertTrue(e.getMessage().contains("carrying a state"), e.getMessage());
    }
}
