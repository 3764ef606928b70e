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
package ai.djl.mamba.zoo.training;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.internal.EngineChecks;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.data.ClassNames;
import ai.djl.mamba.zoo.internal.model.ModelCompanions;
import ai.djl.mamba.zoo.internal.model.ModelTokenizer;
import ai.djl.mamba.zoo.internal.model.TextArguments;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs a {@link FineTuning}. */
final class FineTuner {

    private static final String NAME = "FineTuning"; // for messages: the class that users know

    private final FineTuning.Builder options;

    FineTuner(FineTuning.Builder options) {
        this.options = options;
    }

    FineTuning.Result run() throws IOException, MalformedModelException, ModelNotFoundException {
        options.folder.check();
        options.folder.check(options.texts);
        if (options.tokenizerName != null) {
            ModelTokenizer.check(options.tokenizerName);
        }
        try (ZooModel<NDList, NDList> base = load()) {
            Tokenizer tokenizer = tokenizer(base); // the model's own is closed with it
            Path folder = options.folder.folder();
            if (Files.exists(folder) && Files.isSameFile(folder, base.getModelPath())) {
                throw new IOException(
                        folder + ": the result would overwrite the model that it is made from");
            }
            MambaCheckpoint.checkWritable(folder);
            return options.task == FineTuning.Task.LM
                    ? languageModel(base, tokenizer)
                    : classifier(base, tokenizer);
        }
    }

    private ModelCompanions companions(ZooModel<NDList, NDList> base)
            throws IOException, MalformedModelException {
        ModelCompanions own = ModelCompanions.of(base);
        return options.tokenizer == null ? own : own.with(options.tokenizer);
    }

    private ZooModel<NDList, NDList> load()
            throws IOException, MalformedModelException, ModelNotFoundException {
        var criteria =
                MambaModels.criteria(options.model, NDList.class, NDList.class)
                        .optArgument("dtype", "float32");
        if (options.tokenizerName != null) {
            criteria.optArgument(TextArguments.TOKENIZER, options.tokenizerName);
        }
        if (options.engine != null) {
            EngineChecks.requireEngine(NAME, options.engine);
            criteria.optEngine(options.engine);
        }
        if (!options.devices.isEmpty()) {
            criteria.optDevice(options.devices.get(0));
        }
        return criteria.build().loadModel();
    }

    private Tokenizer tokenizer(ZooModel<NDList, NDList> base)
            throws IOException, MalformedModelException {
        return options.tokenizer != null
                ? options.tokenizer
                : ModelTokenizer.open(
                        base, PretrainedClassifier.config(base.getBlock()).vocabSize());
    }

    private FineTuning.Result languageModel(ZooModel<NDList, NDList> base, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        if (!(base.getBlock() instanceof MambaLanguageModel model)) {
            throw new IllegalArgumentException(
                    NAME + ": " + options.model + " is a classifier, not a language model");
        }
        ModelCompanions companions = companions(base);
        LoRA lora = prepare(model, base, options.lora);
        try (TextBatches data = batches(tokenizer)) {
            TrainingRun.Builder run =
                    run(base, data, List.of())
                            .optLoss(
                                    new MaskedCrossEntropy()
                                            .optVocabSize(model.getConfig().vocabSize()));
            Freezing.Count count = Freezing.count(model);
            TrainingFolder.Saver saver =
                    folder -> {
                        saveAdapters(model, lora, folder);
                        if (lora == null || options.merge) {
                            MambaCheckpoint.save(
                                    model, folder, Dialect.TRANSFORMERS, options.saveType);
                            companions.write(folder);
                        }
                    };
            TrainingResult result = options.folder.run(run, options.starting, saver);
            return new FineTuning.Result(result, count, List.of());
        }
    }

    /** Saves adapters, if there are any, and merges the model with them. */
    private void saveAdapters(Block block, LoRA loraOrNull, Path folder) throws IOException {
        if (loraOrNull != null) {
            Path adapter = folder.resolve(FineTuning.ADAPTER);
            LoraCheckpoint.save(block, loraOrNull, adapter, options.model);
            LoRA.merge(block);
        }
    }

    private TextBatches batches(Tokenizer tokenizer) throws IOException {
        TextBatches.Form form = form(tokenizer);
        if (options.training.carryState()) {
            return TextBatches.continued(options.texts, form);
        }
        return tokenizer instanceof ByteTokenizer && !options.streamed
                ? TextBatches.ofWindows(options.texts, form)
                : TextBatches.packed(options.texts, form);
    }

    private TextBatches.Form form(Tokenizer tokenizer) {
        return new TextBatches.Form(
                options.batch, options.length, tokenizer, options.training.seed());
    }

    private FineTuning.Result classifier(ZooModel<NDList, NDList> base, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        ModelCompanions companions = companions(base);
        ClassNames classes = ClassNames.scan(options.texts.training());
        Device device = base.getNDManager().getDevice();
        String engine = base.getNDManager().getEngine().getEngineName();
        try (Model model = Model.newInstance(NAME, device, engine);
                TextBatches data =
                        TextBatches.classified(options.texts, form(tokenizer), classes)) {
            MambaClassifier block = newClassifier(base.getBlock(), model, classes.names().size());
            model.setBlock(block);
            base.getBlock().clear(); // its numbers are copied
            LoRA.Builder adapters = options.lora == null ? null : options.lora.optTrainable("head");
            LoRA lora = prepare(block, model, adapters);
            Freezing.Count count = Freezing.count(block);
            TrainingFolder.Saver saver =
                    folder -> {
                        saveAdapters(block, lora, folder);
                        ClassifierCheckpoint.save(block, classes.names(), folder, options.saveType);
                        companions.write(folder);
                    };
            TrainingRun.Builder run = run(model, data, classes.names());
            TrainingResult result = options.folder.run(run, options.starting, saver);
            return new FineTuning.Result(result, count, classes.names());
        }
    }

    private MambaClassifier newClassifier(Block trained, Model model, int numClasses) {
        model.getNDManager().getEngine().setRandomSeed(options.training.seed());
        if (!options.fromScratch) {
            return PretrainedClassifier.of(
                    trained, numClasses, options.pooling, model.getNDManager());
        }
        MambaClassifier classifier =
                PretrainedClassifier.untrained(trained, numClasses, options.pooling);
        classifier.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1));
        return classifier;
    }

    /** Chooses what is trained: everything, or what is not frozen, or adapters, which are added. */
    private LoRA prepare(Block block, Model model, LoRA.Builder adaptersOrNull) {
        block.freezeParameters(false);
        LoRA lora = null;
        if (adaptersOrNull != null) {
            lora = adaptersOrNull.build();
            model.getNDManager().getEngine().setRandomSeed(options.training.seed());
            lora.apply(block, model.getNDManager());
        }
        if (!options.frozen.isEmpty()) {
            Freezing.freeze(block, options.frozen.toArray(new String[0]));
        }
        return lora;
    }

    private TrainingRun.Builder run(Model model, TextBatches data, List<String> classes) {
        JsonObject fingerprint = new JsonObject();
        fingerprint.addProperty("task", options.task.name());
        fingerprint.addProperty("model", options.model);
        fingerprint.addProperty("classes", classes.toString());
        fingerprint.addProperty("frozen", options.frozen.toString());
        fingerprint.addProperty("from_scratch", options.fromScratch);
        TrainingRun.Builder run =
                TrainingRun.builder()
                        .setModel(model)
                        .setData(data.training())
                        .optValidation(data.validation())
                        .setOptions(options.training)
                        .optFingerprint(fingerprint);
        if (!options.devices.isEmpty()) {
            run.optDevices(options.devices);
        }
        options.listeners.forEach(run::addListener);
        return run;
    }
}
