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

/**
 * A document of a {@link RecordSource}: a text, perhaps with a label.
 *
 * @param text the text, or the first piece of a document that is too long to be read as a whole
 * @param label its label, or {@code null} for none
 * @param origin where it is from, {@code file} or {@code file:line}
 * @param rest the pieces that follow, or {@code null} if {@code text} is the whole document; they
 *     can be read until the stream of the record is closed
 */
public record TextRecord(String text, String label, String origin, Pieces rest) {

    /**
     * Creates a document that is in memory as a whole.
     *
     * @param text the text
     * @param label the label, or {@code null}
     * @param origin where it is from
     */
    public TextRecord(String text, String label, String origin) {
        this(text, label, origin, null);
    }

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
}
