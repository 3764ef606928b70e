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
package ai.djl.mamba.examples.cli.transformer;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.internal.TokenIds;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The position of each token of a batch: the document of its row, and the position in the document.
 * Padding belongs to document 0, wherever it is, and takes no position in any other.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TokenPlaces(int rows, int length, long[] documents, float[] positions) {

    private static final float MASKED = -1e5f; // as in DJL's attention block
    private static final double MAX_WAVELENGTH = 10_000;

    /** The positions of rows that are one document each. */
    static TokenPlaces of(Shape ids) {
        long[] ones = new long[Math.toIntExact(ids.size())];
        Arrays.fill(ones, 1);
        return of(ids, ones);
    }

    /**
     * Reads segments (B, L) or lengths (B).
     *
     * @param ids the shape of the ids, (B, L)
     * @param given segments or lengths, as a {@code SequenceBlock} takes them
     */
    static TokenPlaces of(Shape ids, NDArray given) {
        int length = (int) ids.get(1);
        boolean isLengths = given.getShape().equals(new Shape(ids.get(0)));
        Checks.require(
                isLengths || given.getShape().equals(ids),
                "TransformerLanguageModel",
                "expected segments %s or lengths (%d), got %s",
                ids,
                ids.get(0),
                given.getShape());
        String what = isLengths ? "lengths" : "segments";
        long[] values = TokenIds.toLongs(given, "TransformerLanguageModel", what);
        if (!isLengths) {
            return of(ids, values);
        }
        long[] segments = new long[Math.toIntExact(ids.size())];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = i % length < values[i / length] ? 1 : 0;
        }
        return of(ids, segments);
    }

    private static TokenPlaces of(Shape ids, long[] segments) {
        int rows = (int) ids.get(0);
        int length = (int) ids.get(1);
        long[] documents = new long[segments.length];
        float[] positions = new float[segments.length];
        for (int row = 0; row < rows; row++) {
            long document = 0;
            long last = 0;
            int position = 0;
            for (int i = row * length; i < (row + 1) * length; i++) {
                if (segments[i] == 0) {
                    continue;
                }
                if (segments[i] != last) {
                    last = segments[i];
                    document++;
                    position = 0;
                }
                documents[i] = document;
                positions[i] = position++;
            }
        }
        return new TokenPlaces(rows, length, documents, positions);
    }

    /** The sinusoids of the positions, (B, L, d). */
    NDArray sinusoids(NDManager manager, int modelSize) {
        return sinusoids(manager, positions, new Shape(rows, length, 1), modelSize);
    }

    /** The sinusoids of consecutive positions, (1, count, d). */
    static NDArray sinusoids(NDManager manager, long first, int count, int modelSize) {
        float[] positions = new float[count];
        for (int i = 0; i < count; i++) {
            positions[i] = first + i;
        }
        return sinusoids(manager, positions, new Shape(1, count, 1), modelSize);
    }

    private static NDArray sinusoids(
            NDManager manager, float[] positions, Shape shape, int modelSize) {
        float[] rates = new float[modelSize / 2];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = (float) Math.pow(MAX_WAVELENGTH, -2.0 * i / modelSize);
        }
        try (NDManager scratch = manager.newSubManager()) {
            NDArray where = HostArrays.create(scratch, positions, shape);
            NDArray angles = where.mul(scratch.create(rates, new Shape(1, 1, rates.length)));
            NDArray waves = angles.sin().concat(angles.cos(), 2);
            waves.attach(manager);
            return waves;
        }
    }

    /**
     * The offset of the attention scores: 0 where a token sees another one, which is in the same
     * document and not after it.
     *
     * @param manager the manager that owns the result
     * @return the offset, (1, 1, L, L), or (B, 1, L, L) if a row has more than one document
     */
    NDArray offset(NDManager manager) {
        NDArray causal = offset(manager, 0, length);
        boolean isPlain = true;
        for (long document : documents) {
            isPlain &= document == 1;
        }
        if (isPlain) {
            return causal;
        }
        try (NDManager scratch = manager.newSubManager()) {
            causal.attach(scratch);
            NDArray column = scratch.create(documents, new Shape(rows, 1, length, 1));
            NDArray row = scratch.create(documents, new Shape(rows, 1, 1, length));
            NDArray others = column.neq(row).toType(DataType.FLOAT32, false).mul(MASKED);
            NDArray offset = others.add(causal);
            offset.attach(manager);
            return offset;
        }
    }

    /** The same for {@code count} tokens after {@code past} others, (1, 1, count, past + count). */
    static NDArray offset(NDManager manager, long past, int count) {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray queries = scratch.arange(0f, count).add(past).reshape(1, 1, count, 1);
            NDArray keys =
                    scratch.arange(0f, (float) (past + count)).reshape(1, 1, 1, past + count);
            NDArray later = keys.gt(queries).toType(DataType.FLOAT32, false);
            NDArray offset = later.muli(MASKED);
            offset.attach(manager);
            return offset;
        }
    }
}
