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

/**
 * How files are read.
 *
 * @param format the format of all files, or {@code null} to detect it from their names
 * @param textField the field or column with the text
 * @param labelField the field or column with the label
 * @param labels the source of labels
 * @param lenient whether invalid UTF-8 is read as U+FFFD
 * @param documentLength the maximum number of characters of a document cut from a text file, 0 for
 *     whole files
 */
record TextOptions(
        TextFormat format,
        String textField,
        String labelField,
        LabelSource labels,
        boolean lenient,
        int documentLength) {

    boolean isLabelledByFile() {
        return labels != LabelSource.NONE && labels != LabelSource.FIELD;
    }

    TextFormat formatOf(String name) {
        return format == null ? TextFormat.of(name) : format;
    }
}
