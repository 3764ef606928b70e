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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.mamba.zoo.data.RecordSource.BadDataException;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Documents in files of any total size: text files, JSON lines and CSV, plain, compressed by gzip,
 * or in zip archives. Only the file names are kept in memory.
 *
 * <pre>{@code
 * TextData data = TextData.builder().addPath(Path.of("src")).optInclude("*.java").build();
 * }</pre>
 */
public final class TextData {

    private final List<DataFile> files;
    private final TextOptions options;
    private final HashSplit split;
    private final long maxDocuments;
    private final BadRows badRows;
    private final JsonObject fingerprint;

    private TextData(Builder builder) throws IOException {
        files = DataFiles.list(builder.paths, builder.include);
        options =
                new TextOptions(
                        builder.format,
                        builder.textField,
                        builder.labelField,
                        builder.labels,
                        builder.lenient,
                        builder.documentLength);
        split = builder.split;
        maxDocuments = builder.maxDocuments;
        badRows = new BadRows(builder.stop, builder.logged);
        fingerprint = new JsonObject();
        fingerprint.addProperty("files", hash(files));
        fingerprint.addProperty("format", String.valueOf(options.format()));
        fingerprint.addProperty("text field", options.textField());
        fingerprint.addProperty("label field", options.labelField());
        fingerprint.addProperty("labels", options.labels().description());
        fingerprint.addProperty("lenient", options.lenient());
        fingerprint.addProperty("document length", options.documentLength());
        fingerprint.addProperty("split", String.valueOf(split));
        fingerprint.addProperty("most documents", maxDocuments);
    }

    private static String hash(List<DataFile> files) {
        MessageDigest digest = HashSplit.sha256();
        for (DataFile file : files) {
            String line = file.name() + "\0" + file.size() + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        String hash = HexFormat.of().formatHex(digest.digest(), 0, Long.BYTES);
        return files.size() + " files with the hash " + hash;
    }

    /**
     * Returns the number of files found, including those that turn out to have no text.
     *
     * @return the number of files
     */
    public int files() {
        return files.size();
    }

    /**
     * Returns the files that are read.
     *
     * @return their paths, and those of archives for what is in them
     */
    public List<Path> paths() {
        return files.stream().map(DataFile::path).distinct().toList();
    }

    /**
     * Returns the number of bad rows.
     *
     * @return the highest number found in any pass over this data
     */
    public long badRows() {
        return badRows.count();
    }

    /**
     * Returns the first bad rows.
     *
     * @return where they are and what is wrong with them, as logged
     */
    public List<String> badRowExamples() {
        return badRows.examples();
    }

    /**
     * Returns a part of the split.
     *
     * @param part the part
     * @return its documents
     * @throws IllegalArgumentException if the data is not split and the part is not {@link
     *     Part#ALL}
     */
    public RecordSource part(Part part) {
        Checks.require(
                split != null || part == Part.ALL,
                "TextData",
                "there is no part %s without a split: set one by optSplit",
                part);
        JsonObject described = fingerprint.deepCopy();
        described.addProperty("part", part.name());
        return new RecordSource() {
            @Override
            public RecordSource.Pass open() {
                return new DataPass(files, options, split, part, maxDocuments, badRows.newPass());
            }

            @Override
            public RecordSource.Pass open(long seed) {
                if (maxDocuments < Long.MAX_VALUE) {
                    return open(); // every pass must have the same first documents
                }
                List<DataFile> shuffled = new ArrayList<>(files);
                Collections.shuffle(shuffled, new Random(seed));
                return new DataPass(
                        shuffled, options, split, part, maxDocuments, badRows.newPass());
            }

            @Override
            public JsonObject fingerprint() {
                return described.deepCopy();
            }
        };
    }

    /**
     * Creates a builder.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of {@link TextData}. */
    public static final class Builder {

        private final List<Path> paths = new ArrayList<>();
        private String include;
        private Format format;
        private String textField = "text";
        private String labelField = "label";
        private LabelSource labels = LabelSource.NONE;
        private boolean lenient;
        private int documentLength;
        private HashSplit split;
        private long maxDocuments = Long.MAX_VALUE;
        private boolean stop;
        private int logged = 10;

        private Builder() {}

        /**
         * Adds a file, folder or archive (zip, jar). Of folders and archives, all files are read
         * except binary files and those in hidden subfolders and subfolders named {@code target}.
         *
         * @param path the path
         * @return this builder
         */
        public Builder addPath(Path path) {
            paths.add(path);
            return this;
        }

        /**
         * Adds files, folders or archives.
         *
         * @param added the paths; see {@link #addPath}
         * @return this builder
         */
        public Builder addPaths(List<Path> added) {
            paths.addAll(added);
            return this;
        }

        /**
         * Sets which files of folders and archives are read (default: all text files). Matching
         * files are read even if they are binary.
         *
         * @param include a glob for the file names, or for the paths relative to the folder if it
         *     contains "/"; {@code null} for all files that look like text
         * @return this builder
         */
        public Builder optInclude(String include) {
            this.include = include;
            return this;
        }

        /**
         * Sets the format of all files (default: by their names).
         *
         * @param format the format, or {@code null} to detect it from the names
         * @return this builder
         */
        public Builder optFormat(Format format) {
            this.format = format;
            return this;
        }

        /**
         * Sets the field or column with the text (default: {@code text}).
         *
         * @param field its name
         * @return this builder
         */
        public Builder optTextField(String field) {
            textField = field;
            return this;
        }

        /**
         * Sets the field or column that labels are read from (default: none).
         *
         * @param field its name
         * @return this builder
         */
        public Builder optLabelField(String field) {
            labelField = field;
            labels = LabelSource.FIELD;
            return this;
        }

        /**
         * Sets the source of labels (default: {@link LabelSource#NONE}).
         *
         * @param labels the source
         * @return this builder
         */
        public Builder optLabels(LabelSource labels) {
            this.labels = labels;
            return this;
        }

        /**
         * Sets whether invalid UTF-8 is read as U+FFFD (default: false). Otherwise a row with
         * invalid UTF-8 is a bad row, and a text ends before it (so that nothing is read of a short
         * file).
         *
         * @param lenient whether to read invalid UTF-8
         * @return this builder
         */
        public Builder optLenient(boolean lenient) {
            this.lenient = lenient;
            return this;
        }

        /**
         * Sets the maximum length of documents (default: each text file is one document). Text
         * files are cut into documents, at line ends if possible, so that even part of a single
         * file can be held out.
         *
         * @param maxCharacters the maximum number of characters, or 0 for whole files
         * @return this builder
         */
        public Builder optDocumentLength(int maxCharacters) {
            documentLength = maxCharacters;
            return this;
        }

        /**
         * Sets which documents are held out (default: none).
         *
         * @param split the split
         * @return this builder
         */
        public Builder optSplit(HashSplit split) {
            this.split = split;
            return this;
        }

        /**
         * Sets the maximum number of documents of a pass (default: all). They are the first ones in
         * the order of the file names, even if files are shuffled.
         *
         * @param maxDocuments the number of documents
         * @return this builder
         */
        public Builder optMaxDocuments(long maxDocuments) {
            this.maxDocuments = maxDocuments;
            return this;
        }

        /**
         * Sets how bad rows are handled (default: they are skipped, and the first 10 are logged).
         *
         * @param stop whether the first bad row stops the run with a {@link BadDataException};
         *     otherwise bad rows are skipped and counted
         * @param logged the number of bad rows to log
         * @return this builder
         */
        public Builder optBadRows(boolean stop, int logged) {
            this.stop = stop;
            this.logged = logged;
            return this;
        }

        /**
         * Builds the data, which lists the files.
         *
         * @return the data
         * @throws IOException if a path does not exist or cannot be read
         * @throws IllegalArgumentException if there is no path or an option is out of range
         */
        public TextData build() throws IOException {
            Checks.require(!paths.isEmpty(), "TextData", "addPath is required");
            Checks.require(
                    maxDocuments > 0,
                    "TextData",
                    "maxDocuments must be positive, got %d",
                    maxDocuments);
            Checks.require(
                    documentLength == 0 || documentLength > 1,
                    "TextData",
                    "documentLength must be at least 2, or 0 for whole files, got %d",
                    documentLength);
            return new TextData(this);
        }
    }

    /** The format of a file with documents. */
    public enum Format {
        /** The file is one document. */
        TEXT,
        /** Each line is a JSON object with fields for the text and, optionally, the label. */
        JSON_LINES,
        /** Comma-separated values (RFC 4180) with a header line. */
        CSV,
        /** Like CSV, but separated by tabs. */
        TSV;

        private static final String COMPRESSED = ".gz";

        /**
         * Detects the format of a file by its extension, not counting {@code .gz}.
         *
         * @param name the name of the file
         * @return the format
         */
        public static Format of(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (isCompressed(name)) {
                lower = lower.substring(0, lower.length() - COMPRESSED.length());
            }
            int dot = lower.lastIndexOf('.');
            return switch (dot < 0 ? "" : lower.substring(dot + 1)) {
                case "jsonl", "ndjson", "json" -> JSON_LINES;
                case "csv" -> CSV;
                case "tsv" -> TSV;
                default -> TEXT;
            };
        }

        static boolean isCompressed(String name) {
            return name.toLowerCase(Locale.ROOT).endsWith(COMPRESSED);
        }
    }
}
