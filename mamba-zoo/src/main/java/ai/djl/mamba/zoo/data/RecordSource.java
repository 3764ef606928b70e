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
import java.io.Closeable;
import java.io.IOException;

/** Documents that can be read any number of times. */
public interface RecordSource {

    /**
     * Starts a pass in the order of the file names.
     *
     * @return the pass, to be closed by the caller
     * @throws IOException if the data cannot be read
     */
    Pass open() throws IOException;

    /**
     * Starts a pass in an order that depends on a seed, as far as this is free: files are shuffled,
     * but not the rows of a file.
     *
     * @param seed the seed
     * @return the pass, to be closed by the caller
     * @throws IOException if the data cannot be read
     */
    Pass open(long seed) throws IOException;

    /**
     * Describes the data and all options that determine what is read, for comparison with a saved
     * position.
     *
     * @return the values by name
     */
    JsonObject fingerprint();

    /** One pass over documents. */
    interface Pass extends Closeable {

        /**
         * Reads the next document.
         *
         * @return the document, or {@code null} after the last one
         * @throws IOException if the data cannot be read
         * @throws BadDataException if a row is bad and bad rows are to stop the run
         */
        TextRecord next() throws IOException;

        /**
         * Reports a document that cannot be used as a bad row.
         *
         * @param origin where it is
         * @param problem what is wrong with it
         * @throws BadDataException if bad rows are to stop the run
         */
        void report(String origin, String problem) throws BadDataException;
    }

    /**
     * Thrown for a bad row if bad rows are to stop the run. The message names the file, the line
     * and the problem.
     */
    class BadDataException extends IOException {

        private static final long serialVersionUID = 1L;

        /**
         * Creates an exception.
         *
         * @param message where the row is and what is wrong with it
         */
        public BadDataException(String message) {
            super(message);
        }
    }
}
