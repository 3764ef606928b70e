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
     * @param ids the ids, (B, L), of an integer type or FLOAT32
     * @param weight the embedding, (V, d)
     * @param vocabSize the number of ids in use, at most V
     * @param block the calling block, to be named in the message
     * @return the vectors, (B, L, d), attached to the manager of the ids
     * @throws IllegalArgumentException if an id is negative or not below {@code vocabSize}, or the
     *     ids are on another engine than the embedding
     */
    public static NDArray embed(NDArray ids, NDArray weight, int vocabSize, Block block) {
        String owner = block.getClass().getSimpleName();
        String engine = engine(weight);
        Checks.require(
                engine(ids).equals(engine),
                owner,
                "the ids are an array of %s, but the model is on %s: create them with a manager of"
                        + " the model's engine",
                engine(ids),
                engine);
        // given an invalid id, engines read past the table or fail on the device
        for (long id : toLongs(ids)) {
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

    private static String engine(NDArray array) {
        return array.getManager().getEngine().getEngineName();
    }

    /**
     * Reads an array of any type as integers.
     *
     * @param array the array
     * @return its elements
     */
    public static long[] toLongs(NDArray array) {
        try (NDManager scratch = array.getManager().newSubManager()) {
            // always a copy: reading a slice would create one that nobody closes
            NDArray whole = array.toType(DataType.INT64, true);
            whole.attach(scratch);
            return whole.toLongArray();
        }
    }
}
