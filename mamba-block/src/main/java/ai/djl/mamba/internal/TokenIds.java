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
package ai.djl.mamba.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Block;
import ai.djl.nn.core.Embedding;

/** Reads token ids and looks them up in an embedding. */
public final class TokenIds {

    private TokenIds() {}

    /**
     * Looks up ids in an embedding.
     *
     * @param ids the ids, (B, L), whole numbers of any type
     * @param weight the embedding, (V, d)
     * @param vocabSize the number of ids in use, at most V
     * @param block the calling block, to be named in the message
     * @return the vectors, (B, L, d), attached to the manager of the ids
     * @throws IllegalArgumentException if an id is negative, not below {@code vocabSize}, or not a
     *     whole number, or the ids are on another engine than the embedding
     */
    public static NDArray embed(NDArray ids, NDArray weight, int vocabSize, Block block) {
        String owner = block.getClass().getSimpleName();
        Checks.engine(owner, ids, weight);
        // given an invalid id, engines read past the table or fail on the device
        for (long id : toLongs(ids, owner, "token ids")) {
            Checks.require(
                    id >= 0 && id < vocabSize,
                    owner,
                    "expected token ids in [0, %d), got %d",
                    vocabSize,
                    id);
        }
        return Scoped.array(
                ids.getManager(),
                () -> {
                    NDArray whole = ids.toType(DataType.INT64, false);
                    return Embedding.embedding(whole, weight, SparseFormat.DENSE)
                            .singletonOrThrow();
                });
    }

    /**
     * Reads an array of any type as integers.
     *
     * @param array the array
     * @param owner the class to name in the message
     * @param what what the elements are, for the message
     * @return its elements
     * @throws IllegalArgumentException if an element is not a whole number
     */
    public static long[] toLongs(NDArray array, String owner, String what) {
        try (NDManager scratch = array.getManager().newSubManager()) {
            boolean isFloating = array.getDataType().isFloating();
            // always a copy: reading a slice would create one that nobody closes
            NDArray wide = array.toType(isFloating ? DataType.FLOAT64 : DataType.INT64, true);
            wide.attach(scratch);
            return isFloating ? whole(wide.toDoubleArray(), owner, what) : wide.toLongArray();
        }
    }

    /** A conversion would cut fractions and turn NaN into a number. */
    private static long[] whole(double[] values, String owner, String what) {
        long[] longs = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            Checks.require(
                    values[i] == Math.rint(values[i]) && Double.isFinite(values[i]),
                    owner,
                    "expected whole numbers as %s, got %s at index %d",
                    what,
                    values[i],
                    i);
            longs[i] = (long) values[i];
        }
        return longs;
    }
}
