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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A folder with data that a test makes. */
final class DataFolder implements AutoCloseable {

    private final Path folder;

    DataFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-data");
    }

    Path path() {
        return folder;
    }

    /** Writes a file; folders before it are made. */
    Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file of bytes. */
    Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    /** Writes an archive. */
    Path zip(String name, Map<String, String> entries) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    /** Compresses a text. */
    static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** All of the folder. */
    TextData.Builder data() {
        return TextData.builder().addPath(folder);
    }

    /** All documents of the folder. */
    RecordSource records() throws IOException {
        return data().build().part(Part.ALL);
    }

    /** Packs them into rows. */
    PackedBatches.Builder packed(int batch, int length) throws IOException {
        return PackedBatches.builder().setRecords(records()).setBatch(batch).setLength(length);
    }

    /** Reads them in rows that go on. */
    ContinuedBatches.Builder continued(int batch, int length) throws IOException {
        return ContinuedBatches.builder().setRecords(records()).setBatch(batch).setLength(length);
    }

    /** Batches of texts with labels. */
    static ClassificationBatches.Builder classes(TextData data, List<String> names) {
        return ClassificationBatches.builder()
                .setRecords(data.part(Part.ALL))
                .setClasses(ClassNames.of(names))
                .setBatch(4)
                .setLength(30);
    }

    /** Writes documents of random lengths, the first of several pieces; returns their texts. */
    List<String> documents(int number, int longest) throws IOException {
        Random random = new Random(7);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            int length = i == 0 ? 70_000 : 1 + random.nextInt(longest);
            StringBuilder text = new StringBuilder(length);
            while (text.length() < length) {
                text.append(random.nextInt(9) == 0 ? '\n' : (char) ('a' + random.nextInt(26)));
            }
            texts.add(text.toString());
            write("d%03d.txt".formatted(i), text.toString());
        }
        return texts;
    }

    /** Writes a table of texts with the labels a, b and c by turns. */
    TextData labelled(int rows) throws IOException {
        StringBuilder lines = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            String text = "x".repeat(i * 7 % 50) + (char) ('a' + i % 3);
            lines.append(text).append(i).append(',').append((char) ('a' + i % 3)).append('\n');
        }
        Path file = write("labelled.csv", lines.toString());
        return TextData.builder().addPath(file).optLabels(LabelSource.FIELD).build();
    }

    /** Reads all documents; the texts are whole. */
    static List<TextRecord> read(RecordSource source) throws IOException {
        try (RecordSource.Pass stream = source.open()) {
            return read(stream);
        }
    }

    static List<TextRecord> read(RecordSource.Pass stream) throws IOException {
        List<TextRecord> records = new ArrayList<>();
        for (TextRecord record = stream.next(); record != null; record = stream.next()) {
            records.add(new TextRecord(text(record), record.label(), record.origin()));
        }
        return records;
    }

    static List<TextRecord> read(TextData data) throws IOException {
        return read(data.part(Part.ALL));
    }

    static List<String> texts(List<TextRecord> records) {
        return records.stream().map(TextRecord::text).toList();
    }

    /** The whole text of a document. */
    static String text(TextRecord record) throws IOException {
        StringBuilder text = new StringBuilder(record.text());
        if (record.rest() != null) {
            for (String piece = record.rest().next(); piece != null; piece = record.rest().next()) {
                text.append(piece);
            }
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        ProcessFiles.delete(folder);
    }
}
