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

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/** Trains one model on a synthetic task, saves it, and tests it. */
final class SyntheticRun {

    private static final int LOOKS = 20;

    private final CommonOptions common;
    private final Engine engine;
    private final SyntheticSizes sizes;
    private final SyntheticSettings settings;
    private final SyntheticTestOptions tests;

    SyntheticRun(
            CommonOptions common,
            Engine engine,
            SyntheticSizes sizes,
            SyntheticSettings settings,
            SyntheticTestOptions tests) {
        this.common = common;
        this.engine = engine;
        this.sizes = sizes;
        this.settings = settings;
        this.tests = tests;
    }

    /**
     * Trains and tests. What is tested of a model with a state is what was saved.
     *
     * @param kind the model
     * @param folder where to save it, if it has a state
     */
    SyntheticResult run(SyntheticModel kind, Path folder)
            throws IOException, MalformedModelException {
        engine.setRandomSeed(settings.seed()); // the same start whatever ran before
        Block block = kind.newBlock(sizes);
        String engineName = engine.getEngineName();
        try (Model model = Model.newInstance(kind.toString(), common.device(), engineName)) {
            model.setBlock(block);
            try (SyntheticTrainer trainer =
                    new SyntheticTrainer(model, common.device(), settings)) {
                long parameters = parameters(block);
                common.output().line("%s: %,d parameters", kind.title(), parameters);
                NDManager manager = trainer.trainer().getManager();
                SyntheticEvaluator stateless = evaluator(manager, block, false);
                SyntheticCurve curve = train(kind, trainer, stateless);
                List<SyntheticEvaluator.Accuracy> accuracies =
                        block instanceof MambaLanguageModel language
                                ? testSaved(kind, language, folder, manager)
                                : test(kind, stateless);
                return new SyntheticResult(
                        kind,
                        settings,
                        sizes,
                        parameters,
                        trainer.steps(),
                        trainer.seconds(),
                        trainer.loss(),
                        engineName,
                        common.deviceName(),
                        curve,
                        accuracies);
            }
        }
    }

    private SyntheticEvaluator evaluator(NDManager manager, Block block, boolean carriesState) {
        return new SyntheticEvaluator(
                manager, block, carriesState, settings.task(), settings.copied(), settings.seed());
    }

    private List<SyntheticEvaluator.Accuracy> testSaved(
            SyntheticModel kind, MambaLanguageModel trained, Path folder, NDManager manager)
            throws IOException, MalformedModelException {
        MambaCheckpoint.save(trained, folder);
        try (NDManager scratch = manager.newSubManager()) {
            MambaLanguageModel loaded = MambaCheckpoint.load(folder, scratch);
            return test(kind, evaluator(scratch, loaded, true));
        }
    }

    private static long parameters(Block block) {
        return block.getParameters().values().stream()
                .mapToLong(parameter -> parameter.getArray().size())
                .sum();
    }

    private SyntheticCurve train(
            SyntheticModel kind, SyntheticTrainer trainer, SyntheticEvaluator evaluator) {
        SyntheticCurve curve = new SyntheticCurve();
        int between = Math.max(1, settings.steps() / LOOKS);
        try (ProgressBar bar = Output.progressBar(kind.toString(), settings.steps())) {
            while (!trainer.isDone()) {
                trainer.step();
                if (bar != null) {
                    bar.stepTo(trainer.steps());
                }
                if (trainer.steps() % between == 0) {
                    curve.add(look(trainer, evaluator));
                }
            }
        }
        return curve;
    }

    private SyntheticCurve.Point look(SyntheticTrainer trainer, SyntheticEvaluator evaluator) {
        double accuracy =
                evaluator.accuracy(settings.length(), tests.sequencesWhileTraining()).value();
        common.output()
                .line(
                        "  step %,d, %.0f s: loss %.4f, accuracy %.1f %%",
                        trainer.steps(), trainer.seconds(), trainer.loss(), 100 * accuracy);
        return new SyntheticCurve.Point(
                trainer.steps(), trainer.seconds(), trainer.loss(), accuracy);
    }

    private List<SyntheticEvaluator.Accuracy> test(
            SyntheticModel kind, SyntheticEvaluator evaluator) {
        List<SyntheticEvaluator.Accuracy> accuracies = new ArrayList<>();
        for (int length : tests.lengths(settings, kind)) {
            SyntheticEvaluator.Accuracy accuracy =
                    evaluator.accuracy(length, tests.sequences(length));
            accuracies.add(accuracy);
            common.output()
                    .line(
                            "  %s at %,d tokens: %.2f %% of %,d answers",
                            kind.title(), length, 100 * accuracy.value(), accuracy.answers());
        }
        return accuracies;
    }
}
