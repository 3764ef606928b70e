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
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Batches for classifiers: each row is the start of a document and its label is the id of its
 * class.
 *
 * <p>Rows are padded to the longest row of their batch. To keep padding short, the documents of
 * several batches are read ahead, and documents of similar length are put into the same batch.
 * Documents whose label is not one of the classes are reported as bad rows.
 */
public final class ClassificationBatches implements BatchSource {

    private static final String NAME = "ClassificationBatches";

    private final int batch;
    private final int length;
    private final int readAhead;
    private final ClassNames classes;
    private final DocumentEncoder encoder;
    private final boolean areBytes;
    private final Shuffle shuffle;
    private final DocumentFeed feed;
    private final JsonObject fingerprint;
    private List<List<Row>> pool = List.of(); // batches
    private long poolStart; // the number of documents drawn before the pool
    private int taken; // batches taken from the pool

    private ClassificationBatches(Builder builder) {
        batch = builder.batch;
        length = builder.length;
        readAhead = builder.readAhead;
        classes = builder.classes;
        encoder = builder.encoder();
        areBytes = builder.tokenizer instanceof ByteTokenizer;
        shuffle = builder.shuffle;
        feed = new DocumentFeed(builder.records, shuffle, builder.epochs);
        fingerprint = builder.fingerprint(NAME, encoder);
        fingerprint.addProperty("classes", String.valueOf(classes.names()));
        fingerprint.addProperty("read ahead", readAhead);
    }

    /**
     * Creates a builder.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Row(long[] ids, int label) {}

    /**
     * {@inheritDoc}
     *
     * @return a batch of B rows, or of fewer at the end of an epoch: tokens (b, l) and labels (b),
     *     where l is the length of the longest row
     */
    @Override
    public SequenceBatch next(NDManager manager) throws IOException {
        if (taken == pool.size()) {
            fillPool();
            if (pool.isEmpty()) {
                feed.endEpoch();
                poolStart = 0;
                return null;
            }
        }
        List<Row> rows = pool.get(taken);
        taken++;
        return toBatch(manager, rows);
    }

    private void fillPool() throws IOException {
        poolStart = feed.drawn();
        taken = 0;
        List<Row> rows = new ArrayList<>();
        while (rows.size() < batch * readAhead) {
            TextRecord record = feed.next();
            if (record == null) {
                break;
            }
            Row row = row(record);
            if (row != null) {
                rows.add(row);
            }
        }
        if (readAhead > 1) {
            rows.sort(Comparator.comparingInt(row -> row.ids().length));
        }
        if (rows.isEmpty() && poolStart == 0 && feed.drawn() > 0) {
            throw new EOFException("no document has text and a label out of " + classes.names());
        }
        pool = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += batch) {
            pool.add(rows.subList(from, Math.min(from + batch, rows.size())));
        }
        if (shuffle != null) {
            long seed = Shuffle.random(shuffle.seed(), feed.epoch()).nextLong();
            Collections.shuffle(pool, Shuffle.random(seed, poolStart));
        }
    }

    private Row row(TextRecord record) throws IOException {
        int label = record.label() == null ? -1 : classes.id(record.label());
        long[] ids = new long[length];
        long[] following = new long[length];
        int count = 0;
        if (label >= 0) {
            DocumentCursor document = new DocumentCursor(start(record), encoder);
            long[] after = encoder.after(); // as where the classifier is used
            int room = Math.max(1, length - after.length);
            while (count < room && !document.isDone()) {
                count += document.read(ids, following, count, room - count);
            }
            if (count > 0 && count + after.length <= length) {
                System.arraycopy(after, 0, ids, count, after.length);
                count += after.length;
            }
        }
        if (record.rest() != null) {
            record.rest().close();
        }
        if (label < 0) {
            feed.report(record, problem(record.label()));
        } else if (count == 0) {
            feed.report(record, "the text has no tokens");
        }
        return count == 0 ? null : new Row(Arrays.copyOf(ids, count), label);
    }

    private String problem(String label) {
        return label == null
                ? "the document has no label"
                : String.format("the label \"%s\" is not one of %s", label, classes.names());
    }

    /** Cuts text that need not be encoded: for bytes, L characters are always enough. */
    private TextRecord start(TextRecord record) {
        String text = record.text();
        if (!areBytes || text.length() <= length) {
            return record;
        }
        return new TextRecord(
                text.substring(
                        0, length + 1), // may end with half a surrogate pair, which is not reached
                record.label(),
                record.origin());
    }

    private static SequenceBatch toBatch(NDManager manager, List<Row> rows) {
        int longest = rows.stream().mapToInt(row -> row.ids().length).max().orElseThrow();
        long[] ids = new long[rows.size() * longest];
        long[] segments = new long[ids.length];
        long[] labels = new long[rows.size()];
        for (int i = 0; i < labels.length; i++) {
            Row row = rows.get(i);
            int start = i * longest;
            System.arraycopy(row.ids(), 0, ids, start, row.ids().length);
            Arrays.fill(segments, start, start + row.ids().length, 1);
            labels[i] = row.label();
        }
        Shape shape = new Shape(labels.length, longest);
        return new SequenceBatch(
                HostArrays.create(manager, ids, shape),
                HostArrays.create(manager, segments, shape),
                HostArrays.create(manager, labels, new Shape(labels.length)),
                null);
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        boolean isPoolOver = taken == pool.size();
        position.addProperty("epoch", feed.epoch());
        position.addProperty("documents", isPoolOver ? feed.drawn() : poolStart);
        position.addProperty("batches after these", isPoolOver ? 0 : taken);
        Fingerprint.add(position, fingerprint);
        return position;
    }

    /** {@inheritDoc} */
    @Override
    public void restore(JsonObject position) throws IOException {
        Fingerprint.check(NAME, position, fingerprint);
        feed.startEpoch(position.get("epoch").getAsLong());
        feed.skip(position.get("documents").getAsLong());
        pool = List.of();
        taken = 0;
        int batches = position.get("batches after these").getAsInt();
        if (batches > 0) {
            fillPool();
            taken = batches;
        }
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        feed.close();
    }

    /** The builder of {@link ClassificationBatches}. */
    public static final class Builder extends BatchBuilder<Builder> {

        private ClassNames classes;
        private int readAhead = 16;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the <b>required</b> classes.
         *
         * @param classes the classes
         * @return this builder
         */
        public Builder setClasses(ClassNames classes) {
            this.classes = classes;
            return this;
        }

        /**
         * Sets the number of batches read ahead to sort documents by length (default: 16).
         *
         * @param batches the number of batches; 1 keeps the order of the documents
         * @return this builder
         */
        public Builder optReadAhead(int batches) {
            readAhead = batches;
            return this;
        }

        /**
         * Builds the source.
         *
         * @return the source
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public ClassificationBatches build() {
            check(NAME);
            Checks.require(classes != null, NAME, "setClasses is required");
            Checks.positive(NAME, "readAhead", readAhead);
            return new ClassificationBatches(this);
        }
    }
}
