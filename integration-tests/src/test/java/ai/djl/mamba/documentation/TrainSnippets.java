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
package ai.djl.mamba.documentation;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.training.AdamW;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.GradientClipping;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.mamba.training.ParameterGroups;
import ai.djl.mamba.training.Schedules;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.mamba.zoo.data.PackedBatches;
import ai.djl.mamba.zoo.data.Shuffle;
import ai.djl.mamba.zoo.data.TextData;
import ai.djl.mamba.zoo.text.CharacterTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.mamba.zoo.training.FineTuning;
import ai.djl.mamba.zoo.training.TrainingFolder;
import ai.djl.mamba.zoo.training.TrainingTexts;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The examples of docs/train.md, word for word; {@link TrainSnippetsTest} runs them. */
final class TrainSnippets {

    private TrainSnippets() {}

    static float train(String engine, NDManager manager) throws IOException, TranslateException {
        NDArray ids = manager.randomInteger(0, 10, new Shape(64, 12), DataType.INT64);
        NDArray lengths = manager.full(new Shape(64), 12, DataType.INT64);
        NDArray labels = ids.get(":, 11").mod(2);

        MambaConfig config =
                MambaConfig.builder().setVocabSize(10).setModelSize(16).setNumLayers(2).build();
        float accuracy;
        try (Model model = Model.newInstance("parity", Device.cpu(), engine)) {
            model.setBlock(
                    MambaClassifier.builder()
                            .setConfig(config)
                            .setNumClasses(2)
                            .optBidirectional(true)
                            .build());
            DefaultTrainingConfig training =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addEvaluator(new Accuracy())
                            .optDevices(new Device[] {Device.cpu()})
                            .optOptimizer(
                                    Optimizer.adam()
                                            .optLearningRateTracker(Tracker.fixed(0.01f))
                                            .build())
                            .addTrainingListeners(TrainingListener.Defaults.basic());
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(ids, lengths)
                            .optLabels(labels)
                            .setSampling(16, true)
                            .build();
            try (Trainer trainer = model.newTrainer(training)) {
                trainer.initialize(new Shape(16, 12), new Shape(16));
                EasyTrain.fit(trainer, 10, dataset, null);
                accuracy = trainer.getTrainingResult().getTrainEvaluation("Accuracy");
            }
        }
        return accuracy;
    }

    static void tools(Model model, Dataset dataset, int batch, int length)
            throws IOException, TranslateException {
        AdamW optimizer =
                AdamW.builder()
                        .optLearningRateTracker(Schedules.warmUpCosine(3e-3f, 10, 200))
                        .optGroups(ParameterGroups.of(model.getBlock()))
                        .build();
        DefaultTrainingConfig training =
                new DefaultTrainingConfig(new MaskedCrossEntropy()) // the label -100 does not count
                        .optOptimizer(optimizer)
                        .addTrainingListeners(TrainingListener.Defaults.basic())
                        .addTrainingListeners(new GradientClipping(1.0));
        try (Trainer trainer = model.newTrainer(training)) {
            Freezing.freeze(model.getBlock(), "embedding"); // after newTrainer, which unfreezes
            trainer.initialize(new Shape(batch, length));
            EasyTrain.fit(trainer, 10, dataset, null);
        }
    }

    static TrainingResult run(Model model, Path sources, Path folder) throws IOException {
        TrainingResult result;
        TextData data = TextData.builder().addPath(sources).optInclude("*.java").build();
        try (BatchSource batches =
                        PackedBatches.builder()
                                .setRecords(data.part(Part.ALL)) // optSplit: a part held out
                                .setBatch(8)
                                .setLength(128)
                                .optShuffle(Shuffle.of(1))
                                .build();
                CheckpointStore checkpoints = new CheckpointStore(folder);
                TrainingRun run =
                        TrainingRun.builder()
                                .setModel(model) // its block is initialized
                                .setData(batches)
                                .setOptions(TrainingOptions.builder().optSteps(20).build())
                                .optCheckpoints(checkpoints)
                                .optResume(true) // continues where a killed run was
                                .build()) {
            result = run.run();
        }
        return result;
    }

    static FineTuning.Result fineTune(Path mails, Path folder)
            throws IOException, MalformedModelException, ModelNotFoundException {
        FineTuning.Result result =
                FineTuning.builder()
                        .setModel("mamba-130m-hf") // or a folder, or owner/name
                        .setTask(FineTuning.Task.CLASSIFY) // or LM
                        .setTexts(
                                TrainingTexts.builder()
                                        .setPaths(List.of(mails)) // CSV: columns text and label
                                        .optLabelField("label")
                                        .build())
                        .setOptions(TrainingOptions.builder().optEpochs(3).build())
                        .setFolder(new TrainingFolder(folder, false)) // true: resume
                        .optLora(LoRA.builder().setRank(8))
                        .build()
                        .run();
        return result;
    }

    static String ownVocabulary(Path genome, Path folder, String engine)
            throws IOException, MalformedModelException, ModelNotFoundException {
        String continuation;
        Tokenizer dna = CharacterTokenizer.of("ACGTN", 'N'); // any other character is read as N
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(dna.vocabSize())
                        .setModelSize(32)
                        .setNumLayers(2)
                        .build();
        MambaLanguageModel block = new MambaLanguageModel(config);
        TextData data = TextData.builder().addPath(genome).build();
        try (Model model = Model.newInstance("dna", Device.cpu(), engine);
                BatchSource batches =
                        PackedBatches.builder()
                                .setRecords(data.part(Part.ALL))
                                .setBatch(8)
                                .setLength(64)
                                .optTokenizer(dna)
                                .build()) {
            model.setBlock(block);
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
            try (TrainingRun run =
                    TrainingRun.builder()
                            .setModel(model)
                            .setData(batches)
                            .setOptions(TrainingOptions.builder().optSteps(20).build())
                            .build()) {
                run.run();
            }
            MambaCheckpoint.save(block, folder, Dialect.TRANSFORMERS);
            dna.save(folder); // beside the model, where all that load it find it
        }
        try (TextModel text = TextModel.load(folder)) {
            continuation = text.generate("GATTACA");
        }
        return continuation;
    }

    static void lora(Model model, DefaultTrainingConfig training, Dataset dataset, Path folder)
            throws IOException, TranslateException {
        LoRA lora = LoRA.builder().setRank(8).optAlpha(16).optTargets("in_proj", "x_proj").build();
        lora.apply(model.getBlock(), model.getNDManager());
        try (Trainer trainer = model.newTrainer(training)) {
            lora.freeze(model.getBlock()); // all but the adapters
            trainer.initialize(new Shape(1, 1));
            EasyTrain.fit(trainer, 10, dataset, null);
        }
        LoraCheckpoint.save(model.getBlock(), lora, folder, "state-spaces/mamba-130m-hf");
        LoRA.merge(model.getBlock()); // from here on it costs nothing
    }
}
