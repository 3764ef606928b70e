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
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Documents in files, of any total size: text files, JSON lines and CSV, plain, compressed by gzip,
 * or in zip archives. Only the names of the files are held in memory.
 *
 * <pre>{@code
 * TextData data = TextData.builder().addPath(Path.of("src")).optInclude("*.java").build();
 * }</pre>
 */
public final class TextData {

    private final List<DataFile> files;
    private final TextOptions options;
    private final HashSplit split;
    private final long most;
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
        most = builder.most;
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
        fingerprint.addProperty("most documents", most);
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
     * Returns the number of files that were found. Those that turn out to hold no text count.
     *
     * @return the number
     */
    public int files() {
        return files.size();
    }

    /**
     * Returns the bad rows met by all that reads this data.
     *
     * @return the count
     */
    public BadRows badRows() {
        return badRows;
    }

    /**
     * Returns one side of the split.
     *
     * @param part the side
     * @return its documents
     * @throws IllegalArgumentException if the data is not split, and the part is not {@link
     *     Part#ALL}
     */
    public RecordSource part(Part part) {
        Checks.require(
                split != null || part == Part.ALL,
                "TextData",
                "there is no split, so no part %s: optSplit would make one",
                part);
        JsonObject described = fingerprint.deepCopy();
        described.addProperty("part", part.name());
        return new RecordSource() {
            @Override
            public RecordStream open() {
                return new DataPass(files, options, split, part, most, badRows.newPass());
            }

            @Override
            public RecordStream open(long seed) {
                if (most < Long.MAX_VALUE) {
                    return open(); // the first documents shall be the same in each pass
                }
                List<DataFile> shuffled = new ArrayList<>(files);
                Collections.shuffle(shuffled, new Random(seed));
                return new DataPass(shuffled, options, split, part, most, badRows.newPass());
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

    /** Builds {@link TextData}. */
    public static final class Builder {

        private final List<Path> paths = new ArrayList<>();
        private String include;
        private TextFormat format;
        private String textField = "text";
        private String labelField = "label";
        private LabelSource labels = LabelSource.NONE;
        private boolean lenient;
        private int documentLength;
        private HashSplit split;
        private long most = Long.MAX_VALUE;
        private boolean stop;
        private int logged = 10;

        private Builder() {}

        /**
         * Adds a file, folder or archive (zip, jar). From folders and archives all files are read
         * but those in hidden folders and in {@code target}, and those that hold binary data.
         *
         * @param path the path
         * @return this builder
         */
        public Builder addPath(Path path) {
            paths.add(path);
            return this;
        }

        /**
         * Adds paths.
         *
         * @param added the paths, see {@link #addPath}
         * @return this builder
         */
        public Builder addPaths(List<Path> added) {
            paths.addAll(added);
            return this;
        }

        /**
         * Sets which files are wanted from folders and archives. Binary files are not sorted out
         * then.
         *
         * @param include a glob for their names, or for their whole paths below the folder if it
         *     contains "/"; {@code null} for all files that look like text
         * @return this builder
         */
        public Builder optInclude(String include) {
            this.include = include;
            return this;
        }

        /**
         * Sets the format of all files.
         *
         * @param format the format, or {@code null} (the default) to tell it from their names
         * @return this builder
         */
        public Builder optFormat(TextFormat format) {
            this.format = format;
            return this;
        }

        /**
         * Sets the field or column with the text.
         *
         * @param field its name, by default {@code text}
         * @return this builder
         */
        public Builder optTextField(String field) {
            textField = field;
            return this;
        }

        /**
         * Sets the field or column with the label, and that labels come from it.
         *
         * @param field its name, by default {@code label}
         * @return this builder
         */
        public Builder optLabelField(String field) {
            labelField = field;
            labels = LabelSource.FIELD;
            return this;
        }

        /**
         * Sets where labels come from.
         *
         * @param labels the source, by default {@link LabelSource#NONE}
         * @return this builder
         */
        public Builder optLabels(LabelSource labels) {
            this.labels = labels;
            return this;
        }

        /**
         * Sets that bytes that are no UTF-8 are read as U+FFFD. Otherwise a row with them is a bad
         * row, and a text ends where they stand (so that of a short file nothing is read).
         *
         * @param lenient whether to
         * @return this builder
         */
        public Builder optLenient(boolean lenient) {
            this.lenient = lenient;
            return this;
        }

        /**
         * Sets that text files are cut in documents, at the ends of lines where possible: so there
         * is something to hold out even from a single file.
         *
         * @param most the most characters of a document, or 0 (the default) so that each file is
         *     one document
         * @return this builder
         */
        public Builder optDocumentLength(int most) {
            documentLength = most;
            return this;
        }

        /**
         * Sets what is held out.
         *
         * @param split the split, by default none
         * @return this builder
         */
        public Builder optSplit(HashSplit split) {
            this.split = split;
            return this;
        }

        /**
         * Sets the most documents read in a pass. They are the first ones by the order of the
         * files' names, whether or not files are to be shuffled.
         *
         * @param most the number
         * @return this builder
         */
        public Builder optMaxDocuments(long most) {
            this.most = most;
            return this;
        }

        /**
         * Sets what bad rows do.
         *
         * @param stop whether the first one stops the run with a {@link BadDataException}; by
         *     default they are left out and counted
         * @param logged how many are logged, by default 10
         * @return this builder
         */
        public Builder optBadRows(boolean stop, int logged) {
            this.stop = stop;
            this.logged = logged;
            return this;
        }

        /**
         * Lists the files.
         *
         * @return the data
         * @throws IOException if a path does not exist or cannot be read
         * @throws IllegalArgumentException if an option makes no sense
         */
        public TextData build() throws IOException {
            Checks.require(!paths.isEmpty(), "TextData", "expected at least one path");
            Checks.require(
                    most > 0, "TextData", "the most documents must be positive, got %d", most);
            Checks.require(
                    documentLength == 0 || documentLength > 1,
                    "TextData",
                    "the most characters of a document must be at least 2, or 0, got %d",
                    documentLength);
            return new TextData(this);
        }
    }
}
