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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.mamba.testing.TinyTraining;
import ai.djl.mamba.testing.TinyTraining.Outcome;
import ai.djl.mamba.testing.TinyTraining.Scenario;
import ai.djl.mamba.training.CheckpointStore.Progress;
import ai.djl.mamba.training.TrainingOptions.Schedule;
import ai.djl.mamba.training.TrainingResult.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Runs that have finished, or were stopped, and go on with higher limits. */
public class HigherLimitsTest {

    private final String engine;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public HigherLimitsTest(EngineSetup engine) {
        this.engine = engine.engineName();
    }

    @DataProvider
    public Object[][] scenarios() {
        return Arrays.stream(Scenario.values())
                .map(scenario -> new Object[] {scenario})
                .toArray(Object[][]::new);
    }

    private static Path newFolder() throws IOException {
        return TempFiles.folder("mamba-limits").resolve("checkpoints");
    }

    /** A training with limits, whose learning rate does not depend on them. */
    private TinyTraining training(Scenario scenario, long steps, long epochs, double seconds) {
        TinyTraining training = TinyTraining.of(engine, scenario);
        training.options().optSteps(steps).optEpochs(epochs).optSeconds(seconds);
        training.options().optSchedule(Schedule.CONSTANT).optWarmupSteps(2);
        return training;
    }

    private static Outcome finish(TinyTraining training, Path folder, boolean resume)
            throws IOException {
        Outcome outcome = training.session(folder, resume, run -> {});
        Assert.assertEquals(outcome.result().reason(), Reason.FINISHED);
        try (CheckpointStore store = new CheckpointStore(folder)) {
            store.finishAndKeep();
            Assert.assertTrue(store.latest().isEmpty());
        }
        Assert.assertTrue(CheckpointStore.isFinished(folder));
        Assert.assertFalse(CheckpointStore.isUnfinished(folder));
        return outcome;
    }

    private static void assertSame(Outcome actual, Outcome expected) {
        expected.parameters()
                .forEach(
                        (name, values) ->
                                Assert.assertEquals(actual.parameters().get(name), values, name));
        Assert.assertEquals(actual.result().steps(), expected.result().steps());
        Assert.assertEquals(actual.result().epochs(), expected.result().epochs());
        Assert.assertEquals(actual.result().tokens(), expected.result().tokens());
        Assert.assertEquals(actual.result().last(), expected.result().last());
        Assert.assertEquals(actual.result().best(), expected.result().best());
    }

    @Test(dataProvider = "scenarios")
    public void moreStepsAreThoseOfALongerRun(Scenario scenario) throws IOException {
        Path folder = newFolder();
        finish(training(scenario, 3, 0, 0), folder, false);
        Progress progress = CheckpointStore.progress(folder).orElseThrow();
        Assert.assertEquals(progress.steps(), 3);
        Assert.assertEquals(progress.maxSteps(), 3);
        finish(training(scenario, 6, 0, 0), folder, true);
        Outcome longest = finish(training(scenario, 7, 0, 0), folder, true);
        assertSame(longest, training(scenario, 7, 0, 0).run());
        // and nothing changes if there is nothing left to do
        assertSame(finish(training(scenario, 7, 0, 0), folder, true), longest);
    }

    /** An epoch has four steps here, the end of the first run is one of the evaluations. */
    @Test
    public void moreEpochsAreThoseOfALongerRun() throws IOException {
        Path folder = newFolder();
        TinyTraining first = training(Scenario.DROPOUT, 0, 1, 0);
        first.options().optEvaluateEvery(4);
        finish(first, folder, false);
        TinyTraining longer = training(Scenario.DROPOUT, 0, 3, 0);
        longer.options().optEvaluateEvery(4);
        Outcome all = finish(longer, folder, true);
        Assert.assertEquals(all.result().epochs(), 3);
        assertSame(all, longer.run());
    }

    @Test
    public void aLimitOfTimeCanBecomeOneOfSteps() throws IOException {
        Path folder = newFolder();
        finish(training(Scenario.PLAIN, 0, 0, 1e-9), folder, false);
        Assert.assertEquals(CheckpointStore.progress(folder).orElseThrow().maxSeconds(), 1e-9);
        Outcome longer = finish(training(Scenario.PLAIN, 4, 0, 0), folder, true);
        Assert.assertEquals(
                longer.result().last(), training(Scenario.PLAIN, 4, 0, 0).run().result().last());
    }

    @Test
    public void aStoppedRunTakesNewLimits() throws IOException {
        Path folder = newFolder();
        training(Scenario.PLAIN, 5, 0, 0).session(folder, false, 2);
        assertSame(
                finish(training(Scenario.PLAIN, 7, 0, 0), folder, true),
                training(Scenario.PLAIN, 7, 0, 0).run());
    }

    /** A cosine that has ended rises to where it is in the longer run. */
    @Test
    public void theScheduleIsThatOfTheNewLimits() throws IOException {
        Path folder = newFolder();
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optSteps(50).optEvaluateEvery(TrainingOptions.AUTOMATIC);
        training.session(folder, false, run -> {});
        training.options().optSteps(100);
        List<Float> rates = new ArrayList<>();
        List<Long> evaluations = new ArrayList<>();
        RunListener listener =
                new RunListener() {
                    @Override
                    public void onStep(StepReport report) {
                        rates.add(report.learningRate());
                    }

                    @Override
                    public void onEvaluation(Evaluation found, double loss, boolean isBest) {
                        evaluations.add(found.step());
                    }
                };
        training.session(folder, true, run -> run.addListener(listener));
        Assert.assertEquals(rates.size(), 50);
        Assert.assertTrue(rates.get(0) > 0.009f && rates.get(0) < 0.012f, "half of " + rates);
        Assert.assertEquals(rates.get(49), 0.002f, 1e-4f);
        Assert.assertEquals(evaluations, List.of(60L, 70L, 80L, 90L, 100L));
    }

    /** With fewer than 25 steps the first is more than the 4 % of the warm-up. */
    @Test
    public void shortRunsKeepToTheHighestRate() throws IOException {
        TinyTraining training = TinyTraining.of(engine, Scenario.PLAIN);
        training.options().optSteps(2);
        List<Float> rates = new ArrayList<>();
        RunListener listener =
                new RunListener() {
                    @Override
                    public void onStep(StepReport report) {
                        rates.add(report.learningRate());
                    }
                };
        training.session(null, false, run -> run.addListener(listener));
        Assert.assertTrue(rates.stream().allMatch(rate -> rate <= 0.02f), rates.toString());
    }

    /** Versions before this wrote this at the end of a run, and kept nothing. */
    @Test
    public void aRunThatKeptNothingIsFinished() throws IOException {
        Path folder = newFolder();
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("latest"), "finished\n");
        Assert.assertTrue(CheckpointStore.isFinished(folder));
        Assert.assertTrue(CheckpointStore.progress(folder).isEmpty());
        Assert.assertTrue(CheckpointStore.newest(folder).isEmpty());
    }
}
