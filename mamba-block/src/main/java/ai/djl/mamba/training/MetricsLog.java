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
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A file of metrics with one JSON object per line, each with the number of its step: {@code
 * {"step":20,"loss":1.25,"rate":3.0E-4}}. Numbers that are not finite, which JSON does not support,
 * are written as null. Lines are not buffered: each is handed to the operating system before {@link
 * #write} returns.
 */
public final class MetricsLog implements AutoCloseable {

    private static final String STEP = "step";
    private static final int MAX_LINE = 1 << 20;
    private static final int MAX_SHOWN = 100;
    private static final String START = "{\"" + STEP + "\":"; // of each line
    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private final Path file;
    private final FileChannel channel;
    private final CRC32 checksum; // of all lines

    private MetricsLog(Path file, FileChannel channel, CRC32 checksum) {
        this.file = file;
        this.channel = channel;
        this.checksum = checksum;
    }

    /**
     * Opens a file to append after its last complete line.
     *
     * @param file the file, which need not exist; its folder must
     * @return the log
     * @throws IOException if the file cannot be opened, is a link, or has a line that is not one of
     *     metrics
     */
    public static MetricsLog open(Path file) throws IOException {
        return resume(file, Long.MAX_VALUE);
    }

    /**
     * Opens a file to append after a step. Lines of later steps are removed, so that no step occurs
     * twice, and so is an incomplete line left by a run that was killed while writing.
     *
     * @param file the file, which need not exist; its folder must
     * @param step the last step to keep
     * @return the log
     * @throws IOException if the file cannot be opened, is a link, or has a line that is not one of
     *     metrics
     */
    public static MetricsLog resume(Path file, long step) throws IOException {
        Checks.given("MetricsLog", "file", file);
        PlainFiles.requireFile(file);
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        try {
            CRC32 checksum = new CRC32();
            long end = endOf(file, step, checksum);
            channel.truncate(end);
            channel.position(end);
            return new MetricsLog(file, channel, checksum);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Returns the number of bytes of the lines up to a step, and sums them up. */
    private static long endOf(Path file, long step, CRC32 checksum) throws IOException {
        long end = 0;
        int number = 0;
        try (InputStream in = new BufferedInputStream(PlainFiles.open(file))) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    number++;
                    if (stepOf(file, number, line.toString(StandardCharsets.UTF_8)) > step) {
                        return end;
                    }
                    end += line.size();
                    checksum.update(line.toByteArray());
                    line.reset();
                } else if (line.size() > MAX_LINE) {
                    throw unexpected(file, number + 1, line.toString(StandardCharsets.UTF_8), null);
                }
            }
            requireStart(file, number + 1, line.toString(StandardCharsets.UTF_8));
        }
        return end;
    }

    /** What a killed run left of a line is removed, but not what somebody else wrote. */
    private static void requireStart(Path file, int number, String line) throws IOException {
        if (!START.startsWith(line) && !line.startsWith(START)) {
            throw unexpected(file, number, line, null);
        }
    }

    private static long stepOf(Path file, int number, String line) throws IOException {
        try {
            return JsonParser.parseString(line).getAsJsonObject().get(STEP).getAsLong();
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | UnsupportedOperationException
                | NumberFormatException e) {
            throw unexpected(file, number, line, e);
        }
    }

    private static IOException unexpected(
            Path file, int number, String line, RuntimeException causeOrNull) {
        String found = Printable.of(line.strip());
        return new IOException(
                String.format(
                        "%s, line %d: expected an object with a number \"%s\", got %s",
                        file,
                        number,
                        STEP,
                        found.substring(0, Math.min(MAX_SHOWN, found.length()))),
                causeOrNull);
    }

    /**
     * Writes a line.
     *
     * @param step the number of the step
     * @param metrics the values by name, in the order of the map: numbers, strings, booleans, or
     *     anything else that Gson can write
     * @throws IOException if the line cannot be written
     */
    public synchronized void write(long step, Map<String, ?> metrics) throws IOException {
        JsonObject line = new JsonObject();
        line.addProperty(STEP, step);
        metrics.forEach((name, value) -> line.add(name, json(value)));
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(GSON.toJson(line) + "\n");
        try {
            ByteBuffer summed = bytes.duplicate();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            checksum.update(summed);
        } catch (IOException e) {
            throw FileErrors.naming(file, e);
        }
    }

    /** Syncs the file to disk and returns what it has so far. */
    synchronized MetricsMark mark() throws IOException {
        try {
            channel.force(false);
            return new MetricsMark(channel.position(), checksum.getValue());
        } catch (IOException e) {
            throw FileErrors.naming(file, e);
        }
    }

    private static JsonElement json(Object value) {
        boolean writable = !(value instanceof Number n) || Double.isFinite(n.doubleValue());
        return writable ? GSON.toJsonTree(value) : JsonNull.INSTANCE;
    }

    /**
     * Returns a listener that writes the figures of a {@link TrainingRun} to this log: a line for
     * each step and one for each evaluation, whose figures have names with the prefix {@code
     * validation_}.
     *
     * @return the listener; it does not close the log
     */
    public RunListener listener() {
        return new MetricsListener(this);
    }

    /** {@inheritDoc} */
    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
