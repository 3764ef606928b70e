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

import java.io.IOException;

/** Reads a file of rows, each of which is a document. */
abstract class RowsReader implements RecordReader {

    private final RowReader rows;
    private final String origin;
    private final BadRows.Pass badRows;

    RowsReader(RowReader rows, String origin, BadRows.Pass badRows) {
        this.rows = rows;
        this.origin = origin;
        this.badRows = badRows;
    }

    @Override
    public final TextRecord next() throws IOException {
        while (rows.next()) {
            String where = origin + ":" + rows.line();
            try {
                if (rows.problem() != null) {
                    throw new RowException(rows.problem());
                }
                if (!rows.text().isBlank() && !isHeader(rows.text())) {
                    return parse(rows.text(), where);
                }
            } catch (RowException e) {
                badRows.report(where, e.getMessage());
                if (!canContinue()) {
                    return null;
                }
            }
        }
        return null;
    }

    /** Returns whether the row is the header, which is read then. */
    abstract boolean isHeader(String row) throws RowException;

    /** Returns whether reading can continue after a bad row. */
    abstract boolean canContinue();

    /** Parses the document of a row. */
    abstract TextRecord parse(String row, String where) throws RowException;

    /** Checks that a field is not empty. */
    static String requireText(String text, String field) throws RowException {
        if (text.isEmpty()) {
            throw new RowException(String.format("the %s is empty", field));
        }
        return text;
    }

    @Override
    public final void close() throws IOException {
        rows.close();
    }

    /** Thrown for a bad row; the message is the problem. */
    static final class RowException extends Exception {

        private static final long serialVersionUID = 1L;

        RowException(String problem) {
            super(problem);
        }
    }
}
