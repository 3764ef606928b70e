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

import com.google.gson.JsonObject;
import java.io.IOException;

/** Where a run is in its data, and where it began, by which the place is checked. */
final class DataPlace {

    private static final String POSITION = "data";
    private static final String FIRST = "first_batch";
    private static final int UNKNOWN = -1;

    private final BatchSource data;
    private final int accumulation;
    private long first; // the number of batches before the run; UNKNOWN if they are not counted

    /**
     * Notes where a run begins.
     *
     * @param data the batches, at their position before the first step
     * @param accumulation the maximum number of batches of a step
     */
    DataPlace(BatchSource data, int accumulation) {
        this.data = data;
        this.accumulation = accumulation;
        first = data.batchesBefore().orElse(UNKNOWN);
    }

    /** Adds the place to the state of a run. */
    void save(JsonObject state) {
        state.add(POSITION, data.position());
        if (first != UNKNOWN) {
            state.addProperty(FIRST, first);
        }
    }

    /**
     * Goes to the place in the state of a run.
     *
     * @param state the state
     * @param steps the steps that led there
     * @throws IOException if the data cannot be read, or the place cannot be
     * @throws IllegalArgumentException if it is one in other data
     */
    void restore(RunJson state, long steps) throws IOException {
        JsonObject position = state.object(POSITION).json();
        try {
            data.restore(position);
        } catch (NumberFormatException
                | NullPointerException
                | ClassCastException
                | IndexOutOfBoundsException
                | IllegalStateException
                | UnsupportedOperationException e) {
            throw state.damaged(POSITION, "a position in the data", e);
        }
        first = state.has(FIRST) ? state.count(FIRST) : UNKNOWN; // version 0.1 did not note it
        if (first == UNKNOWN || data.batchesBefore().isEmpty()) {
            return;
        }
        long batches = data.batchesBefore().getAsLong() - first;
        // a step has at least one batch, and fewer than others at the end of the last epoch
        if (batches < steps || (batches > 0 && (batches - 1) / accumulation >= steps)) {
            String expected = String.format("a position in the data after %d steps", steps);
            throw state.damaged(POSITION, expected, null);
        }
    }
}
