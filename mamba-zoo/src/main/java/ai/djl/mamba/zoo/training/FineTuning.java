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
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.nn.Checks;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.MaskedCrossEntropy;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.MambaModels;
import ai.djl.mamba.zoo.ModelCompanions;
import ai.djl.mamba.zoo.checkpoint.ClassifierCheckpoint;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import ai.djl.mamba.zoo.checkpoint.LoraCheckpoint;
import ai.djl.mamba.zoo.checkpoint.MambaCheckpoint;
import ai.djl.mamba.zoo.data.ClassNames;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.ModelTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fine-tunes a model of the zoo on texts of one's own: as the language model that it is, or, with a
 * fresh head, as a classifier; all of its parameters, some of them, or adapters (LoRA) beside them.
 *
 * <pre>{@code
 * FineTuning.Result result =
 *         FineTuning.builder()
 *                 .setModel("mamba-130m-hf") // or a folder, or owner/name
 *                 .setTask(FineTuning.Task.CLASSIFY)
 *                 .setTexts(
 *                         TrainingTexts.builder()
 *                                 .setPaths(List.of(Path.of("mails.csv"))) // text, label
 *                                 .optLabelField("label")
 *                                 .build())
 *                 .setOptions(TrainingOptions.builder().optEpochs(3).build())
 *                 .setFolder(new TrainingFolder(Path.of("spam-filter"), false))
 *                 .optLora(LoRA.builder().setRank(8))
 *                 .build()
 *                 .run();
 * }</pre>
 *
 * <p>The folder then has what the zoo loads, by its path: a language model, or a classifier with
 * the names of its classes. With adapters, these are in its sub-folder {@code adapter}; the model
 * merged with them is in the folder for a classifier, or where {@link Builder#optMerge} asks for
 * it.
 */
public final class FineTuning {

    /** The sub-folder for adapters. */
    public static final String ADAPTER = "adapter";

    private static final String NAME = "FineTuning";

    private final Builder options;

    private FineTuning(Builder builder) {
        options = builder;
    }

    /** What the model is to do. */
    public enum Task {
        /** To continue text. */
        LM,
        /** To tell texts apart by their labels. */
        CLASSIFY
    }

    /**
     * What came of it.
     *
     * @param training how the training ended
     * @param parameters how much of the model was trained
     * @param classes the names of the classes; empty for a language model
     */
    public record Result(
            TrainingResult training, Freezing.Count parameters, List<String> classes) {}

    /**
     * Fine-tunes.
     *
     * @return what came of it; where the run was stopped before its end there is a checkpoint in
     *     the folder, but no model yet
     * @throws IOException if the data or the model cannot be read, or the folder cannot be written
     * @throws MalformedModelException if the model is broken
     * @throws ModelNotFoundException if there is no such model
     * @throws IllegalArgumentException if the task does not fit the model, or a glob or a target of
     *     adapters names nothing
     */
    public Result run() throws IOException, MalformedModelException, ModelNotFoundException {
        options.folder.check();
        try (ZooModel<NDList, NDList> base = load()) {
            Tokenizer tokenizer = tokenizer(base); // closed with the model
            MambaCheckpoint.checkWritable(options.folder.folder());
            return options.task == Task.LM
                    ? languageModel(base, tokenizer)
                    : classifier(base, tokenizer);
        }
    }

    private ZooModel<NDList, NDList> load()
            throws IOException, MalformedModelException, ModelNotFoundException {
        var criteria =
                MambaModels.criteria(options.model, NDList.class, NDList.class)
                        .optArgument("dtype", "float32");
        if (options.engine != null) {
            criteria.optEngine(options.engine);
        }
        if (!options.devices.isEmpty()) {
            criteria.optDevice(options.devices.get(0));
        }
        return criteria.build().loadModel();
    }

    private static Tokenizer tokenizer(ZooModel<NDList, NDList> base)
            throws IOException, MalformedModelException {
        return ModelTokenizer.open(base, PretrainedClassifier.config(base.getBlock()).vocabSize());
    }

    private Result languageModel(ZooModel<NDList, NDList> base, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        if (!(base.getBlock() instanceof MambaLanguageModel model)) {
            throw new IllegalArgumentException(
                    NAME + ": " + options.model + " is a classifier, no language model");
        }
        ModelCompanions companions = ModelCompanions.of(base);
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
                        if (lora != null) {
                            Path adapter = folder.resolve(ADAPTER);
                            LoraCheckpoint.save(model, lora, adapter, options.model);
                            LoRA.merge(model);
                        }
                        if (lora == null || options.merge) {
                            MambaCheckpoint.save(
                                    model, folder, Dialect.TRANSFORMERS, options.saveType);
                            companions.write(folder);
                        }
                    };
            TrainingResult result = options.folder.run(run, options.starting, saver);
            return new Result(result, count, List.of());
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

    private Result classifier(ZooModel<NDList, NDList> base, Tokenizer tokenizer)
            throws IOException, MalformedModelException {
        ModelCompanions companions = ModelCompanions.of(base);
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
                        if (lora != null) {
                            Path adapter = folder.resolve(ADAPTER);
                            LoraCheckpoint.save(block, lora, adapter, options.model);
                            LoRA.merge(block);
                        }
                        ClassifierCheckpoint.save(block, classes.names(), folder, options.saveType);
                        companions.write(folder);
                    };
            TrainingRun.Builder run = run(model, data, classes.names());
            TrainingResult result = options.folder.run(run, options.starting, saver);
            return new Result(result, count, classes.names());
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

    /** Says what is trained: everything, or what is not frozen, or adapters, which it adds. */
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

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link FineTuning}. */
    public static final class Builder {

        private final List<RunListener> listeners = new ArrayList<>();
        private String model;
        private Task task;
        private TrainingTexts texts;
        private TrainingOptions training;
        private TrainingFolder folder;
        private String engine;
        private List<Device> devices = List.of();
        private int batch = 8;
        private int length = 512;
        private boolean streamed;
        private LoRA.Builder lora;
        private boolean merge;
        private List<String> frozen = List.of();
        private boolean fromScratch;
        private Pooling pooling = Pooling.LAST;
        private DataType saveType = DataType.FLOAT32;
        private Consumer<TrainingRun> starting = run -> {};

        Builder() {}

        /**
         * Sets the <b>required</b> model.
         *
         * @param model a name that the zoo knows, a model of the hub as owner/name, or a folder
         * @return this builder
         */
        public Builder setModel(String model) {
            this.model = model;
            return this;
        }

        /**
         * Sets the <b>required</b> task.
         *
         * @param task what the model is to do
         * @return this builder
         */
        public Builder setTask(Task task) {
            this.task = task;
            return this;
        }

        /**
         * Sets the <b>required</b> texts, for a classifier with labels.
         *
         * @param texts what to learn from and to judge by
         * @return this builder
         */
        public Builder setTexts(TrainingTexts texts) {
            this.texts = texts;
            return this;
        }

        /**
         * Sets the <b>required</b> options of the training.
         *
         * @param options how long and how fast to train
         * @return this builder
         */
        public Builder setOptions(TrainingOptions options) {
            this.training = options;
            return this;
        }

        /**
         * Sets the <b>required</b> folder for checkpoints, figures and the model.
         *
         * @param folder the folder, and whether to resume
         * @return this builder
         */
        public Builder setFolder(TrainingFolder folder) {
            this.folder = folder;
            return this;
        }

        /**
         * Sets the engine (default: the zoo's).
         *
         * @param engine the name of the engine
         * @return this builder
         */
        public Builder optEngine(String engine) {
            this.engine = engine;
            return this;
        }

        /**
         * Sets the devices that share each batch (default: the engine's first).
         *
         * @param devices the devices
         * @return this builder
         */
        public Builder optDevices(List<Device> devices) {
            this.devices = List.copyOf(devices);
            return this;
        }

        /**
         * Sets the number of rows of a batch (default: 8).
         *
         * @param batch B
         * @return this builder
         */
        public Builder optBatch(int batch) {
            this.batch = batch;
            return this;
        }

        /**
         * Sets the number of tokens of a row (default: 512); texts to be classified are cut there.
         *
         * @param length L
         * @return this builder
         */
        public Builder optLength(int length) {
            this.length = length;
            return this;
        }

        /**
         * Sets whether the texts of a byte model are streamed, as those of other models are, rather
         * than held in memory to read windows at random places (default: false).
         *
         * @param streamed whether they are
         * @return this builder
         */
        public Builder optStreamed(boolean streamed) {
            this.streamed = streamed;
            return this;
        }

        /**
         * Sets that adapters are trained in place of the parameters, and for a classifier its head
         * (default: all parameters are trained).
         *
         * @param lora the adapters, or {@code null} for none
         * @return this builder
         */
        public Builder optLora(LoRA.Builder lora) {
            this.lora = lora;
            return this;
        }

        /**
         * Sets whether a language model is also saved merged with its adapters (default: false).
         *
         * @param merge whether it is
         * @return this builder
         */
        public Builder optMerge(boolean merge) {
            this.merge = merge;
            return this;
        }

        /**
         * Sets what is not trained (default: nothing).
         *
         * @param frozen globs for the names of parameters, see {@link Freezing}
         * @return this builder
         */
        public Builder optFrozen(List<String> frozen) {
            this.frozen = List.copyOf(frozen);
            return this;
        }

        /**
         * Sets whether a classifier starts from random numbers in place of those of the model, to
         * compare with (default: false).
         *
         * @param fromScratch whether only the sizes of the model count
         * @return this builder
         */
        public Builder optFromScratch(boolean fromScratch) {
            this.fromScratch = fromScratch;
            return this;
        }

        /**
         * Sets how a classifier makes one vector of the outputs of a row (default: the last one).
         *
         * @param pooling the pooling
         * @return this builder
         */
        public Builder optPooling(Pooling pooling) {
            this.pooling = pooling;
            return this;
        }

        /**
         * Sets the type of the saved numbers (default: FLOAT32).
         *
         * @param saveType FLOAT32 or FLOAT16
         * @return this builder
         */
        public Builder optSaveType(DataType saveType) {
            this.saveType = saveType;
            return this;
        }

        /**
         * Sets what is told the run before it starts, for example to stop it later.
         *
         * @param starting the receiver
         * @return this builder
         */
        public Builder optStarting(Consumer<TrainingRun> starting) {
            this.starting = starting;
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener is told what the run does
         * @return this builder
         */
        public Builder addListener(RunListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Builds it.
         *
         * @return what fine-tunes
         * @throws IllegalArgumentException if an option is missing or contradicts another
         */
        public FineTuning build() {
            Checks.require(model != null, NAME, "setModel is required");
            Checks.require(task != null, NAME, "setTask is required");
            Checks.require(texts != null, NAME, "setTexts is required");
            Checks.require(training != null, NAME, "setOptions is required");
            Checks.require(folder != null, NAME, "setFolder is required");
            Checks.positive(NAME, "batch", batch);
            Checks.positive(NAME, "length", length);
            Checks.require(
                    task == Task.CLASSIFY || !fromScratch,
                    NAME,
                    "only a classifier can start from scratch");
            Checks.require(
                    !fromScratch || lora == null,
                    NAME,
                    "adapters need a trained model, not one from scratch");
            return new FineTuning(this);
        }
    }
}
