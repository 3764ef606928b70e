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

import ai.djl.mamba.internal.PlainFiles;
import com.google.gson.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * How the file of metrics of a run begins: what the run had written when the mark was made. It
 * tells the file, which goes on after it, from that of another run.
 *
 * @param bytes the number of bytes
 * @param crc32 their checksum
 */
record MetricsMark(long bytes, long crc32) {

    private static final int MAX_JSON = 256;

    /** The mark as it is kept with a checkpoint. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("bytes", bytes);
        json.addProperty("crc32", crc32);
        return json;
    }

    /** Reads a mark. */
    static MetricsMark of(RunJson json) throws IOException {
        return new MetricsMark(json.count("bytes"), json.count("crc32"));
    }

    /** Saves the mark of a run that has no checkpoint yet. */
    void write(Path store) throws IOException {
        Path file = store.resolve(StoreFolder.METRICS);
        CheckpointStore.writeFile(file, toJson().toString().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the mark of a run without a checkpoint; of one killed while writing it there is none.
     */
    private static Optional<MetricsMark> read(Path store) throws IOException {
        Path file = store.resolve(StoreFolder.METRICS);
        if (!PlainFiles.exists(file)) {
            return Optional.empty();
        }
        String text = new String(PlainFiles.read(file, MAX_JSON), StandardCharsets.UTF_8);
        try {
            return Optional.of(of(RunJson.parse(file, text)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Checks that a file may be cut after a step of a run: it is empty or does not exist, or it is
     * the one that the run wrote. A checkpoint of an earlier version cannot tell; without any
     * checkpoint, a file in the folder of the run is taken for its own.
     *
     * @param store the folder of the checkpoints
     * @param file the file of metrics
     */
    static void check(Path store, Path file) throws IOException {
        if (!PlainFiles.exists(file) || (PlainFiles.isFile(file) && Files.size(file) == 0)) {
            return;
        }
        Optional<Path> checkpoint = CheckpointStore.newest(store);
        if (checkpoint.isPresent()) {
            Optional<MetricsMark> mark = TrainingCheckpoint.metrics(checkpoint.get());
            if (mark.isPresent()) {
                mark.get().requireIn(file, store);
            }
            return;
        }
        Optional<MetricsMark> mark = read(store);
        if (mark.isPresent()) {
            mark.get().requireIn(file, store);
        } else if (!parent(file).equals(parent(store))) {
            throw foreign(file, store, "nothing yet", String.format("%,d bytes", Files.size(file)));
        }
    }

    private static Path parent(Path path) {
        return path.toAbsolutePath().normalize().getParent();
    }

    private void requireIn(Path file, Path store) throws IOException {
        CRC32 checksum = new CRC32();
        long read = 0;
        try (InputStream in = new BufferedInputStream(PlainFiles.open(file))) {
            for (int b = 0; read < bytes && (b = in.read()) >= 0; read++) {
                checksum.update(b);
            }
        }
        if (read < bytes || checksum.getValue() != crc32) {
            String expected = "a file that begins with " + described(bytes, crc32);
            throw foreign(file, store, expected, described(read, checksum.getValue()));
        }
    }

    private static String described(long bytes, long checksum) {
        return String.format("%,d bytes of the CRC-32 %08x", bytes, checksum);
    }

    private static IOException foreign(Path file, Path store, String expected, String found) {
        return new FileSystemException(
                file.toString(),
                null,
                String.format(
                        "not the metrics of the run in %s, which would cut them: expected %s, got"
                                + " %s; name another file, or start anew and overwrite this one",
                        store.toAbsolutePath().getParent(), expected, found));
    }
}
