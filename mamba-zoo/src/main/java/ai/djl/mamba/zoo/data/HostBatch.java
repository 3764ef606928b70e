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

import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Arrays;

/** A batch of language model rows under construction, in Java arrays. */
final class HostBatch {

    private final int length;
    private final long[] ids;
    private final long[] segments;
    private final long[] labels;

    HostBatch(int rows, int length) {
        this.length = length;
        ids = new long[Math.multiplyExact(rows, length)];
        segments = new long[ids.length];
        labels = new long[ids.length];
    }

    /**
     * Reads tokens of a document into a row.
     *
     * @param document the document
     * @param row the row
     * @param from the first index in the row
     * @param segment the number of the document in the row
     * @return the index after the last one filled
     */
    int read(DocumentCursor document, int row, int from, long segment) throws IOException {
        int start = row * length;
        int at = from;
        while (at < length && !document.isDone()) {
            int count = document.read(ids, labels, start + at, length - at);
            Arrays.fill(segments, start + at, start + at + count, segment);
            at += count;
        }
        return at;
    }

    /** Sets one token. */
    void set(int row, int at, long id, long segment, long label) {
        int place = row * length + at;
        ids[place] = id;
        segments[place] = segment;
        labels[place] = label;
    }

    /** Fills the rest of a row with padding. */
    void pad(int row, int from) {
        Arrays.fill(labels, row * length + from, (row + 1) * length, SequenceBatch.IGNORED);
    }

    SequenceBatch toBatch(NDManager manager, int rows, boolean[] continued) {
        return new SequenceBatch(
                array(manager, ids, rows),
                array(manager, segments, rows),
                array(manager, labels, rows),
                continued);
    }

    private NDArray array(NDManager manager, long[] values, int rows) {
        int count = rows * length;
        return HostArrays.create(
                manager,
                count == values.length ? values : Arrays.copyOf(values, count),
                new Shape(rows, length));
    }
}
