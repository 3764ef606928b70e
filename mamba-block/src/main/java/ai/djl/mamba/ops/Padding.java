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

import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.internal.Scoped;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import java.util.Arrays;

/**
 * Which positions of a batch are tokens: row i starts with {@code lengths[i]} tokens, the rest is
 * padding. The tokens of a row may belong to several documents.
 *
 * <p>Blocks only see right padding. For any other mask, a sequence block first moves the tokens to
 * the start of their row and then moves the outputs back, so neither a convolution nor a scan ever
 * sees a padded position before a token.
 */
public final class Padding implements AutoCloseable {

    private final long[] lengths;
    private final long length;
    private final NDArray mask;
    private final Documents documents; // null if no row has more than one document

    /**
     * Describes right-padded rows of one document each.
     *
     * @param manager the manager that creates the mask
     * @param lengths the number of tokens of each row, each in [0, length]
     * @param length the length L of the padded rows
     * @param dataType the floating-point type of the mask
     */
    public Padding(NDManager manager, long[] lengths, long length, DataType dataType) {
        this(manager, lengths, new long[lengths.length][0], length, dataType);
    }

    /**
     * Describes right-padded rows.
     *
     * @param manager the manager that creates the mask
     * @param lengths the number of tokens of each row, each in [0, length]
     * @param starts for each row the steps at which a new document starts, ascending; each in [0,
     *     length of the row)
     * @param length the length L of the padded rows
     * @param dataType the floating-point type of the mask
     */
    public Padding(
            NDManager manager, long[] lengths, long[][] starts, long length, DataType dataType) {
        this.lengths = lengths.clone();
        this.length = length;
        float[] valid = new float[Math.toIntExact(lengths.length * length)];
        for (int row = 0; row < lengths.length; row++) {
            int start = Math.toIntExact(row * length);
            Arrays.fill(valid, start, start + Math.toIntExact(lengths[row]), 1);
        }
        mask = flags(manager, valid, new Shape(lengths.length, length, 1), dataType);
        boolean packed = Arrays.stream(starts).anyMatch(row -> row.length > 0);
        documents = packed ? new Documents(manager, starts, this.lengths, length, dataType) : null;
    }

    /** Creates an array of zeros and ones that may be closed before the backward pass. */
    static NDArray flags(NDManager manager, float[] values, Shape shape, DataType dataType) {
        try (NDArray made = HostArrays.create(manager, values, shape);
                NDArray typed = made.toType(dataType, false)) {
            return typed.duplicate(); // see indices; also, toType to the same type does not copy
        }
    }

    /**
     * Returns the mask.
     *
     * @return 1 at tokens and 0 at padding, (B, L, 1); owned by this object
     */
    public NDArray mask() {
        return mask;
    }

    /**
     * Returns the number of tokens of each row.
     *
     * @return the lengths, (B)
     */
    public long[] lengths() {
        return lengths.clone();
    }

    /**
     * Returns where documents start inside the rows.
     *
     * @return the documents, or {@code null} if no row has more than one; owned by this object
     */
    public Documents documents() {
        return documents;
    }

    /**
     * Returns the padding of the positions from {@code start} to {@code end}.
     *
     * @param start the first position
     * @param end the position after the last
     * @return the padding of those positions, to be closed by the caller
     */
    public Padding part(long start, long end) {
        long[] rest = new long[lengths.length];
        for (int row = 0; row < rest.length; row++) {
            rest[row] = Math.max(0, Math.min(lengths[row], end) - start);
        }
        long[][] starts =
                documents == null ? new long[rest.length][0] : documents.startsIn(start, end);
        return new Padding(mask.getManager(), rest, starts, end - start, mask.getDataType());
    }

    /**
     * Returns the padding of the rows after {@link #reverse}.
     *
     * @return the same padding, with the documents in reversed order; to be closed by the caller
     */
    public Padding reversed() {
        long[][] starts =
                documents == null ? new long[lengths.length][0] : documents.reversedStarts();
        return new Padding(mask.getManager(), lengths, starts, length, mask.getDataType());
    }

    /**
     * Takes {@code count} consecutive positions of each row, starting at index {@code lengths[i]}.
     *
     * @param x the rows, (B, T, E); position {@code lengths[i]} of row i is the first one taken
     * @param count how many positions to take
     * @return the positions, (B, count, E)
     */
    public NDArray fromEnd(NDArray x, int count) {
        long[] index = new long[lengths.length * count];
        long width = x.getShape().get(1);
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < count; i++) {
                index[row * count + i] = row * width + lengths[row] + i;
            }
        }
        return take(x, index, count);
    }

    /**
     * Takes the last token of each row.
     *
     * @param x the rows, (B, L, E)
     * @param padding which positions are tokens, or {@code null} if all are; a row without tokens
     *     gives its first position
     * @return the tokens, (B, 1, E)
     */
    public static NDArray last(NDArray x, Padding padding) {
        long[] index = new long[Math.toIntExact(x.getShape().get(0))];
        long width = x.getShape().get(1);
        for (int row = 0; row < index.length; row++) {
            long count = padding == null ? width : padding.lengths[row];
            index[row] = row * width + Math.max(0, count - 1);
        }
        return take(x, index, 1);
    }

    /**
     * Reverses the tokens of each row and leaves its padding in place.
     *
     * @param x the rows, (B, L, E)
     * @return the reversed rows, (B, L, E)
     */
    public NDArray reverse(NDArray x) {
        long[] index = new long[Math.toIntExact(lengths.length * length)];
        for (int row = 0; row < lengths.length; row++) {
            for (int t = 0; t < length; t++) {
                long source = t < lengths[row] ? lengths[row] - 1 - t : t;
                index[Math.toIntExact(row * length) + t] = row * length + source;
            }
        }
        return take(x, index, length);
    }

    /**
     * Gathers rows of time steps. An embedding lookup is the only differentiable gather that all
     * engines have.
     *
     * @param x (B, T, E)
     * @param index flat positions in (B·T), B·count of them
     * @param count the number of positions per row of the result
     * @return (B, count, E)
     */
    public static NDArray take(NDArray x, long[] index, long count) {
        Shape shape = x.getShape();
        NDManager manager = x.getManager();
        return Scoped.array(
                manager,
                () -> {
                    NDArray table = x.reshape(shape.get(0) * shape.get(1), shape.get(2));
                    NDArray ids = indices(manager, index, new Shape(shape.get(0), count));
                    return Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
                });
    }

    /**
     * Creates an array that may be closed before the backward pass. A new PyTorch array wraps Java
     * memory, which the autograd graph does not keep alive; its duplicate owns its memory.
     *
     * @param manager the manager of the array
     * @param values the values
     * @param shape their shape
     * @return the array, INT64
     */
    public static NDArray indices(NDManager manager, long[] values, Shape shape) {
        try (NDArray wrapped = HostArrays.create(manager, values, shape)) {
            return wrapped.duplicate();
        }
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        mask.close();
        if (documents != null) {
            documents.close();
        }
    }
}
