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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.training.Evaluation;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.StepReport;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** Trains one model on a synthetic task, saves it, and tests it. */
final class SyntheticRun {

    private final CommonOptions common;
    private final Engine engine;
    private final SyntheticSettings settings;
    private final SyntheticTestOptions tests;
    private final StopSignal signal;

    /**
     * Prepares runs.
     *
     * @param common the output, and where to compute
     * @param engine the engine
     * @param settings how they are trained
     * @param tests how they are tested
     * @param signal stops them
     */
    SyntheticRun(
            CommonOptions common,
            Engine engine,
            SyntheticSettings settings,
            SyntheticTestOptions tests,
            StopSignal signal) {
        this.common = common;
        this.engine = engine;
        this.settings = settings;
        this.tests = tests;
        this.signal = signal;
    }

    /**
     * Trains and tests. A model with a state is tested as it was saved.
     *
     * @param candidate the model
     * @param folder where to save it, if it has a state
     * @throws StopSignal.Stopped if the process was asked to end
     */
    SyntheticResult run(SyntheticModel candidate, Path folder)
            throws IOException, MalformedModelException {
        engine.setRandomSeed(settings.seed()); // the same initial weights, whatever ran before
        Block block = candidate.newBlock();
        String engineName = engine.getEngineName();
        try (Model model = Model.newInstance(candidate.toString(), common.device(), engineName)) {
            model.setBlock(block);
            NDManager manager = model.getNDManager();
            block.initialize(
                    manager, DataType.FLOAT32, new Shape(settings.batch(), settings.length()));
            long parameters = parameters(block);
            common.output().line("%s: %,d parameters", candidate.title(), parameters);
            SyntheticCurve curve = new SyntheticCurve();
            TrainingResult trained = train(candidate, model, curve);
            List<SyntheticEvaluator.Accuracy> accuracies =
                    block instanceof MambaLanguageModel language
                            ? testSaved(candidate, language, folder, manager)
                            : test(
                                    candidate,
                                    evaluator(
                                            candidate,
                                            manager,
                                            block,
                                            false,
                                            "is trained, but not tested"));
            return new SyntheticResult(
                    candidate,
                    settings,
                    parameters,
                    trained,
                    engineName,
                    common.deviceName(),
                    curve,
                    accuracies);
        }
    }

    private static long parameters(Block block) {
        return block.getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    private TrainingResult train(SyntheticModel candidate, Model model, SyntheticCurve curve)
            throws IOException {
        try (SyntheticSource data = settings.training();
                SyntheticSource validation = settings.validation();
                ProgressBar bar = Output.progressBar(model.getName(), settings.steps());
                TrainingRun run =
                        TrainingRun.builder()
                                .setModel(model)
                                .setData(data)
                                .setOptions(settings.options())
                                .optGroups(settings.groups(candidate.kind(), model.getBlock()))
                                .optValidation(validation)
                                .addListener(new Watcher(curve, bar))
                                .build()) {
            signal.watch(run::stop);
            TrainingResult result = run.run();
            if (!result.isFinished()) {
                throw new StopSignal.Stopped(
                        String.format(
                                "%s after step %,d, of which nothing is kept",
                                candidate.title(), result.steps()));
            }
            return result;
        }
    }

    /** Records the progress of training, and prints it. */
    private final class Watcher implements RunListener {

        private final SyntheticCurve curve;
        private final ProgressBar bar;
        private double seconds;

        Watcher(SyntheticCurve curve, ProgressBar barOrNull) {
            this.curve = curve;
            bar = barOrNull;
        }

        @Override
        public void onStep(StepReport report) {
            seconds = report.seconds();
            if (bar != null) {
                bar.stepTo(report.step());
            }
        }

        @Override
        public void onEvaluation(Evaluation evaluation, double trainLoss, boolean isBest) {
            curve.add(
                    new SyntheticCurve.Point(
                            evaluation.step(), seconds, trainLoss, evaluation.accuracy()));
            common.output()
                    .line(
                            "  step %,d, %.0f s: loss %.2g; validation: loss %.2g, %.1f %% right%s",
                            evaluation.step(),
                            seconds,
                            trainLoss,
                            evaluation.meanNll(),
                            100 * evaluation.accuracy(),
                            isBest ? " (best)" : "");
        }
    }

    private SyntheticEvaluator evaluator(
            SyntheticModel candidate,
            NDManager manager,
            Block block,
            boolean carriesState,
            String where) {
        return new SyntheticEvaluator(
                manager,
                block,
                carriesState,
                settings.task(),
                settings.copied(),
                settings.seed(),
                () -> signal.check(candidate.title() + ' ' + where));
    }

    private List<SyntheticEvaluator.Accuracy> testSaved(
            SyntheticModel candidate, MambaLanguageModel trained, Path folder, NDManager manager)
            throws IOException, MalformedModelException {
        MambaCheckpoint.save(trained, folder);
        try (NDManager scratch = manager.newSubManager()) {
            MambaLanguageModel loaded = MambaCheckpoint.load(folder, scratch);
            return test(
                    candidate,
                    evaluator(
                            candidate,
                            scratch,
                            loaded,
                            true,
                            "is saved in " + folder + ", but not tested"));
        }
    }

    private List<SyntheticEvaluator.Accuracy> test(
            SyntheticModel candidate, SyntheticEvaluator evaluator) {
        return tests.run(
                evaluator,
                settings,
                candidate.kind().hasState(),
                candidate.title(),
                common.output());
    }
}
