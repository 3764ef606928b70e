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

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * A source of training batches in an order determined by its seed, with a position that can be
 * saved. A source with the same data and options that is restored to a position returns exactly the
 * batches that this one would have returned.
 */
public interface BatchSource extends AutoCloseable {

    /**
     * Returns the next batch.
     *
     * @param manager the manager to attach its arrays to
     * @return the batch, to be closed by the caller; {@code null} once at the end of each epoch
     * @throws IOException if the data cannot be read
     */
    SequenceBatch next(NDManager manager) throws IOException;

    /**
     * Returns the position of the next batch.
     *
     * @return the position, as plain JSON
     */
    JsonObject position();

    /**
     * Returns how many batches there are before the position, those of earlier epochs included. A
     * run that resumes compares it with the steps that it has made.
     *
     * @return the number of batches, or empty (the default) if they are not counted
     */
    default OptionalLong batchesBefore() {
        return OptionalLong.empty();
    }

    /**
     * Restores a position.
     *
     * @param position what {@link #position} returned
     * @throws IOException if the data cannot be read
     * @throws IllegalArgumentException if the position belongs to other data or other options
     */
    void restore(JsonObject position) throws IOException;

    /** {@inheritDoc} */
    @Override
    void close() throws IOException;
}
