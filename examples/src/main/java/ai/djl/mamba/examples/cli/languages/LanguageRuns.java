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
package ai.djl.mamba.examples.cli.languages;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.RunConsole;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.training.Evaluation;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.repository.zoo.ModelNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains classifiers of languages that differ only in what they start from.
 *
 * @param model the pretrained model
 * @param texts the windows of files, with their languages
 * @param folder the folder with a sub-folder for each
 * @param settings how each is trained
 * @param engine the engine
 * @param device the device
 * @param output where to show the progress
 * @param signal stops them
 */
record LanguageRuns(
        String model,
        TrainingTexts texts,
        Path folder,
        Settings settings,
        String engine,
        Device device,
        Output output,
        StopSignal signal) {

    // the usual 0.999 is too slow for short runs
    private static final float BETA_2 = 0.98f;

    /**
     * How a classifier is trained.
     *
     * @param steps the steps
     * @param batch the files of a batch
     * @param length the maximum number of bytes of a file
     * @param evaluateEvery the steps between two evaluations
     * @param pooling how it makes one vector of a file
     * @param rank the rank of the adapters
     * @param seed the seed
     */
    record Settings(
            int steps,
            int batch,
            int length,
            int evaluateEvery,
            Pooling pooling,
            int rank,
            int seed) {}

    /** Where a classifier is saved. */
    Path folder(LanguageStart start) {
        return folder.resolve(start.key());
    }

    /**
     * Trains a classifier and saves it.
     *
     * @throws StopSignal.Stopped if the process was asked to end; the classifier is not kept
     */
    LanguagesResult.Run train(LanguageStart start, float learningRate)
            throws IOException, MalformedModelException, ModelNotFoundException {
        output.line("%s:", start.label());
        List<Evaluation> curve = new ArrayList<>();
        RunListener recorder =
                new RunListener() {
                    @Override
                    public void onEvaluation(Evaluation evaluation, double loss, boolean isBest) {
                        curve.add(evaluation);
                    }
                };
        TrainingFolder place = new TrainingFolder(folder(start), false).overwriting(); // checked
        FineTuning.Builder tuning =
                FineTuning.builder()
                        .setModel(model)
                        .setTask(FineTuning.Task.CLASSIFY)
                        .setTexts(texts)
                        .setOptions(options(learningRate))
                        .setFolder(place)
                        .optEngine(engine)
                        .optDevices(List.of(device))
                        .optBatch(settings.batch)
                        .optLength(settings.length)
                        .optPooling(settings.pooling)
                        .optFromScratch(start == LanguageStart.SCRATCH)
                        .optStarting(run -> signal.watch(run::stop))
                        .addListener(recorder);
        if (start == LanguageStart.LORA) {
            tuning.optLora(LoRA.builder().setRank(settings.rank));
        }
        try (RunConsole console = new RunConsole(output, true, "byte")) {
            FineTuning.Result result = tuning.addListener(console).build().run();
            if (!result.training().isFinished()) {
                place.discard();
                throw new StopSignal.Stopped(
                        String.format(
                                "'%s' after step %,d, of which nothing is kept",
                                start.label(), result.training().steps()));
            }
            return new LanguagesResult.Run(
                    start.key(),
                    learningRate,
                    result.parameters().trainedNumbers(),
                    result.parameters().trainedNumbers() + result.parameters().frozenNumbers(),
                    result.training().seconds(),
                    List.copyOf(curve));
        }
    }

    private TrainingOptions options(float learningRate) {
        return TrainingOptions.builder()
                .optSteps(settings.steps)
                .optLearningRate(learningRate)
                .optWeightDecay(0.01f)
                .optBetas(0.9f, BETA_2)
                .optSeed(settings.seed)
                .optEvaluateEvery(settings.evaluateEvery)
                .optKeepBest(false) // otherwise it would be chosen by the data that evaluate it
                .optSaveEvery(settings.steps) // too short to be resumed
                .build();
    }
}
