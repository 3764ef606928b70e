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

/** Where the labels of documents come from. */
public interface LabelSource {

    /** No labels. */
    LabelSource NONE = new FileLabels("none", name -> null, null);

    /** The label field or column of each row. */
    LabelSource FIELD = new FileLabels("field", name -> null, null);

    /** The sub-folder of the named folder that a file stands in, at whatever depth. */
    LabelSource FOLDER =
            new FileLabels(
                    "folder",
                    name -> name.indexOf('/') > 0 ? name.substring(0, name.indexOf('/')) : null,
                    "stands in no sub-folder that would label it");

    /**
     * Labels files by the extension of their names.
     *
     * @param labels the label of each extension, without dot and in lower case; files with other
     *     ones are left out
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
     * Labels all documents of a file.
     *
     * @param name the name of the file below the folder that was named, with "/" between folders
     * @return the label, or {@code null} if there is none
     */
    String label(String name);

    /**
     * Tells what is wrong with a file that has no label.
     *
     * @return the problem, or {@code null} if such files are none of those wanted
     */
    String problem();

    /**
     * Describes the source; sources with the same description give the same labels.
     *
     * @return the description
     */
    String description();
}
