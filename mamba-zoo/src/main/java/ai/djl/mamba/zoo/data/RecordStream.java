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

import java.io.Closeable;
import java.io.IOException;

/** One pass over documents. */
public interface RecordStream extends Closeable {

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
