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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.zoo.data.HashSplit;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.mamba.zoo.data.LabelSource;
import ai.djl.mamba.zoo.data.RecordSource;
import ai.djl.mamba.zoo.data.TextData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Texts to learn from and texts to evaluate with: files that the user names for either, or a part
 * of the documents that is held out. A hash of each decides which, so that a document stays on its
 * side when others are added; fewer than a hundred documents are split by their sizes instead.
 */
public final class TrainingTexts {

    private static final String NAME = "TrainingTexts";

    private final RecordSource training;
    private final RecordSource validation;
    private final List<TextData> read = new ArrayList<>();
    private final int files;
    private final Set<Path> named;

    private TrainingTexts(Builder builder) throws IOException {
        TextData data = builder.data(builder.paths).build();
        read.add(data);
        files = data.files();
        named = new HashSet<>(builder.paths);
        named.addAll(builder.validation);
        RecordSource all = data.part(Part.ALL);
        if (!builder.validation.isEmpty()) {
            TextData heldOut = builder.data(builder.validation).build();
            read.add(heldOut);
            training = all;
            validation = heldOut.part(Part.ALL);
        } else if (builder.holdout == 0) {
            training = all;
            validation = null;
        } else {
            FewDocuments few = FewDocuments.read(all);
            if (few == null) {
                TextData split =
                        builder.data(builder.paths).optSplit(HashSplit.of(builder.holdout)).build();
                read.set(0, split);
                training = split.part(Part.TRAINING);
                validation = split.part(Part.VALIDATION);
            } else {
                List<FewDocuments> parts = few.split(builder.holdout, builder.seed);
                training = parts.get(0);
                validation = parts.get(1);
            }
        }
        requireText(training, "to learn from", builder);
        if (validation != null) {
            requireText(validation, "to evaluate with", builder);
        }
    }

    /** The files that are read. */
    List<Path> paths() {
        return read.stream().flatMap(data -> data.paths().stream()).toList();
    }

    /** Whether a file was named by the user, rather than found in a folder. */
    boolean isNamed(Path file) {
        return named.contains(file);
    }

    private static void requireText(RecordSource source, String what, Builder builder)
            throws IOException {
        try (RecordSource.Pass stream = source.open()) {
            if (stream.next() == null) {
                throw new IOException("there is no text " + what + " in " + builder.paths);
            }
        }
    }

    /**
     * Returns the documents to learn from.
     *
     * @return the documents
     */
    public RecordSource training() {
        return training;
    }

    /**
     * Returns the documents for evaluation.
     *
     * @return the documents, or {@code null} if nothing is held out
     */
    public RecordSource validation() {
        return validation;
    }

    /**
     * Returns the number of files.
     *
     * @return how many were found, those named for validation not counted
     */
    public int files() {
        return files;
    }

    /**
     * Returns the number of rows that could not be used.
     *
     * @return the largest number in one pass
     */
    public long badRows() {
        return read.stream().mapToLong(TextData::badRows).sum();
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of {@link TrainingTexts}. */
    public static final class Builder {

        private List<Path> paths = List.of();
        private List<Path> validation = List.of();
        private String include;
        private String textField;
        private String labelField;
        private LabelSource labels = LabelSource.NONE;
        private double holdout = 0.1;
        private long seed;
        private boolean stopAtBadRows;

        private Builder() {}

        private TextData.Builder data(List<Path> from) {
            TextData.Builder data =
                    TextData.builder()
                            .addPaths(from)
                            .optInclude(include)
                            .optLabels(labels)
                            .optBadRows(stopAtBadRows, 10);
            if (textField != null) {
                data.optTextField(textField);
            }
            if (labelField != null) {
                data.optLabelField(labelField);
            }
            return data;
        }

        /**
         * Sets the <b>required</b> files, folders and archives.
         *
         * @param paths what {@link TextData.Builder#addPath} takes
         * @return this builder
         */
        public Builder setPaths(List<Path> paths) {
            this.paths = List.copyOf(paths);
            return this;
        }

        /**
         * Sets the texts for evaluation (default: a part of the documents is held out).
         *
         * @param validation files, folders and archives; empty for the default
         * @return this builder
         */
        public Builder optValidation(List<Path> validation) {
            this.validation = List.copyOf(validation);
            return this;
        }

        /**
         * Sets which files of folders are read (default: all that look like text).
         *
         * @param include a glob, or {@code null} for the default
         * @return this builder
         */
        public Builder optInclude(String include) {
            this.include = include;
            return this;
        }

        /**
         * Sets the field or column with the text (default: {@code text}).
         *
         * @param textField its name, or {@code null} for the default
         * @return this builder
         */
        public Builder optTextField(String textField) {
            this.textField = textField;
            return this;
        }

        /**
         * Sets that labels come from a field or column (default: there are no labels).
         *
         * @param labelField its name, or {@code null}
         * @return this builder
         */
        public Builder optLabelField(String labelField) {
            this.labelField = labelField;
            return this;
        }

        /**
         * Sets where labels come from (default: there are none).
         *
         * @param labels the source
         * @return this builder
         */
        public Builder optLabels(LabelSource labels) {
            this.labels = labels;
            return this;
        }

        /**
         * Sets how much is held out (default: 0.1).
         *
         * @param holdout the fraction, in [0, 1)
         * @return this builder
         */
        public Builder optHoldout(double holdout) {
            this.holdout = holdout;
            return this;
        }

        /**
         * Sets the seed that decides what is held out of few documents (default: 0).
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets whether a row that cannot be used ends the run (default: it is reported and left
         * out).
         *
         * @param stopAtBadRows whether it ends the run
         * @return this builder
         */
        public Builder optStopAtBadRows(boolean stopAtBadRows) {
            this.stopAtBadRows = stopAtBadRows;
            return this;
        }

        /**
         * Finds the texts.
         *
         * @return the texts
         * @throws IOException if a path does not exist or cannot be read, or there is no text
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public TrainingTexts build() throws IOException {
            Checks.require(!paths.isEmpty(), NAME, "setPaths is required");
            Checks.require(
                    holdout >= 0 && holdout < 1,
                    NAME,
                    "expected a fraction in [0, 1) to hold out, got %s",
                    holdout);
            return new TrainingTexts(this);
        }
    }
}
