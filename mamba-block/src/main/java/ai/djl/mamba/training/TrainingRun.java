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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a block on a {@link BatchSource}, with a learning rate schedule, clipping by the global
 * norm, {@link AdamW}, evaluations, early stopping and checkpoints. A run that was stopped, or
 * killed at any point, resumes from its checkpoint as if nothing had happened: on a CPU, it ends
 * with bit for bit the parameters of an uninterrupted run (given the same number of threads and no
 * time limit).
 *
 * <p>A run may be resumed with other limits (steps, epochs, seconds), and one that has finished
 * goes on if its last checkpoint was kept ({@link CheckpointStore#finishAndKeep}). Warm-up and
 * schedule are those of the new limits at the step that was reached: a cosine that had ended rises
 * again to where it would be in the longer run. With a constant schedule and a warm-up given in
 * steps, the parameters are bit for bit those of a run that had the new limits from the start.
 *
 * <p>The block maps token ids (B, L) to logits, (B, L, V) for a language model or (B, C) for a
 * classifier, and the labels of the batches are the next tokens or the classes. A {@link
 * ai.djl.mamba.layer.SegmentedBlock} gets the segments of a batch as its second input. Other blocks
 * get the ids alone, so that documents packed into one row see each other.
 *
 * <pre>{@code
 * try (TrainingRun run =
 *         TrainingRun.builder()
 *                 .setModel(model) // with an initialized block
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
 * <p>The engine's random numbers are seeded at each step, by the seed of the run and the number of
 * the step, so that a resumed run draws the same numbers. Several GPUs of one host share the rows
 * of each batch.
 */
public final class TrainingRun implements AutoCloseable {

    private final RunLoop loop;

    private TrainingRun(Builder builder) throws IOException {
        loop = new RunLoop(builder);
    }

    /**
     * Returns the number of steps so far.
     *
     * @return the number of steps; positive even before {@link #run} if a checkpoint was resumed
     */
    public long step() {
        return loop.step();
    }

    /**
     * Adds a listener. Call this before {@link #run}.
     *
     * @param listener the listener
     */
    public void addListener(RunListener listener) {
        loop.addListener(listener);
    }

    /**
     * Opens the file for the metrics of this run. Lines of a resumed run after the step that was
     * reached are removed, as {@link MetricsLog#resume} does it; checkpoints record what the file
     * has, so that it is told from that of another run, which is refused as {@link
     * CheckpointStore#checkMetrics} says.
     *
     * @param file the file, which need not exist; its folder must
     * @return the log, not closed by the run; its listener is to be added before {@link #run}
     * @throws IOException if the file cannot be opened, is a link, or is not that of this run
     */
    public MetricsLog openMetrics(Path file) throws IOException {
        return loop.openMetrics(Checks.given("TrainingRun", "file", file));
    }

    /**
     * Asks the run to stop after the current step: {@link #run} then saves a checkpoint and
     * returns. May be called from any thread.
     */
    public void stop() {
        loop.stop();
    }

    /**
     * Trains until a limit is reached, evaluations stop improving, or {@link #stop} is called. Then
     * the block has the parameters of the last step or, if the run is finished and {@link
     * TrainingOptions#keepBest} is set, those of the best evaluation.
     *
     * <p>A checkpoint is saved at the end, too, so that nothing is lost if the process dies before
     * the model is saved elsewhere; {@link CheckpointStore#finish} removes it, and {@link
     * CheckpointStore#finishAndKeep} keeps it for a run with higher limits.
     *
     * @return the result of the run
     * @throws IOException if the data cannot be read or a checkpoint cannot be written
     * @throws TrainingDivergedException if the loss or the gradients are not finite; the parameters
     *     are those before that step, and the latest checkpoint is kept
     */
    public TrainingResult run() throws IOException {
        return loop.run();
    }

    /** Frees the arrays of the run; the model, the data and the checkpoint store are not closed. */
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
        private List<Device> devices;
        MaskedCrossEntropy loss = new MaskedCrossEntropy();
        private ParameterGroups groups;
        CheckpointStore store;
        boolean resume;
        private JsonObject fingerprint = new JsonObject();

        Builder() {}

        /**
         * Sets the <b>required</b> model.
         *
         * @param model a model with an initialized block; frozen parameters are not trained
         * @return this builder
         */
        public Builder setModel(Model model) {
            this.model = model;
            return this;
        }

        /**
         * Sets the <b>required</b> training data.
         *
         * @param data the batches; not closed by the run
         * @return this builder
         */
        public Builder setData(BatchSource data) {
            this.data = data;
            return this;
        }

        /**
         * Sets the <b>required</b> options.
         *
         * @param options the options
         * @return this builder
         */
        public Builder setOptions(TrainingOptions options) {
            this.options = options;
            return this;
        }

        /**
         * Sets the held-out data to evaluate on (default: none).
         *
         * @param validation the batches; each evaluation starts from their current position; not
         *     closed by the run
         * @return this builder
         */
        public Builder optValidation(BatchSource validation) {
            this.validation = validation;
            return this;
        }

        /**
         * Sets the devices to train on (default: that of the model).
         *
         * @param devices the device of the model, then others of the same kind
         * @return this builder
         */
        public Builder optDevices(List<Device> devices) {
            this.devices = List.copyOf(Checks.given("TrainingRun", "devices", devices));
            return this;
        }

        /**
         * Sets the loss (default: the mean over all labels that are not ignored).
         *
         * @param loss the loss
         * @return this builder
         */
        public Builder optLoss(MaskedCrossEntropy loss) {
            this.loss = loss;
            return this;
        }

        /**
         * Sets the learning rate factor and the weight decay of each parameter (default: the
         * default {@link ParameterGroups} with the weight decay of the options).
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
         * @param store the store; not closed by the run
         * @return this builder
         */
        public Builder optCheckpoints(CheckpointStore store) {
            this.store = store;
            return this;
        }

        /**
         * Sets whether to resume from the latest checkpoint (default: false), that of a finished
         * run included. If there is none, the run starts from the beginning.
         *
         * @param resume whether to resume
         * @return this builder
         */
        public Builder optResume(boolean resume) {
            this.resume = resume;
            return this;
        }

        /**
         * Sets what the run depends on in addition to its options: a checkpoint with a different
         * value is rejected.
         *
         * @param fingerprint the values by name
         * @return this builder
         */
        public Builder optFingerprint(JsonObject fingerprint) {
            this.fingerprint = Checks.given("TrainingRun", "fingerprint", fingerprint).deepCopy();
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener the listener
         * @return this builder
         */
        public Builder addListener(RunListener listener) {
            listeners.add(listener);
            return this;
        }

        /** Returns the fingerprint, including the options and the number of devices. */
        JsonObject completeFingerprint() {
            JsonObject complete = options.fingerprint();
            fingerprint.entrySet().forEach(entry -> complete.add(entry.getKey(), entry.getValue()));
            complete.addProperty("devices", devices().size());
            return complete;
        }

        /** Returns the devices, by default that of the model. */
        List<Device> devices() {
            return devices == null ? List.of(model.getNDManager().getDevice()) : devices;
        }

        /** Creates the optimizer. */
        AdamW optimizer(RunPace pace) {
            ParameterGroups.Builder defaults =
                    ParameterGroups.builder()
                            .setBlock(model.getBlock())
                            .optWeightDecay(options.weightDecay());
            return AdamW.builder()
                    .optLearningRateTracker(pace)
                    .optBetas(options.beta1(), options.beta2())
                    .optEpsilon(options.epsilon())
                    .optGroups(groups == null ? defaults.build() : groups)
                    .build();
        }

        /**
         * Builds the run and resumes it if {@link #optResume} is set.
         *
         * @return the run, to be closed by the caller
         * @throws IOException if the data or the checkpoint cannot be read, or the checkpoint is
         *     damaged
         * @throws IllegalArgumentException if a required option is missing, the devices or the
         *     block are not suitable, or the checkpoint belongs to another run
         */
        public TrainingRun build() throws IOException {
            String name = "TrainingRun";
            Checks.require(model != null, name, "setModel is required");
            Checks.require(data != null, name, "setData is required");
            Checks.require(options != null, name, "setOptions is required");
            Block block = model.getBlock();
            Checks.require(
                    block != null && block.isInitialized(),
                    name,
                    "the block of the model must be initialized");
            Checks.require(
                    options.patience() == 0 || validation != null,
                    name,
                    "early stopping requires optValidation");
            Checks.require(!resume || store != null, name, "resuming requires optCheckpoints");
            Checks.require(
                    !options.carryState() || returnsState(block),
                    name,
                    "carrying a state requires a causal SequenceBlock that returns a state of"
                            + " constant size, got a %s",
                    block.getClass().getSimpleName());
            Replicas.check(model, devices());
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
