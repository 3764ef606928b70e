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
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Trains a block on a {@link BatchSource}: forward, loss, backward, clipping by the global norm,
 * {@link AdamW}, with a learning rate that warms up and falls, evaluations, early stopping, and
 * checkpoints from which a run that was stopped, or killed at any point, goes on as if nothing had
 * happened: on a CPU its parameters are in the end bit for bit those of a run that was never
 * interrupted (with as many threads, and unless seconds limit it).
 *
 * <p>The block maps token ids (B, L) to logits, (B, L, V) for a language model or (B, C) for a
 * classifier, and the labels of the batches are the next tokens or the classes. A {@link
 * ai.djl.mamba.layer.SegmentedBlock} gets the segments of a batch as its second input; other blocks
 * get the ids alone, so that documents packed into one row see each other there.
 *
 * <pre>{@code
 * try (TrainingRun run =
 *         TrainingRun.builder()
 *                 .setModel(model) // whose block is initialized
 *                 .setData(data)
 *                 .setOptions(TrainingOptions.builder().optSteps(1000).build())
 *                 .optValidation(heldOut)
 *                 .optCheckpoints(new CheckpointStore(folder))
 *                 .optResume(true)
 *                 .build()) {
 *     TrainingResult result = run.run();
 * }
 * }</pre>
 *
 * <p>The engine's random numbers start anew at each step, from the seed and the number of the step,
 * so that a resumed run draws the same ones. Several GPUs of one host share the rows of each batch.
 */
public final class TrainingRun implements AutoCloseable {

    private final RunLoop loop;

    private TrainingRun(Builder builder) throws IOException {
        loop = new RunLoop(builder);
    }

    /**
     * Returns the number of steps made so far.
     *
     * @return the number, which is above 0 before {@link #run} where a checkpoint was resumed
     */
    public long step() {
        return loop.step();
    }

    /**
     * Adds a listener before the run.
     *
     * @param listener is told what the run does
     */
    public void addListener(RunListener listener) {
        loop.addListener(listener);
    }

    /**
     * Asks the run to stop after the step that it is in: {@link #run} then saves a checkpoint and
     * returns. May be called from any thread.
     */
    public void stop() {
        loop.stop();
    }

    /**
     * Trains until a limit is reached, evaluations do not get better, or {@link #stop} is called.
     * The block then has the parameters of the last step or, where the run came to its end and the
     * options say so, of the best evaluation.
     *
     * <p>At the end a checkpoint is saved, too, so that a process that dies before the model is
     * saved elsewhere loses nothing; {@link CheckpointStore#finish} removes it.
     *
     * @return what came of it
     * @throws IOException if the data cannot be read or a checkpoint cannot be written
     * @throws TrainingDivergedException if the loss or the gradients are not finite; the parameters
     *     are those before that step, and the latest checkpoint stays
     */
    public TrainingResult run() throws IOException {
        return loop.run();
    }

    /** Frees what the run keeps beside the model; data and checkpoints stay open. */
    @Override
    public void close() {
        loop.close();
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link TrainingRun}. */
    public static final class Builder {

        final List<RunListener> listeners = new ArrayList<>();
        Model model;
        BatchSource data;
        BatchSource validation;
        TrainingOptions options;
        List<Device> devices;
        MaskedCrossEntropy loss = new MaskedCrossEntropy();
        private ParameterGroups groups;
        CheckpointStore store;
        boolean resume;
        private JsonObject fingerprint = new JsonObject();
        UnaryOperator<JsonObject> fingerprintUpdate = UnaryOperator.identity();

        Builder() {}

        /**
         * Sets the <b>required</b> model.
         *
         * @param model a model whose block is initialized; what is frozen in it stays as it is
         * @return this builder
         */
        public Builder setModel(Model model) {
            this.model = model;
            return this;
        }

        /**
         * Sets the <b>required</b> data to learn from.
         *
         * @param data the batches; it stays the caller's
         * @return this builder
         */
        public Builder setData(BatchSource data) {
            this.data = data;
            return this;
        }

        /**
         * Sets the <b>required</b> options.
         *
         * @param options how long and how fast to train
         * @return this builder
         */
        public Builder setOptions(TrainingOptions options) {
            this.options = options;
            return this;
        }

        /**
         * Sets the data to evaluate on (default: none).
         *
         * @param validation the batches, of which each evaluation reads those from the present
         *     position to the end of a pass; it stays the caller's
         * @return this builder
         */
        public Builder optValidation(BatchSource validation) {
            this.validation = validation;
            return this;
        }

        /**
         * Sets the devices (default: that of the model).
         *
         * @param devices that of the model first, then others of the same kind
         * @return this builder
         */
        public Builder optDevices(List<Device> devices) {
            this.devices = List.copyOf(devices);
            return this;
        }

        /**
         * Sets the loss (default: the mean over all labels that count).
         *
         * @param loss the loss
         * @return this builder
         */
        public Builder optLoss(MaskedCrossEntropy loss) {
            this.loss = loss;
            return this;
        }

        /**
         * Sets what share of the learning rate and which weight decay each parameter has (default:
         * those that {@link ParameterGroups} has by itself, with the decay of the options).
         *
         * @param groups the groups of the block
         * @return this builder
         */
        public Builder optGroups(ParameterGroups groups) {
            this.groups = groups;
            return this;
        }

        /**
         * Sets where checkpoints are kept (default: nowhere).
         *
         * @param store the store; it stays the caller's
         * @return this builder
         */
        public Builder optCheckpoints(CheckpointStore store) {
            this.store = store;
            return this;
        }

        /**
         * Sets whether the run goes on from the latest checkpoint (default: false). Where there is
         * none, it starts from the beginning.
         *
         * @param resume whether it does
         * @return this builder
         */
        public Builder optResume(boolean resume) {
            this.resume = resume;
            return this;
        }

        /**
         * Sets what the run depends on beside its options: a checkpoint of a run in which any of it
         * was different is refused.
         *
         * @param fingerprint values by name
         * @return this builder
         */
        public Builder optFingerprint(JsonObject fingerprint) {
            this.fingerprint = fingerprint.deepCopy();
            return this;
        }

        /**
         * Sets how the fingerprint in a checkpoint of an earlier version is brought up to date
         * before it is compared (default: not at all).
         *
         * @param update returns what this version would have saved, from what was saved
         * @return this builder
         */
        public Builder optFingerprintUpdate(UnaryOperator<JsonObject> update) {
            fingerprintUpdate = update;
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

        /** What the run depends on, with its options. */
        JsonObject completeFingerprint() {
            JsonObject complete = options.fingerprint();
            fingerprint.entrySet().forEach(entry -> complete.add(entry.getKey(), entry.getValue()));
            complete.addProperty("devices", devices.size());
            return complete;
        }

        /** What updates the parameters. */
        AdamW optimizer(RunPace pace) {
            ParameterGroups.Builder usual =
                    ParameterGroups.builder()
                            .setBlock(model.getBlock())
                            .optWeightDecay(options.weightDecay());
            return AdamW.builder()
                    .optLearningRateTracker(pace)
                    .optBetas(options.beta1(), options.beta2())
                    .optEpsilon(options.epsilon())
                    .optGroups(groups == null ? usual.build() : groups)
                    .build();
        }

        /**
         * Builds the run, and resumes it where that was asked for.
         *
         * @return the run, to be closed
         * @throws IOException if the checkpoint or the data cannot be read, or it is damaged
         * @throws IllegalArgumentException if a required option is missing, the devices or the
         *     block do not fit, or the checkpoint is one of another run
         */
        public TrainingRun build() throws IOException {
            String name = "TrainingRun";
            Checks.require(model != null, name, "setModel is required");
            Checks.require(data != null, name, "setData is required");
            Checks.require(options != null, name, "setOptions is required");
            Block block = model.getBlock();
            Checks.require(
                    block != null && block.isInitialized(), name, "the block is not initialized");
            Checks.require(
                    options.patience() == 0 || validation != null,
                    name,
                    "early stopping needs optValidation");
            Checks.require(!resume || store != null, name, "resuming needs optCheckpoints");
            Checks.require(
                    !options.carryState() || returnsState(block),
                    name,
                    "carrying a state needs a causal SequenceBlock that returns it, of a size that"
                            + " does not grow, got a %s",
                    block.getClass().getSimpleName());
            devices = devices == null ? List.of(model.getNDManager().getDevice()) : devices;
            Replicas.check(model, devices);
            return new TrainingRun(this);
        }

        private static boolean returnsState(Block block) {
            return block instanceof SequenceBlock sequence
                    && !sequence.getStateSpecs().isEmpty()
                    && sequence.getStateSpecs().stream().noneMatch(StateSpec::grows)
                    && block.getOutputShapes(new Shape[] {new Shape(1, 1)}).length > 1;
        }
    }
}
