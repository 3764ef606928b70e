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

import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import java.io.EOFException;
import java.io.IOException;

/**
 * Batches for language models: rows of L tokens, filled with one document after another. At the end
 * of a row, the rest of its document continues in the next row as a separate segment.
 *
 * <p>The label of each token is the token that follows it in its document, even in the next row.
 * The label of the last token of a document is the end of text, or {@link SequenceBatch#IGNORED}
 * without one. So each token is an input once and, unless it is the first of its document, a label
 * once. Segments are numbered 1, 2, … within a row. No state is carried: {@code continued} is
 * {@code null}.
 */
public final class PackedBatches implements BatchSource {

    private static final String NAME = "PackedBatches";

    private final int batch;
    private final int length;
    private final boolean whole;
    private final boolean dropRemainder;
    private final DocumentEncoder encoder;
    private final DocumentFeed feed;
    private final JsonObject fingerprint;
    private DocumentCursor document;
    private boolean isEpochEmpty = true; // so far

    private PackedBatches(Builder builder) {
        batch = builder.batch;
        length = builder.length;
        whole = builder.whole;
        dropRemainder = builder.dropRemainder;
        encoder = builder.encoder();
        feed = new DocumentFeed(builder.records, builder.shuffle, builder.epochs);
        fingerprint = builder.fingerprint(NAME, encoder);
        fingerprint.addProperty("whole documents", whole);
        fingerprint.addProperty("drop remainder", dropRemainder);
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
     * {@inheritDoc}
     *
     * @return a batch of B rows, (B, L), or of fewer rows at the end of an epoch
     */
    @Override
    public SequenceBatch next(NDManager manager) throws IOException {
        HostBatch host = new HostBatch(batch, length);
        int rows = 0;
        while (rows < batch && fill(host, rows)) {
            rows++;
        }
        if (rows == 0 || (rows < batch && dropRemainder)) {
            if (isEpochEmpty && rows > 0) {
                throw new EOFException(
                        String.format(
                                "the text is too short: it fills %d rows of %d tokens, but a batch"
                                        + " needs %d",
                                rows, length, batch));
            }
            isEpochEmpty = true;
            document = null;
            feed.endEpoch();
            return null;
        }
        isEpochEmpty = false;
        return host.toBatch(manager, rows, null);
    }

    private boolean fill(HostBatch host, int row) throws IOException {
        int at = 0;
        long segment = 0;
        while (at < length && hasDocument()) {
            if (whole && at > 0 && document.hasMoreThan(length - at)) {
                break;
            }
            segment++;
            at = host.read(document, row, at, segment);
        }
        host.pad(row, at);
        return at > 0;
    }

    private boolean hasDocument() throws IOException {
        while (document == null || document.isDone()) {
            TextRecord record = feed.next();
            document = record == null ? null : new DocumentCursor(record, encoder);
            if (record == null) {
                return false;
            }
        }
        return true;
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        position.addProperty("epoch", feed.epoch());
        position.addProperty("documents", feed.drawn());
        if (document != null) {
            position.addProperty("piece", document.piece());
            position.addProperty("token", document.at());
        }
        Fingerprint.add(position, fingerprint);
        return position;
    }

    /** {@inheritDoc} */
    @Override
    public void restore(JsonObject position) throws IOException {
        Fingerprint.check(NAME, position, fingerprint);
        feed.startEpoch(position.get("epoch").getAsLong());
        long documents = position.get("documents").getAsLong();
        isEpochEmpty = documents == 0;
        document = null;
        if (position.has("piece")) {
            feed.skip(documents - 1);
            document = new DocumentCursor(feed.draw(), encoder);
            document.goTo(position.get("piece").getAsLong(), position.get("token").getAsInt());
        } else {
            feed.skip(documents);
        }
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        feed.close();
    }

    /** The builder of {@link PackedBatches}. */
    public static final class Builder extends BatchBuilder<Builder> {

        private boolean whole;
        private boolean dropRemainder;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets whether a document that does not fit in the rest of a row starts a new row (default:
         * false). Then only documents of more than L tokens are cut, at the cost of padding.
         *
         * @param whole whether to keep documents whole
         * @return this builder
         */
        public Builder optWhole(boolean whole) {
            this.whole = whole;
            return this;
        }

        /**
         * Sets whether the last batch of an epoch is dropped if it has fewer than B rows (default:
         * false).
         *
         * @param drop whether to drop it
         * @return this builder
         */
        public Builder optDropRemainder(boolean drop) {
            dropRemainder = drop;
            return this;
        }

        /**
         * Builds the source.
         *
         * @return the source
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public PackedBatches build() {
            check(NAME);
            return new PackedBatches(this);
        }
    }
}
