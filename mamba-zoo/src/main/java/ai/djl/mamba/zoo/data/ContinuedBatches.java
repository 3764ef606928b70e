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
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Batches for truncated back-propagation through time: each batch has the next L tokens of B
 * streams of documents. Row i continues row i of the previous batch, from its final state ({@code
 * continued[i]}), unless its first token starts a document.
 *
 * <p>Labels and segments are those of {@link PackedBatches}. Each token occurs once per epoch: at
 * the end of an epoch, the streams run out one after another, and their rows are padding.
 */
public final class ContinuedBatches implements BatchSource {

    private static final String NAME = "ContinuedBatches";

    private final int batch;
    private final int length;
    private final DocumentEncoder encoder;
    private final DocumentFeed feed;
    private final JsonObject fingerprint;
    private final DocumentCursor[] documents; // of each row: the document to continue, or null
    private final long[] numbers; // the numbers of these documents in the epoch, from 1

    private ContinuedBatches(Builder builder) {
        batch = builder.batch;
        length = builder.length;
        encoder = builder.encoder();
        feed = new DocumentFeed(builder.records, builder.shuffle, builder.epochs);
        fingerprint = builder.fingerprint(NAME, encoder);
        documents = new DocumentCursor[batch];
        numbers = new long[batch];
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
     * @return a batch of B rows, (B, L)
     */
    @Override
    public SequenceBatch next(NDManager manager) throws IOException {
        HostBatch host = new HostBatch(batch, length);
        boolean[] continued = new boolean[batch];
        boolean isEmpty = true;
        for (int row = 0; row < batch; row++) {
            continued[row] = documents[row] != null;
            isEmpty &= fill(host, row) == 0;
        }
        if (isEmpty) {
            feed.endEpoch();
            return null;
        }
        return host.toBatch(manager, batch, continued);
    }

    private int fill(HostBatch host, int row) throws IOException {
        int at = 0;
        for (int segment = 1; at < length && hasDocument(row); segment++) {
            int start = at;
            at = host.read(documents[row], row, at, segment);
            if (at == start) {
                segment--; // the document has no tokens
            }
            if (documents[row].isDone()) {
                documents[row] = null;
            }
        }
        host.pad(row, at);
        return at;
    }

    private boolean hasDocument(int row) throws IOException {
        if (documents[row] == null) {
            TextRecord record = feed.next();
            documents[row] = record == null ? null : new DocumentCursor(record, encoder);
            numbers[row] = feed.drawn();
        }
        return documents[row] != null;
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        position.addProperty("epoch", feed.epoch());
        position.addProperty("documents", feed.drawn());
        JsonArray rows = new JsonArray();
        for (int row = 0; row < batch; row++) {
            DocumentCursor document = documents[row];
            if (document != null) {
                JsonObject place = new JsonObject();
                place.addProperty("row", row);
                place.addProperty("document", numbers[row]);
                place.addProperty("piece", document.piece());
                place.addProperty("token", document.at());
                rows.add(place);
            }
        }
        position.add("rows", rows);
        Fingerprint.add(position, fingerprint);
        return position;
    }

    /** {@inheritDoc} */
    @Override
    public void restore(JsonObject position) throws IOException {
        Fingerprint.check(NAME, position, fingerprint);
        feed.startEpoch(position.get("epoch").getAsLong());
        Arrays.fill(documents, null);
        List<JsonObject> places = new ArrayList<>();
        position.getAsJsonArray("rows").forEach(place -> places.add(place.getAsJsonObject()));
        places.sort(Comparator.comparingLong(place -> place.get("document").getAsLong()));
        for (JsonObject place : places) {
            int row = place.get("row").getAsInt();
            numbers[row] = place.get("document").getAsLong();
            feed.skip(numbers[row] - 1 - feed.drawn());
            documents[row] = new DocumentCursor(feed.draw(), encoder);
            documents[row].goTo(place.get("piece").getAsLong(), place.get("token").getAsInt());
        }
        feed.skip(position.get("documents").getAsLong() - feed.drawn());
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        feed.close();
    }

    /** The builder of {@link ContinuedBatches}. */
    public static final class Builder extends BatchBuilder<Builder> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the source.
         *
         * @return the source
         * @throws IllegalArgumentException if an option is missing or out of range
         */
        public ContinuedBatches build() {
            check(NAME);
            return new ContinuedBatches(this);
        }
    }
}
