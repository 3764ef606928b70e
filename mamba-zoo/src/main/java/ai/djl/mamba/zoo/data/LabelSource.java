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
import java.util.Map;
import java.util.TreeMap;

/** Says where the labels of documents come from: a field, a folder, or the name of the file. */
public interface LabelSource {

    /** No labels. */
    LabelSource NONE = new FileLabels("none", name -> null, null);

    /** The label field or column of each row. */
    LabelSource FIELD = new FileLabels("field", name -> null, null);

    /** The top-level subfolder of the given folder that contains the file, at any depth. */
    LabelSource FOLDER =
            new FileLabels(
                    "folder",
                    name -> name.indexOf('/') > 0 ? name.substring(0, name.indexOf('/')) : null,
                    "is not in a subfolder that could label it");

    /** The extension of the file name, in lower case. */
    LabelSource EXTENSION =
            new FileLabels(
                    "extension",
                    name -> {
                        String last = name.substring(name.lastIndexOf('/') + 1);
                        int dot = last.lastIndexOf('.');
                        return dot > 0 ? last.substring(dot + 1).toLowerCase(Locale.ROOT) : null;
                    },
                    "has no extension that could label it");

    /**
     * Labels files by the extensions of their names.
     *
     * @param labels the label of each extension, without dot and in lower case; files with other
     *     extensions are skipped
     * @return the source of labels
     */
    static LabelSource extensions(Map<String, String> labels) {
        Map<String, String> sorted = new TreeMap<>(labels);
        return new FileLabels(
                "extensions " + sorted,
                name -> {
                    String last = name.substring(name.lastIndexOf('/') + 1);
                    int dot = last.lastIndexOf('.');
                    return dot < 0
                            ? null
                            : sorted.get(last.substring(dot + 1).toLowerCase(Locale.ROOT));
                },
                null);
    }

    /**
     * Returns the label of all documents of a file.
     *
     * @param name the path of the file relative to the given folder, separated by "/"
     * @return the label, or {@code null} if there is none
     */
    String label(String name);

    /**
     * Returns what is wrong with a file that has no label.
     *
     * @return the problem, or {@code null} if such files are skipped silently
     */
    String problem();

    /**
     * Describes the source. Sources with the same description return the same labels.
     *
     * @return the description
     */
    String description();
}
