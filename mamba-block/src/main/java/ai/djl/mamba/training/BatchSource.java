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

/**
 * Batches to train on, in an order that its seed decides, with a position that can be saved: a
 * source of the same data and options that is restored to a position gives exactly the batches that
 * this one would have given.
 */
public interface BatchSource extends AutoCloseable {

    /**
     * Makes the next batch.
     *
     * @param manager the manager to attach its arrays to
     * @return the batch, to be closed by the caller, or {@code null} once at the end of each epoch
     * @throws IOException if the data cannot be read
     */
    SequenceBatch next(NDManager manager) throws IOException;

    /**
     * Returns where in the data the next batch starts.
     *
     * @return the position, as plain JSON
     */
    JsonObject position();

    /**
     * Goes to a position.
     *
     * @param position what {@link #position} returned
     * @throws IOException if the data cannot be read
     * @throws IllegalArgumentException if the position is one of other data or other options
     */
    void restore(JsonObject position) throws IOException;

    /** {@inheritDoc} */
    @Override
    void close() throws IOException;
}
