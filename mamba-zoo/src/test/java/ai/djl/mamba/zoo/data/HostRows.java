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
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A batch in Java arrays: ids[row][position] and so on; labels[row] has one element for classes.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by what show() gives
record HostRows(long[][] ids, long[][] segments, long[][] labels, boolean[] continued) {

    /** Reads the next batch, or null. */
    static HostRows next(BatchSource source, NDManager manager) throws IOException {
        try (SequenceBatch batch = source.next(manager)) {
            return batch == null
                    ? null
                    : new HostRows(
                            rows(batch.ids().toLongArray(), batch),
                            rows(batch.segments().toLongArray(), batch),
                            rows(batch.labels().toLongArray(), batch),
                            batch.continued());
        }
    }

    /** Reads all batches of an epoch. */
    static List<HostRows> epoch(BatchSource source, NDManager manager) throws IOException {
        List<HostRows> all = new ArrayList<>();
        for (HostRows next = next(source, manager); next != null; next = next(source, manager)) {
            all.add(next);
        }
        return all;
    }

    private static long[][] rows(long[] values, SequenceBatch batch) {
        int rows = (int) batch.ids().getShape().get(0);
        int length = values.length / rows;
        long[][] split = new long[rows][];
        Arrays.setAll(split, row -> Arrays.copyOfRange(values, row * length, (row + 1) * length));
        return split;
    }

    /** All that is in it, to compare. */
    String show() {
        return Arrays.deepToString(ids)
                + Arrays.deepToString(segments)
                + Arrays.deepToString(labels)
                + Arrays.toString(continued);
    }
}
