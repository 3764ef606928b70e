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
    private static final int MOST = 10_000;
    private static final String WHOLE_NUMBER = "-?[0-9]{1,18}";

    private final List<String> names;
    private final Map<String, Integer> ids = new HashMap<>();

    private ClassNames(List<String> names) {
        this.names = List.copyOf(names);
        names.forEach(name -> ids.put(name, ids.size()));
        Checks.require(!names.isEmpty(), NAME, "expected at least one class");
        Checks.require(ids.size() == names.size(), NAME, "expected different names, got %s", names);
    }

    /**
     * Creates classes.
     *
     * @param names the names in the order of the ids
     * @return the classes
     * @throws IllegalArgumentException if there are none, or two are the same
     */
    public static ClassNames of(List<String> names) {
        return new ClassNames(names);
    }

    /**
     * Reads all documents and collects their labels.
     *
     * @param records the documents to learn from
     * @return the classes, sorted: by number if all labels are whole numbers
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
                        labels.size() <= MOST,
                        NAME,
                        "more than %d different labels by %s: is this what the documents are to be"
                                + " told apart by?",
                        MOST,
                        record.origin());
                if (record.rest() != null) {
                    record.rest().close();
                }
            }
        }
        Checks.require(
                !labels.isEmpty(), NAME, "no document has a label: %s", records.fingerprint());
        List<String> sorted = new ArrayList<>(labels);
        boolean areNumbers = labels.stream().allMatch(label -> label.matches(WHOLE_NUMBER));
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
     * Looks up a class.
     *
     * @param name its name
     * @return its id, or -1 if there is no such class
     */
    public int id(String name) {
        return ids.getOrDefault(name, -1);
    }
}
