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
import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.training.Freezing;
import ai.djl.mamba.training.LoRA;
import ai.djl.mamba.training.RunListener;
import ai.djl.mamba.training.TrainingOptions;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.ndarray.types.DataType;
import ai.djl.repository.zoo.ModelNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fine-tunes a model of the zoo on your own texts: as a language model or, with a new head, as a
 * classifier; all of its parameters, some of them, or adapters (LoRA) beside them.
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
 * <p>The zoo then loads the folder by its path: a language model, or a classifier with the names of
 * its classes. With adapters, these are in its sub-folder {@code adapter}; the model merged with
 * them is in the folder for a classifier, or if {@link Builder#optMerge} asks for it.
 */
public final class FineTuning {

    /** The sub-folder for adapters. */
    public static final String ADAPTER = "adapter";

    private static final String NAME = "FineTuning";

    private final Builder options;

    private FineTuning(Builder builder) {
        options = builder;
    }

    /** What the model learns. */
    public enum Task {
        /** To continue text. */
        LM,
        /** To tell texts apart by their labels. */
        CLASSIFY
    }

    /**
     * The result of a fine-tuning.
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
     * @return the result; if the run was stopped before its end, there is a checkpoint in the
     *     folder, but no model yet
     * @throws IOException if the data or the model cannot be read, or the folder cannot be written
     * @throws MalformedModelException if the model is broken
     * @throws ModelNotFoundException if there is no such model
     * @throws IllegalArgumentException if the task does not fit the model, or a glob or a target of
     *     adapters names nothing
     */
    public Result run() throws IOException, MalformedModelException, ModelNotFoundException {
        return new FineTuner(options).run();
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

        final List<RunListener> listeners = new ArrayList<>();
        String model;
        Task task;
        TrainingTexts texts;
        TrainingOptions training;
        TrainingFolder folder;
        Tokenizer tokenizer;
        String tokenizerName;
        String engine;
        List<Device> devices = List.of();
        int batch = 8;
        int length = 512;
        boolean streamed;
        LoRA.Builder lora;
        boolean merge;
        List<String> frozen = List.of();
        boolean fromScratch;
        Pooling pooling = Pooling.LAST;
        DataType saveType = DataType.FLOAT32;
        Consumer<TrainingRun> starting = run -> {};

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
         * @param task what the model learns
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
         * Sets the tokenizer (default: that of the model). It is saved with the result.
         *
         * @param tokenizer a folder with {@code tokenizer.json}, or a model of the hub that has one
         * @return this builder
         */
        public Builder optTokenizer(String tokenizer) {
            tokenizerName = tokenizer;
            this.tokenizer = null;
            return this;
        }

        /**
         * Sets a tokenizer of your own (default: that of the model). It is saved with the result if
         * {@link Tokenizer#save} can do that.
         *
         * @param tokenizer the tokenizer, which is not closed
         * @return this builder
         */
        public Builder optTokenizer(Tokenizer tokenizer) {
            this.tokenizer = tokenizer;
            tokenizerName = null;
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
         * Sets the number of tokens of a row (default: 512). Texts to be classified are cut there
         * in the training; the model takes longer ones, but has seen none.
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
         * Sets that adapters are trained instead of the parameters, and for a classifier its head
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
         * Sets whether a classifier starts from random numbers instead of those of the model, to
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
         * Sets what receives the run before it starts, for example to stop it later.
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
         * @param listener receives what the run reports
         * @return this builder
         */
        public Builder addListener(RunListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Builds the fine-tuning.
         *
         * @return the fine-tuning, to be run
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
