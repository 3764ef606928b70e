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

import java.util.Locale;

/** The format of a file with documents. */
public enum TextFormat {
    /** The file is one document. */
    TEXT,
    /** Each line is a JSON object with fields for the text and, optionally, the label. */
    JSON_LINES,
    /** Comma-separated values (RFC 4180) with a header line. */
    CSV,
    /** Like CSV, but separated by tabs. */
    TSV;

    private static final String COMPRESSED = ".gz";

    /**
     * Detects the format of a file by its extension, not counting {@code .gz}.
     *
     * @param name the name of the file
     * @return the format
     */
    public static TextFormat of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (isCompressed(name)) {
            lower = lower.substring(0, lower.length() - COMPRESSED.length());
        }
        int dot = lower.lastIndexOf('.');
        return switch (dot < 0 ? "" : lower.substring(dot + 1)) {
            case "jsonl", "ndjson", "json" -> JSON_LINES;
            case "csv" -> CSV;
            case "tsv" -> TSV;
            default -> TEXT;
        };
    }

    static boolean isCompressed(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(COMPRESSED);
    }
}
