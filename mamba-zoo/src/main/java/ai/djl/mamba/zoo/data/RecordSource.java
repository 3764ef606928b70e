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
package ai.djl.mamba.zoo.data;

import com.google.gson.JsonObject;
import java.io.IOException;

/** Documents that can be read any number of times. */
public interface RecordSource {

    /**
     * Starts a pass in the order of the file names.
     *
     * @return the pass, to be closed by the caller
     * @throws IOException if the data cannot be read
     */
    RecordStream open() throws IOException;

    /**
     * Starts a pass in an order that depends on a seed, as far as this is free: files are shuffled,
     * but not the rows of a file.
     *
     * @param seed the seed
     * @return the pass, to be closed by the caller
     * @throws IOException if the data cannot be read
     */
    RecordStream open(long seed) throws IOException;

    /**
     * Describes the data and all options that determine what is read, for comparison with a saved
     * position.
     *
     * @return the values by name
     */
    JsonObject fingerprint();
}
