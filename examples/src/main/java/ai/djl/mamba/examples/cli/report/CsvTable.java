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
package ai.djl.mamba.examples.cli.report;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A table as a CSV file, following RFC 4180. A text that a spreadsheet would take for a formula, as
 * names of files and labels can be, has an apostrophe before it; numbers are as they are.
 *
 * @param header the names of the columns
 * @param rows the cells of each row; {@code null} becomes an empty cell
 */
public record CsvTable(List<String> header, List<List<Object>> rows) {

    /** How a formula begins, also in the full width of East Asian scripts. */
    private static final Pattern FORMULA = Pattern.compile("[=+\\-@\t\r\n＝＋－＠]");

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /** Checks the sizes. */
    public CsvTable {
        for (List<Object> row : rows) {
            if (row.size() != header.size()) {
                throw new IllegalArgumentException(
                        "CsvTable: " + row.size() + " cells for the columns " + header);
            }
        }
    }

    /** The text of a cell, which a spreadsheet shows and does not run. */
    private static String cell(Object valueOrNull) {
        if (valueOrNull == null || valueOrNull instanceof Number) {
            return valueOrNull == null ? null : valueOrNull.toString();
        }
        String text = valueOrNull.toString();
        boolean isFormula = FORMULA.matcher(text).lookingAt() && !NUMBER.matcher(text).matches();
        return isFormula ? "'" + text : text;
    }

    /**
     * Writes the table.
     *
     * @return the text of the file
     */
    public String text() {
        StringWriter text = new StringWriter();
        try (CsvWriter writer = CsvWriter.builder().build(text)) {
            writer.writeRecord(header.stream().map(CsvTable::cell).toList());
            for (List<Object> row : rows) {
                writer.writeRecord(row.stream().map(CsvTable::cell).toList());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter does not fail
        }
        return text.toString();
    }
}
