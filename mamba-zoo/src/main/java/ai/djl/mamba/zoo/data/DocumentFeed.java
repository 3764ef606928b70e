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

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;

/** Draws and counts the documents of one epoch after another, so that positions can be restored. */
final class DocumentFeed implements Closeable {

    private final RecordSource source;
    private final Shuffle shuffle;
    private final int epochs;
    private RecordStream stream;
    private long epoch;
    private long drawn;

    /**
     * Creates a feed.
     *
     * @param source the documents
     * @param shuffle how to shuffle, or {@code null} for the order of the source
     * @param epochs the number of epochs
     */
    DocumentFeed(RecordSource source, Shuffle shuffle, int epochs) {
        this.source = source;
        this.shuffle = shuffle;
        this.epochs = epochs;
    }

    /** Returns the number of the epoch, from 0. */
    long epoch() {
        return epoch;
    }

    /** Returns the number of documents drawn in this epoch. */
    long drawn() {
        return drawn;
    }

    /** Reads the next document, or returns null at the end of the epoch. */
    TextRecord next() throws IOException {
        if (epoch >= epochs) {
            return null;
        }
        if (stream == null) {
            stream = open();
        }
        TextRecord record = stream.next();
        if (record != null) {
            drawn++;
        } else if (drawn == 0) {
            throw new EOFException("there is no text to read: " + source.fingerprint());
        }
        return record;
    }

    private RecordStream open() throws IOException {
        if (shuffle == null) {
            return source.open();
        }
        long order = Shuffle.random(shuffle.seed(), ~epoch).nextLong();
        return new ShuffleBuffer(source.open(order), shuffle, epoch);
    }

    /** Reports a document that cannot be used. */
    void report(TextRecord record, String problem) throws BadDataException {
        stream.report(record.origin(), problem);
    }

    /** Moves to the next epoch. */
    void endEpoch() throws IOException {
        close();
        epoch++;
        drawn = 0;
    }

    /** Moves to the start of an epoch. */
    void startEpoch(long number) throws IOException {
        close();
        epoch = number;
        drawn = 0;
    }

    /** Skips documents. */
    void skip(long count) throws IOException {
        for (long i = 0; i < count; i++) {
            TextRecord record = draw();
            if (record.rest() != null) {
                record.rest().close();
            }
        }
    }

    /** Reads a document that existed when a position was saved. */
    TextRecord draw() throws IOException {
        TextRecord record = next();
        if (record == null) {
            throw new EOFException(
                    String.format(
                            "the data has changed: the position is at or after document %d of epoch"
                                    + " %d, which does not exist",
                            drawn + 1, epoch));
        }
        return record;
    }

    @Override
    public void close() throws IOException {
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }
}
