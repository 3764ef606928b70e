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

import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.training.CheckpointStore;
import ai.djl.mamba.training.CheckpointStore.Progress;
import ai.djl.mamba.training.MetricsLog;
import ai.djl.mamba.training.TrainingResult;
import ai.djl.mamba.training.TrainingRun;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.model.RunFolder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The folder of a training: checkpoints (in {@code checkpoints}), the metrics of each step, and at
 * the end the model. A run that is stopped leaves its model beside its checkpoint, from where
 * {@link ai.djl.mamba.zoo.MambaModels#criteria} reads it until the run is resumed.
 *
 * @param folder the folder, made if it does not exist
 * @param metrics the file for the metrics of each step, see {@link MetricsLog#listener}
 * @param resume whether to resume the run that was stopped or killed there, or has finished with
 *     lower limits, if there is one
 * @param overwrite whether a model, metrics and checkpoints that are there may be replaced
 */
public record TrainingFolder(Path folder, Path metrics, boolean resume, boolean overwrite) {

    /** What a trained model has at least one of. */
    private static final List<String> RESULTS = List.of(ModelFiles.CONFIG, RunFolder.ADAPTER);

    /** The usual name of the file with the metrics. */
    public static final String METRICS = "metrics.jsonl";

    /**
     * Names a folder with the default file for the metrics. Nothing that is there is replaced.
     *
     * @param folder the folder
     * @param resume whether to resume the run there
     */
    public TrainingFolder(Path folder, boolean resume) {
        this(folder, folder.resolve(METRICS), resume);
    }

    /**
     * Names a folder and a file for the metrics. Nothing that is there is replaced.
     *
     * @param folder the folder
     * @param metrics the file for the metrics of each step
     * @param resume whether to resume the run there
     */
    public TrainingFolder(Path folder, Path metrics, boolean resume) {
        this(folder, metrics, resume, false);
    }

    /**
     * Returns the same folder, in which a run that is not resumed replaces what was there.
     *
     * @return the folder with {@code overwrite} set
     */
    public TrainingFolder overwriting() {
        return new TrainingFolder(folder, metrics, resume, true);
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
        return CheckpointStore.isFinished(checkpoints());
    }

    /**
     * Tells whether a run of the folder was stopped or killed, so that it can be resumed.
     *
     * @return whether there is a checkpoint
     * @throws IOException if the folder cannot be read
     */
    public boolean isUnfinished() throws IOException {
        return CheckpointStore.isUnfinished(checkpoints());
    }

    /**
     * Tells whether there was a run in the folder, finished or not, even if it was killed before
     * its first checkpoint.
     *
     * @return whether there is a folder of checkpoints
     */
    public boolean hasRun() {
        return PlainFiles.isFolder(checkpoints());
    }

    /**
     * Tells how far the run of the folder has come.
     *
     * @return its progress; empty if there is no checkpoint, as after a run that an earlier version
     *     has finished
     * @throws IOException if the folder cannot be read
     */
    public Optional<Progress> progress() throws IOException {
        return CheckpointStore.progress(checkpoints());
    }

    /**
     * Deletes the checkpoints of a run that was stopped or killed, so that another may start.
     *
     * @throws IOException if the folder cannot be written, or is used by a run
     */
    public void discard() throws IOException {
        try (CheckpointStore store = new CheckpointStore(checkpoints())) {
            store.clear();
        }
    }

    /**
     * Checks that the folder may be used, before anything is computed.
     *
     * @throws IOException if there is a run that is not to be resumed, a model or metrics that are
     *     not to be overwritten, a finished run without the checkpoint to go on from, a folder of
     *     checkpoints that is not one, or a folder under the name of a file; the folder itself,
     *     those of its checkpoints and adapters, and the file of the metrics of a run that is
     *     resumed must not be links; the metrics must not be a file that the run itself writes or,
     *     if it is resumed, those of another run
     */
    public void check() throws IOException {
        Path adapter = folder.resolve(RunFolder.ADAPTER);
        PlainFiles.requireFolder(folder);
        PlainFiles.requireFolder(adapter);
        CheckpointStore.check(checkpoints());
        ModelFiles.requireReplaceable(folder);
        ModelFiles.requireReplaceable(adapter);
        if (isWritten(place(metrics))) {
            throw new FileSystemException(
                    metrics.toString(),
                    null,
                    "the run itself writes there, expected another file for its metrics");
        }
        PlainFiles.requireReplaceable(metrics);
        if (resume && hasRun()) {
            if (isFinished() && progress().isEmpty()) {
                throw new IOException(
                        folder
                                + ": the run is finished, and its last checkpoint was not kept: it"
                                + " cannot go on");
            }
            CheckpointStore.checkMetrics(checkpoints(), metrics);
            return;
        }
        if (overwrite) {
            return;
        }
        if (isUnfinished()) {
            throw new IOException(
                    String.format(
                            "%s has an unfinished run: resume it, or overwrite it to start again",
                            folder));
        }
        List<Path> there = replaceable();
        if (!there.isEmpty()) {
            throw new FileAlreadyExistsException(
                    there.get(0).toString(), null, "exists already, and is not to be overwritten");
        }
    }

    /**
     * Checks that the run replaces no text that it reads. Files of an earlier run that were found
     * in its folder, and not named, are no such texts.
     *
     * @param texts the texts
     * @throws IOException if a text is the file of the metrics, or in a place where the run saves
     */
    public void check(TrainingTexts texts) throws IOException {
        Path own = real(folder);
        for (Path text : texts.paths()) {
            Path place = text.toRealPath();
            boolean isWritten = place.equals(place(metrics)) || isWritten(place);
            if (isWritten && (texts.isNamed(text) || !place.startsWith(own))) {
                throw new FileSystemException(
                        text.toString(),
                        null,
                        "a text to train with, which the run would replace, expected another file"
                                + " or folder to write to");
            }
        }
    }

    /** Whether the run replaces or makes what is in a place, its metrics apart. */
    private boolean isWritten(Path place) throws IOException {
        Path own = real(folder);
        String name = place.getFileName().toString().toLowerCase(Locale.ROOT);
        return own.equals(place)
                || (own.equals(place.getParent()) && ModelFiles.isOne(name))
                || place.startsWith(own.resolve(ModelFiles.CHECKPOINTS))
                || place.startsWith(own.resolve(RunFolder.ADAPTER));
    }

    /** Where a file is, or will be: a link in its place is replaced, and not followed. */
    private static Path place(Path file) throws IOException {
        Path absolute = file.toAbsolutePath().normalize();
        return real(absolute.getParent()).resolve(absolute.getFileName());
    }

    /** The path of a folder without links, as far as it exists. */
    private static Path real(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        Path there = absolute;
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        return there.toRealPath().resolve(there.relativize(absolute));
    }

    private Path checkpoints() {
        return folder.resolve(ModelFiles.CHECKPOINTS);
    }

    /** What is there and would be replaced or deleted. */
    private List<Path> replaceable() throws IOException {
        List<Path> there = new ArrayList<>();
        if (PlainFiles.exists(folder)) {
            for (Path file : PlainFiles.list(folder)) {
                String name = file.getFileName().toString();
                if (ModelFiles.isOne(name) || name.equals(RunFolder.ADAPTER)) {
                    there.add(file);
                }
            }
        }
        if (PlainFiles.exists(metrics)) {
            there.add(metrics);
        }
        return there;
    }

    private Stream<Path> results() {
        return RESULTS.stream().map(folder::resolve);
    }

    /**
     * Runs a training, or resumes it. A run in a new or empty folder that fails before its first
     * checkpoint leaves nothing there.
     *
     * @param builder the run, to which the checkpoints and the file of metrics are added
     * @param starting receives the run before it starts
     * @param saver saves the model when the run has finished or is stopped
     * @return the result of the training
     * @throws IOException if the data cannot be read, or the folder cannot be written, is used by
     *     another run, or does not pass {@link #check}
     * @throws IllegalArgumentException if the run to resume had other options
     */
    public TrainingResult run(
            TrainingRun.Builder builder, Consumer<TrainingRun> starting, Saver saver)
            throws IOException {
        check();
        boolean existed = PlainFiles.exists(folder);
        boolean wasEmpty = !existed || PlainFiles.list(folder).isEmpty();
        try {
            return runChecked(builder, starting, saver);
        } catch (IOException | RuntimeException e) {
            if (wasEmpty && !isUnfinished()) {
                removeTraces(existed);
            }
            throw e;
        }
    }

    private TrainingResult runChecked(
            TrainingRun.Builder builder, Consumer<TrainingRun> starting, Saver saver)
            throws IOException {
        boolean isNew = !resume || !hasRun();
        Files.createDirectories(folder);
        Files.createDirectories(metrics.toAbsolutePath().getParent());
        try (CheckpointStore store =
                isNew && overwrite
                        ? CheckpointStore.startOver(checkpoints())
                        : new CheckpointStore(checkpoints())) {
            if (isNew) {
                store.clear();
                Files.deleteIfExists(metrics);
            }
            try (TrainingRun run = builder.optCheckpoints(store).optResume(resume).build();
                    MetricsLog log = run.openMetrics(metrics)) {
                run.addListener(log.listener());
                starting.accept(run);
                TrainingResult result = run.run();
                if (result.isFinished()) {
                    saver.save(folder);
                    store.finishAndKeep();
                } else {
                    saver.save(modelOfStoppedRun(store));
                }
                return result;
            }
        }
    }

    /** A run that has saved nothing must not be in the way of the next. */
    private void removeTraces(boolean keepFolder) throws IOException {
        CheckpointStore.removeUnused(checkpoints());
        Files.deleteIfExists(metrics);
        if (!PlainFiles.exists(folder)) {
            return;
        }
        for (Path file : PlainFiles.list(folder)) {
            if (ModelFiles.isOne(file.getFileName().toString())) {
                Files.delete(file);
            }
        }
        if (!keepFolder && PlainFiles.list(folder).isEmpty()) {
            Files.delete(folder);
        }
    }

    /** Beside the checkpoint, unless the folder has a model of this run from before. */
    private Path modelOfStoppedRun(CheckpointStore store) throws IOException {
        return results().anyMatch(PlainFiles::exists)
                ? folder
                : store.latest().map(RunFolder::model).orElse(folder);
    }
}
