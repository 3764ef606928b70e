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
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads rows of comma-separated or tab-separated values with a header. */
final class CsvReader extends RowsReader {

    private final CSVFormat format;
    private final TextOptions options;
    private final String fileLabel;
    private List<String> header;
    private int textColumn;
    private int labelColumn;

    CsvReader(
            RowReader rows,
            char delimiter,
            TextOptions options,
            String fileLabel,
            String origin,
            BadRows.Pass badRows) {
        super(rows, origin, badRows);
        format = CSVFormat.RFC4180.builder().setDelimiter(delimiter).get();
        this.options = options;
        this.fileLabel = fileLabel;
    }

    @Override
    boolean isHeader(String row) throws RowException {
        if (header != null) {
            return false;
        }
        List<String> names = cells(row);
        textColumn = column(names, options.textField());
        if (options.labels() == LabelSource.FIELD) {
            labelColumn = column(names, options.labelField());
        }
        header = names;
        return true;
    }

    private static int column(List<String> names, String name) throws RowException {
        int column = names.indexOf(name);
        if (column < 0) {
            throw new RowException(
                    String.format(
                            "expected a column \"%s\" in the header, found %s: the file is skipped",
                            name, names));
        }
        return column;
    }

    @Override
    boolean canContinue() {
        return header != null;
    }

    @Override
    TextRecord parse(String row, String where) throws RowException {
        List<String> cells = cells(row);
        if (cells.size() != header.size()) {
            throw new RowException(
                    String.format(
                            "expected %d columns as in the header, got %d",
                            header.size(), cells.size()));
        }
        String text = requireText(cells.get(textColumn), "column " + options.textField());
        String label = fileLabel;
        if (options.labels() == LabelSource.FIELD) {
            label = requireText(cells.get(labelColumn), "column " + options.labelField());
        }
        return new TextRecord(text, label, where);
    }

    private List<String> cells(String row) throws RowException {
        List<String> cells = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(row, format)) {
            for (CSVRecord record : parser) {
                record.forEach(cells::add);
            }
        } catch (IOException | RuntimeException e) {
            // the parser wraps problems in its own unchecked exceptions
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new RowException("malformed row: " + cause.getMessage());
        }
        return cells;
    }
}
