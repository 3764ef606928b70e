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

import ai.djl.mamba.internal.Checks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The classes of a classifier: their ids are 0, 1, … in the order of the names. */
public final class ClassNames {

    private static final String NAME = "ClassNames";
    private static final int MAX_CLASSES = 10_000;
    private static final String INTEGER = "-?[0-9]{1,18}";

    private final List<String> names;
    private final Map<String, Integer> ids = new HashMap<>();

    private ClassNames(List<String> names) {
        this.names = List.copyOf(names);
        names.forEach(name -> ids.put(name, ids.size()));
        Checks.require(!names.isEmpty(), NAME, "expected at least one class");
        Checks.require(ids.size() == names.size(), NAME, "expected distinct names, got %s", names);
    }

    /**
     * Creates classes from their names.
     *
     * @param names the names in the order of the ids
     * @return the classes
     * @throws IllegalArgumentException if there are no names or duplicate names
     */
    public static ClassNames of(List<String> names) {
        return new ClassNames(names);
    }

    /**
     * Reads all documents and collects their labels.
     *
     * @param records the training documents
     * @return the sorted classes, in numerical order if all labels are integers
     * @throws IOException if the data cannot be read
     * @throws IllegalArgumentException if there are no labels, or more than 10,000
     */
    public static ClassNames scan(RecordSource records) throws IOException {
        Set<String> labels = new HashSet<>();
        try (RecordStream stream = records.open()) {
            for (TextRecord record = stream.next(); record != null; record = stream.next()) {
                if (record.label() != null) {
                    labels.add(record.label());
                }
                Checks.require(
                        labels.size() <= MAX_CLASSES,
                        NAME,
                        "more than %d distinct labels up to %s: is this the right field or column"
                                + " for the labels?",
                        MAX_CLASSES,
                        record.origin());
                if (record.rest() != null) {
                    record.rest().close();
                }
            }
        }
        Checks.require(
                !labels.isEmpty(), NAME, "no document has a label: %s", records.fingerprint());
        List<String> sorted = new ArrayList<>(labels);
        boolean areNumbers = labels.stream().allMatch(label -> label.matches(INTEGER));
        sorted.sort(
                areNumbers ? Comparator.comparingLong(Long::parseLong) : Comparator.naturalOrder());
        return new ClassNames(sorted);
    }

    /**
     * Returns the names.
     *
     * @return the names in the order of the ids
     */
    public List<String> names() {
        return names;
    }

    /**
     * Returns the id of a class.
     *
     * @param name its name
     * @return its id, or −1 if there is no such class
     */
    public int id(String name) {
        return ids.getOrDefault(name, -1);
    }
}
