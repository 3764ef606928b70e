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
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Batches for byte-level models from a corpus that fits in memory: rows of L bytes from random
 * positions. Windows may cross document boundaries: the documents of a row have the segments 1, 2,
 * …, and the last byte of a document has no label. An epoch has as many bytes as the corpus,
 * rounded up to whole batches.
 */
public final class RandomWindows implements BatchSource {

    private static final String NAME = "RandomWindows";
    private static final int MAX_BYTES = 1 << 30;

    private final int batch;
    private final int length;
    private final int epochs;
    private final long seed;
    private final JsonObject fingerprint;
    private final byte[] text;
    private final int[] ends; // of the documents
    private long epoch;
    private long step; // in the epoch

    private RandomWindows(Builder builder) throws IOException {
        batch = builder.batch;
        length = builder.length;
        epochs = builder.epochs;
        seed = builder.seed;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<Integer> found = new ArrayList<>();
        try (RecordSource.Pass stream = builder.records.open()) {
            for (TextRecord record = stream.next(); record != null; record = stream.next()) {
                append(record, all);
                found.add(all.size());
            }
        }
        text = all.toByteArray();
        ends = found.stream().mapToInt(Integer::intValue).toArray();
        fingerprint = builder.records.fingerprint();
        fingerprint.addProperty("source", NAME);
        fingerprint.addProperty("batch", batch);
        fingerprint.addProperty("length", length);
        fingerprint.addProperty("seed", seed);
        fingerprint.addProperty("bytes", text.length);
        Checks.require(
                text.length >= length,
                NAME,
                "the text is too short: %d bytes in %d documents, but a row needs %d",
                text.length,
                ends.length,
                length);
    }

    private static void append(TextRecord record, ByteArrayOutputStream all) throws IOException {
        for (String piece = record.text(); piece != null; ) {
            byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
            Checks.require(
                    all.size() <= MAX_BYTES - bytes.length,
                    NAME,
                    "the text is larger than %d bytes: use PackedBatches, which streams it",
                    MAX_BYTES);
            all.writeBytes(bytes);
            piece = record.rest() == null ? null : record.rest().next();
        }
    }

    /**
     * Creates a builder.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the size of the corpus.
     *
     * @return the number of bytes
     */
    public int bytes() {
        return text.length;
    }

    /**
     * Returns the number of documents.
     *
     * @return the number
     */
    public int documents() {
        return ends.length;
    }

    /**
     * {@inheritDoc}
     *
     * @return a batch, (B, L)
     */
    @Override
    public SequenceBatch next(NDManager manager) {
        long steps = steps();
        if (epoch >= epochs) {
            return null;
        }
        if (step >= steps) {
            step = 0;
            epoch++;
            return null;
        }
        Random random = Shuffle.random(seed, epoch * steps + step);
        HostBatch host = new HostBatch(batch, length);
        for (int row = 0; row < batch; row++) {
            fill(host, row, random.nextInt(text.length - length + 1));
        }
        step++;
        return host.toBatch(manager, batch, null);
    }

    /** The number of batches of an epoch. */
    private long steps() {
        return (text.length + (long) batch * length - 1) / ((long) batch * length);
    }

    private void fill(HostBatch host, int row, int start) {
        int place = Arrays.binarySearch(ends, start + 1);
        int document = place < 0 ? -place - 1 : place; // the first one that ends after the start
        int segment = 1;
        for (int at = 0; at < length; at++) {
            int from = start + at;
            boolean isLast = from + 1 == ends[document];
            long label = isLast ? SequenceBatch.IGNORED : Byte.toUnsignedLong(text[from + 1]);
            host.set(row, at, Byte.toUnsignedLong(text[from]), segment, label);
            if (isLast) {
                document++;
                segment++;
            }
        }
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        position.addProperty("epoch", epoch);
        position.addProperty("step", step);
        Fingerprint.add(position, fingerprint);
        return position;
    }

    /** {@inheritDoc} */
    @Override
    public void restore(JsonObject position) {
        Fingerprint.check(NAME, position, fingerprint);
        long savedEpoch = position.get("epoch").getAsLong();
        long savedStep = position.get("step").getAsLong();
        Checks.require(
                savedEpoch >= 0
                        && savedEpoch <= Integer.MAX_VALUE
                        && savedStep >= 0
                        && savedStep <= steps(),
                NAME,
                "expected a position at step 0 to %d of an epoch, got step %d of epoch %d",
                steps(),
                savedStep,
                savedEpoch);
        epoch = savedEpoch;
        step = savedStep;
    }

    /** {@inheritDoc} */
    @Override
    public OptionalLong batchesBefore() {
        return OptionalLong.of(epoch * steps() + step);
    }

    /** Does nothing, because no file is open. */
    @Override
    public void close() {}

    /** The builder of {@link RandomWindows}. */
    public static final class Builder {

        private RecordSource records;
        private int batch;
        private int length;
        private long seed;
        private int epochs = Integer.MAX_VALUE;

        private Builder() {}

        /**
         * Sets the <b>required</b> documents. Documents without text are not counted.
         *
         * @param records the documents
         * @return this builder
         */
        public Builder setRecords(RecordSource records) {
            this.records = records;
            return this;
        }

        /**
         * Sets the <b>required</b> number of rows of a batch.
         *
         * @param batch B
         * @return this builder
         */
        public Builder setBatch(int batch) {
            this.batch = batch;
            return this;
        }

        /**
         * Sets the <b>required</b> number of bytes of a row.
         *
         * @param length L
         * @return this builder
         */
        public Builder setLength(int length) {
            this.length = length;
            return this;
        }

        /**
         * Sets the seed of the random positions (default: 0).
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets the number of epochs (default: unlimited).
         *
         * @param epochs the number of epochs
         * @return this builder
         */
        public Builder optEpochs(int epochs) {
            this.epochs = epochs;
            return this;
        }

        /**
         * Reads the corpus.
         *
         * @return the source
         * @throws IOException if the data cannot be read
         * @throws IllegalArgumentException if an option is missing or out of range, or the corpus
         *     is shorter than a row or larger than 1 GiB
         */
        public RandomWindows build() throws IOException {
            Checks.require(records != null, NAME, "setRecords is required");
            Checks.require(batch != 0, NAME, "setBatch is required");
            Checks.require(length != 0, NAME, "setLength is required");
            Checks.positive(NAME, "batch", batch);
            Checks.positive(NAME, "length", length);
            Checks.positive(NAME, "epochs", epochs);
            return new RandomWindows(this);
        }
    }
}
