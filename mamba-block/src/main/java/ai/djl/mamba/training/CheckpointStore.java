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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a training run in a folder of their own, of which one is complete at any time.
 *
 * <p>A checkpoint is a folder such as {@code step-000001200}; the file {@code latest} names the one
 * that counts. A new one is written under a hidden name, brought to the disk, and renamed; then
 * {@code latest} is replaced in one step, and only then the checkpoint before goes. So a process
 * that is killed between any two of these, or a machine that loses power, leaves a {@code latest}
 * that names a complete checkpoint; what else lies around is removed after the next one.
 *
 * <p>The store is locked while it is open: two runs in one folder would ruin each other.
 */
public final class CheckpointStore implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(CheckpointStore.class);

    private static final String LATEST = "latest";
    private static final String LOCK = "lock";
    private static final String FINISHED = "finished";
    private static final Pattern STEP = Pattern.compile("step-(\\d{9,18})");

    private final Path folder;
    private final FileChannel lock;

    /** Writes the files of a checkpoint. */
    @FunctionalInterface
    interface Content {

        /**
         * Writes them.
         *
         * @param folder an empty folder; each file in it must be on the disk when this returns
         */
        void write(Path folder) throws IOException;
    }

    /**
     * Opens a store.
     *
     * @param folder its folder, made if it does not exist
     * @throws IOException if the folder cannot be written or another run is using it
     */
    public CheckpointStore(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        lock =
                FileChannel.open(
                        folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(lock)) {
            lock.close();
            throw new IOException(folder + ": another run is writing its checkpoints here");
        }
    }

    /** Locks until the channel is closed, or the process ends in whatever way. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Tells whether a folder has a checkpoint to go on from, without opening the store.
     *
     * @param folder the folder, which need not exist
     * @return whether a run began there, wrote a checkpoint, and is not finished
     * @throws IOException if the folder cannot be read
     */
    public static boolean isUnfinished(Path folder) throws IOException {
        return latestName(folder).filter(name -> !FINISHED.equals(name)).isPresent();
    }

    /**
     * Tells whether the run of a folder came to its end, as {@link #finish} noted.
     *
     * @param folder the folder, which need not exist
     * @return whether there is nothing to go on with
     * @throws IOException if the folder cannot be read
     */
    public static boolean isFinished(Path folder) throws IOException {
        return latestName(folder).filter(FINISHED::equals).isPresent();
    }

    private static Optional<String> latestName(Path folder) throws IOException {
        Path latest = folder.resolve(LATEST);
        if (!Files.isRegularFile(latest)) {
            return Optional.empty();
        }
        String name = Files.readString(latest).strip();
        if (!FINISHED.equals(name) && !STEP.matcher(name).matches()) {
            throw new IOException(latest + ": damaged: it names no checkpoint");
        }
        return Optional.of(name);
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
     * Returns the checkpoint that counts.
     *
     * @return its folder, or empty where a run has not written one or is finished
     * @throws IOException if the folder cannot be read or the checkpoint is gone
     */
    public Optional<Path> latest() throws IOException {
        Optional<Path> latest =
                latestName(folder).filter(name -> !FINISHED.equals(name)).map(folder::resolve);
        if (latest.isPresent() && !Files.isDirectory(latest.get())) {
            throw new IOException(latest.get() + ": the latest checkpoint is missing");
        }
        return latest;
    }

    /**
     * Adds a checkpoint, which is the latest from then on.
     *
     * @param step the number of steps that it comes after
     * @param content what writes it
     * @throws IOException if writing fails; the latest checkpoint stays what it was
     */
    void add(long step, Content content) throws IOException {
        Checks.require(step >= 0, "CheckpointStore", "negative step %d", step);
        String name = String.format("step-%09d", step);
        if (latestName(folder).filter(name::equals).isPresent()) {
            return;
        }
        Path target = folder.resolve(name);
        delete(target); // of a run that was killed before this one counted
        Path temporary = folder.resolve("." + name);
        delete(temporary);
        Files.createDirectory(temporary);
        content.write(temporary);
        force(temporary);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        force(folder);
        setLatest(name);
        removeAllBut(name);
    }

    /**
     * Notes that the run came to its end, so that there is nothing to go on from, and removes the
     * checkpoints. To be called when the trained model is saved elsewhere.
     *
     * @throws IOException if writing fails
     */
    public void finish() throws IOException {
        setLatest(FINISHED);
        removeAllBut(FINISHED);
    }

    /**
     * Forgets all checkpoints, to begin anew.
     *
     * @throws IOException if they cannot be deleted
     */
    public void clear() throws IOException {
        Files.deleteIfExists(folder.resolve(LATEST));
        force(folder);
        removeAllBut(LATEST);
    }

    private void setLatest(String name) throws IOException {
        Path temporary = folder.resolve("." + LATEST);
        writeFile(temporary, (name + "\n").getBytes(StandardCharsets.UTF_8));
        Files.move(
                temporary,
                folder.resolve(LATEST),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        force(folder);
    }

    private void removeAllBut(String name) throws IOException {
        List<String> kept = List.of(name, LATEST, LOCK);
        for (Path entry : list(folder)) {
            if (!kept.contains(entry.getFileName().toString())) {
                delete(entry);
            }
        }
    }

    /** Writes a file, which is on the disk when this returns. */
    static void writeFile(Path file, byte[] content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Brings the names of the files in a folder to the disk, where the system has a way to. */
    static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            LOGGER.debug("{} cannot be synchronized", folder, e); // Windows opens no folders
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : all) {
            Files.delete(entry);
        }
    }

    /** Lets another run use the folder. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
