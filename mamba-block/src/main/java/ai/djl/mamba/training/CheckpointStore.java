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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.FileErrors;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.internal.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a training run, in a folder of their own that always holds a complete one.
 *
 * <p>A checkpoint is a folder such as {@code step-000001200}; the file {@code latest} names the
 * current one. A new checkpoint is written under a hidden name, synced to disk, and renamed; then
 * {@code latest} is replaced atomically, and only then is the previous checkpoint deleted. If the
 * process is killed between any two of these steps, or the machine loses power, {@code latest}
 * still names a complete checkpoint. Leftovers are deleted after the next checkpoint.
 *
 * <p>Only what a store makes is ever deleted: folders of that name, of which the files of a run
 * and, in its folder {@code model}, those of a model and its tokenizer, and those two files. Other
 * files stay where they are, links are not followed, and a folder with other files that never had a
 * checkpoint is refused.
 *
 * <p>The folder is locked while the store is open, because two runs in one folder would corrupt
 * each other's checkpoints.
 */
public final class CheckpointStore implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(CheckpointStore.class);

    private static final int MAX_BYTES = 256; // of the file that names the latest
    private static final String LATEST = StoreFolder.LATEST;
    private static final String FINISHED = "finished";
    private static final Pattern STEP = Pattern.compile("step-(\\d{9,18})");

    /** Names the current checkpoint; a finished run may have kept its last one, or none. */
    private static final Pattern NAME =
            Pattern.compile("(?<finished>finished ?)?(?<step>" + STEP + ")?");

    private final Path folder;
    private final FileChannel lock;

    /**
     * How far the run of a checkpoint has come, and the limits that it had; 0 for no limit.
     *
     * @param steps the steps made
     * @param epochs the complete passes over the data
     * @param seconds the seconds taken
     * @param isStoppedEarly whether evaluations stopped improving
     * @param maxSteps the maximum number of steps
     * @param maxEpochs the maximum number of passes
     * @param maxSeconds the maximum number of seconds
     */
    public record Progress(
            long steps,
            long epochs,
            double seconds,
            boolean isStoppedEarly,
            long maxSteps,
            long maxEpochs,
            double maxSeconds) {}

    /** Writes the content of a checkpoint. */
    @FunctionalInterface
    interface Content {

        /**
         * Writes the files of a checkpoint.
         *
         * @param folder an empty folder; each file in it must be synced to disk on return
         */
        void write(Path folder) throws IOException;
    }

    /**
     * Opens a store.
     *
     * @param folder its folder, created if it does not exist
     * @throws IOException if the folder cannot be written, another run is using it, or {@link
     *     #check} refuses it
     */
    public CheckpointStore(Path folder) throws IOException {
        this.folder = Checks.given("CheckpointStore", "folder", folder);
        check(folder);
        Files.createDirectories(folder);
        Path file = folder.resolve(StoreFolder.LOCK);
        PlainFiles.requireFile(file);
        lock =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        if (!tryLock(lock)) {
            lock.close();
            throw new IOException(
                    folder + ": another run is writing its checkpoints to this folder");
        }
    }

    /**
     * Opens a store to start over: all checkpoints are deleted. A link in the place of one of its
     * files is deleted, too, and not what it leads to.
     *
     * @param folder its folder, created if it does not exist
     * @return the store
     * @throws IOException if the folder cannot be written, another run is using it, or {@link
     *     #check} refuses it
     */
    public static CheckpointStore startOver(Path folder) throws IOException {
        check(folder);
        StoreFolder.deleteLinks(folder, StoreFolder.LOCK);
        CheckpointStore store = new CheckpointStore(folder);
        try {
            StoreFolder.deleteLinks(folder, LATEST, StoreFolder.NEW_LATEST, StoreFolder.METRICS);
            store.clear();
            return store;
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    /**
     * Checks that a file of metrics may be continued by the run in a folder: that it is empty or
     * does not exist, or begins with what the run had written at its last checkpoint. Checkpoints
     * of earlier versions do not tell, and any file is taken for theirs.
     *
     * @param folder the folder of the checkpoints, which need not exist
     * @param metrics the file
     * @throws IOException if it is that of another run, or cannot be read
     */
    public static void checkMetrics(Path folder, Path metrics) throws IOException {
        MetricsMark.check(
                Checks.given("CheckpointStore", "folder", folder),
                Checks.given("CheckpointStore", "metrics", metrics));
    }

    /** Checks a file of metrics; one that is begun anew is not what it was marked as. */
    void beginMetrics(Path metrics, long steps) throws IOException {
        checkMetrics(folder, metrics);
        if (steps == 0) {
            Files.deleteIfExists(folder.resolve(StoreFolder.METRICS));
        }
    }

    /**
     * Checks that a folder can be that of a store, without opening it.
     *
     * @param folder the folder, which need not exist
     * @throws IOException if it is a link or a file, or has files that are not of a store and no
     *     checkpoint
     */
    public static void check(Path folder) throws IOException {
        StoreFolder.requireOwn(Checks.given("CheckpointStore", "folder", folder));
    }

    /** Tries to lock a file until the channel is closed or the process ends in any way. */
    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock acquired = channel.tryLock();
            return acquired != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Deletes the folder of a closed store that has no checkpoint, as after a run that failed
     * before its first one.
     *
     * @param folder the folder, which need not exist; it stays if there is anything else in it
     * @throws IOException if it cannot be read or written
     */
    public static void removeUnused(Path folder) throws IOException {
        StoreFolder.deleteUnused(Checks.given("CheckpointStore", "folder", folder));
    }

    /**
     * Returns whether a folder has a checkpoint to resume from, without opening the store.
     *
     * @param folder the folder, which need not exist
     * @return whether a run wrote a checkpoint there and is not finished
     * @throws IOException if the folder cannot be read
     */
    public static boolean isUnfinished(Path folder) throws IOException {
        return current(Checks.given("CheckpointStore", "folder", folder))
                .filter(current -> !current.isFinished())
                .isPresent();
    }

    /**
     * Returns whether the run in a folder is finished, as recorded by {@link #finish} or {@link
     * #finishAndKeep}.
     *
     * @param folder the folder, which need not exist
     * @return whether the run is finished
     * @throws IOException if the folder cannot be read
     */
    public static boolean isFinished(Path folder) throws IOException {
        return current(Checks.given("CheckpointStore", "folder", folder))
                .filter(Current::isFinished)
                .isPresent();
    }

    /**
     * Returns how far the run in a folder has come, without opening the store.
     *
     * @param folder the folder, which need not exist
     * @return the progress at the latest checkpoint or, if the run is finished, at its end; empty
     *     if there is no checkpoint
     * @throws IOException if the checkpoint cannot be read or is damaged
     */
    public static Optional<Progress> progress(Path folder) throws IOException {
        Optional<Path> last = newest(folder);
        return last.isPresent()
                ? Optional.of(TrainingCheckpoint.progress(last.get()))
                : Optional.empty();
    }

    /** What {@code latest} says: a finished run may have no checkpoint, and an empty name then. */
    private record Current(boolean isFinished, String name) {

        boolean hasCheckpoint() {
            return !name.isEmpty();
        }
    }

    private static Optional<Current> current(Path folder) throws IOException {
        Path latest = folder.resolve(LATEST);
        if (!PlainFiles.exists(latest)) {
            return Optional.empty();
        }
        PlainFiles.requireFolder(folder);
        byte[] bytes = PlainFiles.read(latest, MAX_BYTES);
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        Matcher names = NAME.matcher(text);
        if (text.isEmpty() || !names.matches()) {
            throw new IOException(
                    String.format(
                            "%s: damaged: it does not name a checkpoint: expected a name such as"
                                    + " \"%s\", \"%s\", or both, found \"%s\"",
                            latest, name(1200), FINISHED, Printable.of(text)));
        }
        String name = names.group("step");
        return Optional.of(new Current(names.group("finished") != null, name == null ? "" : name));
    }

    /**
     * Returns the newest checkpoint in a folder, that which {@link #finishAndKeep} kept included,
     * without opening the store.
     *
     * @param folder the folder, which need not exist
     * @return the folder of the checkpoint, or empty if there is none
     * @throws IOException if the folder cannot be read or the checkpoint is missing
     */
    public static Optional<Path> newest(Path folder) throws IOException {
        Optional<Path> last =
                current(folder)
                        .filter(Current::hasCheckpoint)
                        .map(now -> folder.resolve(now.name()));
        if (last.isPresent()) {
            PlainFiles.requireFolder(last.get());
            if (!PlainFiles.exists(last.get())) {
                throw new IOException(last.get() + ": the latest checkpoint is missing");
            }
        }
        return last;
    }

    /**
     * Returns the folder.
     *
     * @return the folder that the store was opened with
     */
    public Path folder() {
        return folder;
    }

    /**
     * Returns the latest checkpoint.
     *
     * @return its folder, or empty if there is none or the run is finished
     * @throws IOException if the folder cannot be read or the checkpoint is missing
     */
    public Optional<Path> latest() throws IOException {
        return isFinished(folder) ? Optional.empty() : newest(folder);
    }

    /** The name of the folder of a checkpoint. */
    static String name(long step) {
        return String.format("step-%09d", step);
    }

    /**
     * Adds a checkpoint and makes it the latest.
     *
     * @param step the number of steps so far
     * @param content what writes it
     * @throws IOException if writing fails; the latest checkpoint does not change
     */
    void add(long step, Content content) throws IOException {
        Checks.require(step >= 0, "CheckpointStore", "negative step %d", step);
        String name = name(step);
        if (current(folder).filter(now -> name.equals(now.name())).isPresent()) {
            return;
        }
        Path target = folder.resolve(name);
        StoreFolder.makeRoom(target); // left by a run that was killed before it became the latest
        Path temporary = folder.resolve("." + name);
        StoreFolder.makeRoom(temporary);
        Files.createDirectory(temporary);
        try {
            content.write(temporary);
        } catch (IOException | RuntimeException e) {
            StoreFolder.makeRoom(temporary); // a full disk needs the room
            throw e;
        }
        force(temporary);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        force(folder);
        setLatest(name);
        StoreFolder.deleteAllBut(folder, name);
    }

    /**
     * Records that the run is finished, so that there is nothing to resume, and removes the
     * checkpoints. Call this when the trained model has been saved elsewhere.
     *
     * @throws IOException if writing fails
     */
    public void finish() throws IOException {
        setLatest(FINISHED);
        StoreFolder.deleteAllBut(folder, "");
    }

    /**
     * Records that the run is finished, as {@link #finish} does, but keeps its last checkpoint: a
     * run with higher limits can go on from there.
     *
     * @throws IOException if writing fails
     */
    public void finishAndKeep() throws IOException {
        String name = current(folder).map(Current::name).orElse("");
        setLatest((FINISHED + ' ' + name).strip());
        StoreFolder.deleteAllBut(folder, name);
    }

    /**
     * Deletes all checkpoints, to start over.
     *
     * @throws IOException if they cannot be deleted
     */
    public void clear() throws IOException {
        PlainFiles.requireFile(folder.resolve(LATEST));
        Files.deleteIfExists(folder.resolve(LATEST));
        force(folder);
        StoreFolder.deleteAllBut(folder, "");
    }

    private void setLatest(String name) throws IOException {
        Path temporary = folder.resolve(StoreFolder.NEW_LATEST);
        PlainFiles.requireFile(temporary);
        Files.deleteIfExists(temporary); // half a file, left by a run that was killed
        writeFile(temporary, (name + "\n").getBytes(StandardCharsets.UTF_8));
        Files.move(
                temporary,
                folder.resolve(LATEST),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        force(folder);
    }

    /** Writes a new file and syncs it to disk. */
    static void writeFile(Path file, byte[] content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw FileErrors.naming(file, e);
        }
    }

    /** Syncs the entries of a folder to disk if the system supports it. */
    static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOGGER.debug("{} cannot be synced", folder, e); // Windows cannot open folders
        }
    }

    /** Unlocks the folder. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
