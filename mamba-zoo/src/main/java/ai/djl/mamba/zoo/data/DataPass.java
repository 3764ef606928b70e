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

import ai.djl.mamba.zoo.data.HashSplit.By;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.mamba.zoo.data.RecordSource.BadDataException;
import ai.djl.mamba.zoo.data.TextRecord.Pieces;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the documents of files, one file after another. */
final class DataPass implements RecordSource.Pass {

    private static final int PROBE_BYTES = 8192;

    private final Iterator<DataFile> files;
    private final TextOptions options;
    private final HashSplit split;
    private final Part part;
    private final BadRows.Pass badRows;
    private final Map<Path, TextArchive> archives = new HashMap<>();
    private final Set<Closeable> open = new LinkedHashSet<>();
    private long left;
    private DataFile file;
    private RecordReader reader;

    DataPass(
            List<DataFile> files,
            TextOptions options,
            HashSplit split,
            Part part,
            long maxDocuments,
            BadRows.Pass badRows) {
        this.files = files.iterator();
        this.options = options;
        this.split = split;
        this.part = part;
        this.badRows = badRows;
        left = maxDocuments;
    }

    @Override
    public TextRecord next() throws IOException {
        while (left > 0 && (reader != null || openNext())) {
            TextRecord record;
            try {
                record = reader.next();
            } catch (EOFException | ZipException e) {
                badRows.report(file.origin(), "the compressed file is damaged: " + Damages.of(e));
                record = null;
            }
            if (record == null) {
                closeReader();
            } else if (isWanted(record)) {
                left--;
                return record.rest() == null ? record : keepOpen(record);
            } else if (record.rest() != null) {
                record.rest().close();
            }
        }
        return null;
    }

    private boolean isWanted(TextRecord record) {
        return part == Part.ALL || split.by() == By.NAME || split.of(record.text()) == part;
    }

    private TextRecord keepOpen(TextRecord record) {
        RecordReader owner = reader;
        open.add(owner);
        reader = null;
        Pieces pieces = record.rest();
        Pieces rest =
                new Pieces() {
                    @Override
                    public String next() throws IOException {
                        String piece = pieces.next();
                        if (piece == null) {
                            close();
                        }
                        return piece;
                    }

                    @Override
                    public void close() throws IOException {
                        open.remove(owner);
                        pieces.close();
                    }
                };
        return new TextRecord(record.text(), record.label(), record.origin(), rest);
    }

    private boolean openNext() throws IOException {
        while (files.hasNext()) {
            file = files.next();
            if (part != Part.ALL && split.by() == By.NAME && split.of(file.name()) != part) {
                continue;
            }
            String label = options.labels().label(file.name());
            if (label == null && options.isLabelledByFile()) {
                if (options.labels().problem() != null) {
                    badRows.report(file.origin(), "the file " + options.labels().problem());
                }
                continue;
            }
            InputStream in = openFile();
            if (in != null) {
                reader = reader(in, label);
                return true;
            }
        }
        return false;
    }

    /** Opens the file, or returns null if it is not a text file. */
    private InputStream openFile() throws IOException {
        InputStream in = new BufferedInputStream(content(), PROBE_BYTES);
        try {
            if (TextData.Format.isCompressed(file.name())) {
                in = new BufferedInputStream(new GZIPInputStream(in, PROBE_BYTES), PROBE_BYTES);
            }
            if (file.wanted() || isText(in)) {
                return in;
            }
        } catch (EOFException | ZipException e) {
            badRows.report(file.origin(), "the compressed file is damaged: " + Damages.of(e));
        } catch (IOException e) {
            in.close();
            throw e;
        }
        in.close();
        return null;
    }

    private InputStream content() throws IOException {
        if (file.entry() == null) {
            return Files.newInputStream(file.path());
        }
        TextArchive archive = archives.get(file.path());
        if (archive == null) {
            archive = new TextArchive(file.path());
            archives.put(file.path(), archive);
        }
        return archive.open(file.entry());
    }

    private static boolean isText(InputStream in) throws IOException {
        in.mark(PROBE_BYTES);
        byte[] start = in.readNBytes(PROBE_BYTES);
        in.reset();
        for (byte b : start) {
            if (b == 0) {
                return false;
            }
        }
        return true;
    }

    private RecordReader reader(InputStream in, String label) {
        String origin = file.origin();
        TextData.Format format = options.formatOf(file.name());
        return switch (format) {
            case TEXT -> new TextReader(in, options, label, origin, badRows);
            case JSON_LINES ->
                    new JsonLinesReader(
                            new RowReader(in, options.lenient(), RowReader.NO_QUOTES),
                            options,
                            label,
                            origin,
                            badRows);
            case CSV, TSV -> {
                char delimiter = format == TextData.Format.CSV ? ',' : '\t';
                RowReader rows = new RowReader(in, options.lenient(), delimiter);
                yield new CsvReader(rows, delimiter, options, label, origin, badRows);
            }
        };
    }

    @Override
    public void report(String origin, String problem) throws BadDataException {
        badRows.report(origin, problem);
    }

    private void closeReader() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeReader();
        for (Closeable rest : open) {
            rest.close();
        }
        open.clear();
        for (TextArchive archive : archives.values()) {
            archive.close();
        }
        archives.clear();
    }
}
