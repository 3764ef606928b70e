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

/** The pieces of a long document, which is never in memory as a whole. */
public interface Pieces extends Closeable {

    /**
     * Reads the next piece.
     *
     * @return the piece, not empty, or {@code null} after the last one
     * @throws IOException if the file cannot be read
     */
    String next() throws IOException;

    /** {@inheritDoc} Reading to the end closes the file, too; closing twice has no effect. */
    @Override
    void close() throws IOException;
}
