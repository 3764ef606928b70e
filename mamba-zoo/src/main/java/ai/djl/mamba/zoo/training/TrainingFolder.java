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

import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.MetricsListener;
import ai.djl.mamba.training.MetricsLog;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The folder of a training: checkpoints while it runs (in {@code checkpoints}), the metrics of each
 * step, and at the end the model.
 *
 * @param folder the folder, made if it does not exist
 * @param metrics the file for the metrics of each step, see {@link MetricsListener}
 * @param resume whether to resume the run that was stopped or killed there, if there is one
 */
public record TrainingFolder(Path folder, Path metrics, boolean resume) {

    private static final String CHECKPOINTS = "checkpoints";
    private static final String METRICS = "metrics.jsonl";

    /**
     * Names a folder with the default file for the metrics.
     *
     * @param folder the folder
     * @param resume whether to resume the run there
     */
    public TrainingFolder(Path folder, boolean resume) {
        this(folder, folder.resolve(METRICS), resume);
    }

    /** Saves the trained model. */
    @FunctionalInterface
    public interface Saver {

        /**
         * Saves it.
         *
         * @param folder the folder of the training
         * @throws IOException if it cannot be written
         */
        void save(Path folder) throws IOException;
    }

    /**
     * Tells whether the run of the folder has finished, so that there is nothing to resume.
     *
     * @return whether its model is saved
     * @throws IOException if the folder cannot be read
     */
    public boolean isFinished() throws IOException {
        return CheckpointStore.isFinished(folder.resolve(CHECKPOINTS));
    }

    /**
     * Tells whether a run of the folder was stopped or killed, so that it can be resumed.
     *
     * @return whether there is a checkpoint
     * @throws IOException if the folder cannot be read
     */
    public boolean isUnfinished() throws IOException {
        return CheckpointStore.isUnfinished(folder.resolve(CHECKPOINTS));
    }

    /**
     * Deletes the checkpoints of a run that was stopped or killed, so that another may start.
     *
     * @throws IOException if the folder cannot be written, or is used by a run
     */
    public void discard() throws IOException {
        try (CheckpointStore store = new CheckpointStore(folder.resolve(CHECKPOINTS))) {
            store.clear();
        }
    }

    /**
     * Checks that the folder may be used, before anything is computed.
     *
     * @throws IOException if there is an unfinished run that is not to be resumed
     */
    public void check() throws IOException {
        if (!resume && isUnfinished()) {
            throw new IOException(
                    String.format(
                            "%s has an unfinished run: resume it, or delete %s to start again",
                            folder, folder.resolve(CHECKPOINTS)));
        }
    }

    /**
     * Runs a training, or resumes it.
     *
     * @param builder the run, to which the checkpoints and the file of metrics are added
     * @param starting receives the run before it starts
     * @param saver saves the model when the run has finished; otherwise there is a checkpoint
     * @return the result of the training
     * @throws IOException if the data cannot be read, or the folder cannot be written, is used by
     *     another run, or has an unfinished one that is not to be resumed
     * @throws IllegalArgumentException if the run to resume had other options
     */
    public TrainingResult run(
            TrainingRun.Builder builder, Consumer<TrainingRun> starting, Saver saver)
            throws IOException {
        check();
        Files.createDirectories(folder);
        try (CheckpointStore store = new CheckpointStore(folder.resolve(CHECKPOINTS))) {
            if (!resume) {
                store.clear();
            }
            try (TrainingRun run = builder.optCheckpoints(store).optResume(resume).build();
                    MetricsLog log = MetricsLog.resume(metrics, run.step())) {
                run.addListener(new MetricsListener(log));
                starting.accept(run);
                TrainingResult result = run.run();
                if (result.isFinished()) {
                    saver.save(folder);
                    store.finish();
                }
                return result;
            }
        }
    }
}
