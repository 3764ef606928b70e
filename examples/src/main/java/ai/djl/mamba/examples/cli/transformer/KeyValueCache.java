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
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The keys and values of all tokens that a {@link TransformerLanguageModel} has read: its state,
 * which grows with every token.
 */
public final class KeyValueCache implements AutoCloseable {

    private final NDManager manager;
    private final NDArray[] keys; // of each layer: (B, H, capacity, d / H)
    private final NDArray[] values;
    private long length;

    KeyValueCache(NDManager parent, TransformerSizes sizes, long batch, long capacity) {
        manager = parent.newSubManager();
        keys = new NDArray[sizes.numLayers()];
        values = new NDArray[sizes.numLayers()];
        int size = sizes.modelSize() / sizes.heads();
        Shape shape = new Shape(batch, sizes.heads(), capacity, size);
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = manager.zeros(shape, DataType.FLOAT32);
            values[layer] = manager.zeros(shape, DataType.FLOAT32);
        }
    }

    /**
     * Returns the number of tokens that were read.
     *
     * @return the length of each row
     */
    public long length() {
        return length;
    }

    /**
     * Returns the memory that the keys and values of the tokens take.
     *
     * @return the number of bytes, without those reserved for more tokens
     */
    public long bytes() {
        Shape shape = keys[0].getShape();
        long perToken = 2L * keys.length * shape.get(0) * shape.get(1) * shape.get(3);
        return length * perToken * Float.BYTES;
    }

    /**
     * Fills the cache with random keys and values, as if tokens had been read: the cost of a step
     * does not depend on them.
     *
     * @param tokens the number of tokens, at most the capacity
     */
    public void fill(long tokens) {
        for (int layer = 0; layer < keys.length; layer++) {
            for (NDArray array : new NDArray[] {keys[layer], values[layer]}) {
                Shape shape = array.getShape();
                Shape part = new Shape(shape.get(0), shape.get(1), tokens, shape.get(3));
                try (NDArray random = manager.randomNormal(part)) {
                    array.set(tokens(0, tokens), random);
                }
            }
        }
        length = tokens;
    }

    /**
     * Forgets the tokens after the first ones.
     *
     * @param tokens the number of tokens to keep, at most those that were read
     */
    public void truncate(long tokens) {
        Checks.require(
                tokens >= 0 && tokens <= length,
                "KeyValueCache",
                "expected at most the %d tokens that were read, got %d",
                length,
                tokens);
        length = tokens;
    }

    /** Reserves memory for more tokens. */
    void reserve(long more) {
        long capacity = keys[0].getShape().get(2);
        if (length + more <= capacity) {
            return;
        }
        long larger = Math.max(length + more, 2 * capacity);
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = grown(keys[layer], larger);
            values[layer] = grown(values[layer], larger);
        }
    }

    private NDArray grown(NDArray array, long capacity) {
        Shape shape = array.getShape();
        Shape larger = new Shape(shape.get(0), shape.get(1), capacity, shape.get(3));
        NDArray copy = manager.zeros(larger, array.getDataType());
        copy.set(tokens(0, shape.get(2)), array);
        array.close();
        return copy;
    }

    /** Appends the keys and values of a layer, (B, H, T, d / H). */
    void put(int layer, NDArray newKeys, NDArray newValues) {
        NDIndex where = tokens(length, length + newKeys.getShape().get(2));
        keys[layer].set(where, newKeys);
        values[layer].set(where, newValues);
    }

    /** The keys of the first tokens, (B, H, end, d / H), owned by the caller's manager. */
    NDArray keys(int layer, long end, NDManager owner) {
        return part(keys[layer], end, owner);
    }

    /** The values of the first tokens, (B, H, end, d / H), owned by the caller's manager. */
    NDArray values(int layer, long end, NDManager owner) {
        return part(values[layer], end, owner);
    }

    private static NDArray part(NDArray array, long end, NDManager owner) {
        NDArray part = array.get(tokens(0, end));
        part.attach(owner);
        return part;
    }

    /** Counts tokens that all layers have stored. */
    void advance(long count) {
        length += count;
    }

    private static NDIndex tokens(long from, long to) {
        return new NDIndex().addAllDim().addAllDim().addSliceDim(from, to);
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        manager.close();
    }
}
