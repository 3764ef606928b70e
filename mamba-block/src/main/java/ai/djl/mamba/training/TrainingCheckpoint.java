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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.internal.FileErrors;
import ai.djl.mamba.internal.PlainFiles;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * One checkpoint of a {@link TrainingRun}: a folder with {@code run.json} and files of arrays.
 * {@code run.json} has the version of the format, what the run depends on (the fingerprint), its
 * progress (the state), and the size and checksum of every file.
 */
final class TrainingCheckpoint {

    /** The name of the {@link MetricsMark} in the state. */
    static final String METRICS = "metrics";

    private static final String LEGACY_CONFIG = "MambaConfig[";
    private static final int VERSION = 1;
    private static final String JSON = "run.json";
    private static final int BUFFER = 1 << 16;
    private static final int MAX_JSON = 1 << 26;

    /** A file in the folder itself, and not one that is elsewhere. */
    private static final Pattern PLAIN_NAME = Pattern.compile("\\w[\\w.-]*");

    private static final String CHECKSUM = "crc32";
    private static final long MAX_CHECKSUM = 0xffffffffL;

    private final Path folder;
    private final JsonObject json;

    private TrainingCheckpoint(Path folder, JsonObject json) {
        this.folder = folder;
        this.json = json;
    }

    /** Starts a new checkpoint. */
    static TrainingCheckpoint create(Path folder, JsonObject fingerprint, JsonObject state) {
        JsonObject json = new JsonObject();
        json.addProperty("version", VERSION);
        json.add("fingerprint", fingerprint);
        json.add("state", state);
        json.add("files", new JsonObject());
        return new TrainingCheckpoint(folder, json);
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    /** Reads the content of a file. */
    @FunctionalInterface
    interface Reader {
        void read(DataInputStream in) throws Exception;
    }

    /** Adds a file and syncs it to disk. */
    void add(String name, Writer writer) throws IOException {
        Path path = folder.resolve(name);
        CRC32 checksum = new CRC32();
        try (FileChannel channel =
                        FileChannel.open(
                                path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                DataOutputStream out =
                        new DataOutputStream(
                                new CheckedOutputStream(
                                        new BufferedOutputStream(
                                                Channels.newOutputStream(channel), BUFFER),
                                        checksum))) {
            writer.write(out);
            out.flush();
            channel.force(true);
            JsonObject file = new JsonObject();
            file.addProperty("bytes", channel.size());
            file.addProperty(CHECKSUM, checksum.getValue());
            files().add(name, file);
        } catch (IOException e) {
            throw FileErrors.naming(path, e);
        }
    }

    private JsonObject files() {
        return json.getAsJsonObject("files");
    }

    /** Writes run.json, which completes the checkpoint. */
    void complete() throws IOException {
        json.addProperty(CHECKSUM, checksum(json));
        byte[] text = (json + "\n").getBytes(StandardCharsets.UTF_8);
        CheckpointStore.writeFile(folder.resolve(JSON), text);
    }

    private static long checksum(JsonObject json) {
        CRC32 checksum = new CRC32();
        checksum.update(json.toString().getBytes(StandardCharsets.UTF_8));
        return checksum.getValue();
    }

    /**
     * Opens a checkpoint and checks that it is complete.
     *
     * @param folder its folder
     * @throws IOException if it cannot be read, is damaged, or has another version
     */
    static TrainingCheckpoint open(Path folder) throws IOException {
        RunJson run = description(folder);
        run.object("fingerprint");
        RunJson files = run.object("files");
        for (String name : files.keys()) {
            check(folder, name, files.object(name));
        }
        return new TrainingCheckpoint(folder, run.json());
    }

    /** Reads run.json and checks its version, its checksum, and that it is of this folder. */
    private static RunJson description(Path folder) throws IOException {
        Path file = folder.resolve(JSON);
        RunJson run =
                RunJson.parse(
                        file, new String(PlainFiles.read(file, MAX_JSON), StandardCharsets.UTF_8));
        long version = run.count("version");
        if (version != VERSION) {
            throw new IOException(
                    String.format("%s: expected version %d, got %d", file, VERSION, version));
        }
        long checksum = run.count(CHECKSUM, MAX_CHECKSUM);
        run.json().remove(CHECKSUM);
        requireSame(file, checksum, checksum(run.json()));
        RunJson state = run.object("state");
        if (!folder.endsWith(CheckpointStore.name(state.count("step")))) {
            throw state.damaged("step", "that of the folder " + folder.getFileName(), null);
        }
        return run;
    }

    /** Checks a file that run.json names; no more of it is read than it is said to have. */
    private static void check(Path folder, String name, RunJson expected) throws IOException {
        if (!PLAIN_NAME.matcher(name).matches()) {
            throw new IOException(
                    String.format(
                            "%s: damaged: expected names of files in its folder, got %s",
                            folder.resolve(JSON), new JsonPrimitive(name)));
        }
        Path file = folder.resolve(name);
        long expectedBytes = expected.count("bytes");
        long expectedChecksum = expected.count(CHECKSUM, MAX_CHECKSUM);
        CRC32 checksum = new CRC32();
        try (InputStream in = new CheckedInputStream(PlainFiles.open(file), checksum)) {
            long bytes = Files.size(file);
            if (bytes != expectedBytes) {
                throw new IOException(
                        String.format(
                                "%s: damaged: %d bytes, expected %d", file, bytes, expectedBytes));
            }
            byte[] buffer = new byte[BUFFER];
            int read = 0;
            for (long rest = bytes; rest > 0 && read >= 0; rest -= read) {
                read = in.read(buffer, 0, (int) Math.min(rest, BUFFER));
            }
        }
        requireSame(file, expectedChecksum, checksum.getValue());
    }

    private static void requireSame(Path file, long expected, long found) throws IOException {
        if (expected != found) {
            throw new IOException(
                    String.format(
                            "%s: damaged: expected the checksum %08x, found %08x",
                            file, expected, found));
        }
    }

    /**
     * Reads how the metrics of the run begin; empty if it did not log them, or was of version 0.1.
     */
    static Optional<MetricsMark> metrics(Path folder) throws IOException {
        RunJson state = description(folder).object("state");
        return state.has(METRICS)
                ? Optional.of(MetricsMark.of(state.object(METRICS)))
                : Optional.empty();
    }

    /** Reads the progress of the run from a checkpoint, whose arrays are not checked. */
    static CheckpointStore.Progress progress(Path folder) throws IOException {
        RunJson description = description(folder);
        RunJson state = description.object("state");
        RunJson run = state.object("run");
        RunJson options = description.object("fingerprint");
        return new CheckpointStore.Progress(
                state.count("step"),
                run.count("epoch"),
                state.seconds("seconds"),
                run.flag("stopped_early"),
                options.count("steps"),
                options.count("epochs"),
                options.seconds("seconds"));
    }

    /**
     * Checks that a run may resume from this checkpoint: it depends on the same, its limits apart.
     *
     * @param fingerprint what the run depends on
     * @return whether the limits differ
     * @throws IllegalArgumentException if the checkpoint belongs to another run; the message lists
     *     the differences
     */
    boolean checkFingerprint(JsonObject fingerprint) {
        JsonObject saved = json.getAsJsonObject("fingerprint");
        // by way of text, as in the file: a float converted to double is another number
        JsonObject own = JsonParser.parseString(fingerprint.toString()).getAsJsonObject();
        Set<String> names = new TreeSet<>(saved.keySet());
        names.addAll(own.keySet());
        StringBuilder differences = new StringBuilder();
        boolean hasOtherLimits = false;
        for (String name : names) {
            JsonElement before = canonical(saved.get(name));
            JsonElement now = canonical(own.get(name));
            if (before != null && before.equals(now)) {
                continue;
            }
            if (TrainingOptions.LIMITS.contains(name)) {
                hasOtherLimits = true;
            } else {
                differences.append(differences.isEmpty() ? "" : "; ");
                differences.append(String.format("%s was %s, is now %s", name, before, now));
            }
        }
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(
                    String.format(
                            "TrainingRun: the checkpoint %s belongs to another run: %s",
                            folder, differences));
        }
        return hasOtherLimits;
    }

    /** The same model may be described as version 0.1 did it, and as canonical JSON. */
    private static JsonElement canonical(JsonElement value) {
        if (value instanceof JsonPrimitive text
                && text.isString()
                && text.getAsString().startsWith(LEGACY_CONFIG)) {
            return new JsonPrimitive(MambaConfig.parse(text.getAsString()).toJson());
        }
        return value;
    }

    /** The progress of the run. */
    RunJson state() throws IOException {
        return RunJson.of(folder.resolve(JSON), json).object("state");
    }

    /** Whether the checkpoint has a file. */
    boolean has(String name) {
        return files().has(name);
    }

    /** The size of a file, which {@link #open} compared; 0 without one. */
    long bytes(String name) {
        return has(name) ? files().getAsJsonObject(name).get("bytes").getAsLong() : 0;
    }

    /** Reads a file. */
    void read(String name, Reader reader) throws IOException {
        Path file = folder.resolve(name);
        if (!has(name)) {
            throw new NoSuchFileException(file.toString(), null, "not in the checkpoint");
        }
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(PlainFiles.open(file), BUFFER))) {
            reader.read(in);
            if (in.read() >= 0) {
                throw new IOException("unexpected data at the end");
            }
        } catch (EOFException e) {
            String place = e.getMessage() == null ? "it ends in its header" : e.getMessage();
            throw new IOException(file + ": the file is truncated: " + place, e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
