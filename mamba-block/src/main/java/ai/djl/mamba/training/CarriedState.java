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
package ai.djl.mamba.training;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The final state of a batch, from which rows of the next batch may continue. No gradient flows
 * through it: this is where back-propagation through time is truncated.
 */
final class CarriedState implements AutoCloseable {

    private final SequenceBlock block;
    private final NDManager manager;
    private NDList state = new NDList(); // empty before the first batch

    /**
     * Creates an empty state, for the start of a sequence.
     *
     * @param block the block, which returns its state
     * @param parent the manager of its parameters
     */
    CarriedState(SequenceBlock block, NDManager parent) {
        this.block = block;
        manager = parent.newSubManager();
    }

    /**
     * Returns the begin state of a batch.
     *
     * @param continued which rows continue, or {@code null} for none
     * @param rows B
     * @param scratch the manager that owns the result
     * @return the state, (B, …) each, or an empty list if every row starts a sequence
     * @throws IllegalArgumentException if a row continues and the previous batch had another number
     *     of rows
     */
    NDList begin(boolean[] continued, int rows, NDManager scratch) {
        int continuing = 0;
        for (int row = 0; continued != null && row < rows; row++) {
            continuing += continued[row] ? 1 : 0;
        }
        NDList begin = new NDList();
        if (continuing == 0) {
            return begin;
        }
        Checks.require(
                !state.isEmpty() && state.get(0).getShape().get(0) == rows,
                "CarriedState",
                "%d of %d rows continue the previous batch, which had %d rows",
                continuing,
                rows,
                state.isEmpty() ? 0 : state.get(0).getShape().get(0));
        float[] kept = new float[rows];
        for (int row = 0; row < rows; row++) {
            kept[row] = continued[row] ? 1 : 0;
        }
        for (NDArray array : state) {
            NDArray copy = array.duplicate();
            copy.attach(scratch);
            begin.add(continuing == rows ? copy : masked(copy, kept, scratch));
        }
        return begin;
    }

    private static NDArray masked(NDArray array, float[] kept, NDManager scratch) {
        long[] ones = new long[array.getShape().dimension()];
        Arrays.fill(ones, 1);
        ones[0] = kept.length;
        NDArray mask = scratch.create(kept, new Shape(ones)); // (B, 1, …)
        return array.mul(mask.toType(array.getDataType(), false));
    }

    /**
     * Keeps a copy of the final state of a batch.
     *
     * @param finalState its arrays, still owned by the caller
     */
    void keep(NDList finalState) {
        NDList kept = new NDList();
        for (NDArray array : finalState) {
            try (NDArray detached = array.stopGradient()) {
                NDArray copy = detached.duplicate();
                copy.attach(manager);
                kept.add(copy);
            }
        }
        state.close();
        state = kept;
    }

    /** Drops the state: every row of the next batch must start a sequence. */
    void clear() {
        state.close();
        state = new NDList();
    }

    /** The arrays by name; empty before the first batch. */
    Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (int i = 0; i < state.size(); i++) {
            arrays.put("state." + i, state.get(i));
        }
        return arrays;
    }

    /**
     * Allocates arrays for a saved state.
     *
     * @param rows the number of its rows; 0 for none
     * @return the arrays to read the state into, by name
     */
    Map<String, NDArray> room(int rows) {
        clear();
        if (rows > 0) {
            List<Shape> shapes = block.getStateShapes(rows);
            shapes.forEach(shape -> state.add(manager.zeros(shape, block.dataType())));
        }
        return arrays();
    }

    /** The number of bytes of a row, at least 1. */
    long bytesOfRow() {
        long values = block.getStateShapes(1).stream().mapToLong(Shape::size).sum();
        return Math.max(1, values * block.dataType().getNumOfBytes());
    }

    /** The number of rows; 0 if there is no state. */
    int rows() {
        return state.isEmpty() ? 0 : Math.toIntExact(state.get(0).getShape().get(0));
    }

    @Override
    public void close() {
        manager.close();
    }
}
