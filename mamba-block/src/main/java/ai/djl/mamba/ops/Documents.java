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
package ai.djl.mamba.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Where documents start inside the rows of a batch. Nothing of one document reaches the next: a
 * scan drops its state at the start of a document, and a convolution sees zeros before it.
 *
 * <p>Exists only if a row has more than one document; see {@link Padding#documents}. The first
 * token of a row is a start only if the row was split there and a document ended with the part
 * before.
 */
public final class Documents implements AutoCloseable {

    private final long[][] starts;
    private final long[] lengths;
    private final long length;
    private final NDArray resets;

    /**
     * Describes documents.
     *
     * @param manager the manager that creates the resets
     * @param starts for each row the steps at which a new document starts, ascending
     * @param lengths the number of tokens of each row
     * @param length the length L of the padded rows
     * @param dataType the floating-point type of the resets
     */
    Documents(NDManager manager, long[][] starts, long[] lengths, long length, DataType dataType) {
        this.starts = starts;
        this.lengths = lengths;
        this.length = length;
        float[] first = new float[Math.toIntExact(starts.length * length)];
        for (int row = 0; row < starts.length; row++) {
            for (long start : starts[row]) {
                first[Math.toIntExact(row * length + start)] = 1;
            }
        }
        resets = Padding.flags(manager, first, new Shape(starts.length, length, 1), dataType);
    }

    /**
     * Returns where a scan from the first step to the last drops its state.
     *
     * @return 1 at the first token of a new document, otherwise 0, (B, L, 1); owned by this object
     */
    public NDArray resets() {
        return resets;
    }

    /**
     * Creates the resets of a scan from the last step to the first.
     *
     * @return 1 at the last token of a document that is followed by another, otherwise 0, (B, L, 1)
     */
    public NDArray reverseResets() {
        float[] last = new float[Math.toIntExact(starts.length * length)];
        for (int row = 0; row < starts.length; row++) {
            for (long start : starts[row]) {
                if (start > 0) {
                    last[Math.toIntExact(row * length + start - 1)] = 1;
                }
            }
        }
        return flags(last, length);
    }

    /**
     * Returns the steps at which new documents start.
     *
     * @param row the row
     * @return the steps, ascending
     */
    public long[] starts(int row) {
        return starts[row].clone();
    }

    /**
     * Creates the mask of the steps that may see the input a number of steps earlier.
     *
     * @param lag the number of steps
     * @return 0 if a document started less than {@code lag} steps before, otherwise 1, (B, L, 1)
     */
    public NDArray sees(int lag) {
        float[] seen = ones(length);
        for (int row = 0; row < starts.length; row++) {
            for (long start : starts[row]) {
                int from = Math.toIntExact(row * length + start);
                Arrays.fill(seen, from, from + Math.toIntExact(Math.min(lag, length - start)), 0);
            }
        }
        return flags(seen, length);
    }

    /**
     * Creates a mask over the last steps of each row: those that belong to its last document.
     *
     * @param count the number of steps before the padding; the first may lie before the start of
     *     the row
     * @return 1 in the last document, otherwise 0, (B, count, 1)
     */
    public NDArray lastSteps(int count) {
        float[] kept = ones(count);
        for (int row = 0; row < starts.length; row++) {
            if (starts[row].length > 0) {
                long before = count - (lengths[row] - lastStart(row));
                int from = row * count;
                Arrays.fill(kept, from, from + Math.toIntExact(Math.max(0, before)), 0);
            }
        }
        return flags(kept, count);
    }

    /**
     * Creates the mask of the last document of each row.
     *
     * @return 1 in and after the last document, otherwise 0, (B, L, 1)
     */
    public NDArray lastDocument() {
        float[] last = ones(length);
        for (int row = 0; row < starts.length; row++) {
            if (starts[row].length > 0) {
                int from = Math.toIntExact(row * length);
                Arrays.fill(last, from, from + Math.toIntExact(lastStart(row)), 0);
            }
        }
        return flags(last, length);
    }

    /**
     * Creates the mask of the rows that end in the document with which they began.
     *
     * @return 1 if no document starts in the row, so that the begin state reaches its end,
     *     otherwise 0, (B, 1, 1)
     */
    public NDArray unbroken() {
        float[] unbroken = new float[starts.length];
        for (int row = 0; row < starts.length; row++) {
            unbroken[row] = starts[row].length == 0 ? 1 : 0;
        }
        return flags(unbroken, 1);
    }

    private long lastStart(int row) {
        return starts[row][starts[row].length - 1];
    }

    /** The starts in the steps from {@code start} to {@code end}, relative to {@code start}. */
    long[][] startsIn(long start, long end) {
        return Arrays.stream(starts)
                .map(
                        row ->
                                Arrays.stream(row)
                                        .filter(step -> step >= start && step < end)
                                        .map(step -> step - start)
                                        .toArray())
                .toArray(long[][]::new);
    }

    /** The starts in rows whose tokens are reversed, which follow the ends of documents. */
    long[][] reversedStarts() {
        long[][] reversed = new long[starts.length][];
        for (int row = 0; row < starts.length; row++) {
            long tokens = lengths[row];
            reversed[row] =
                    Arrays.stream(starts[row])
                            .filter(start -> start > 0)
                            .map(start -> tokens - start)
                            .sorted()
                            .toArray();
        }
        return reversed;
    }

    private float[] ones(long width) {
        float[] ones = new float[Math.toIntExact(starts.length * width)];
        Arrays.fill(ones, 1);
        return ones;
    }

    private NDArray flags(float[] values, long width) {
        Shape shape = new Shape(starts.length, width, 1);
        return Padding.flags(resets.getManager(), values, shape, resets.getDataType());
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        resets.close();
    }
}
