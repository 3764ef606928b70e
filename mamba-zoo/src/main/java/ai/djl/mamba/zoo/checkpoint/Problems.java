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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with the tensors of a file, to report it all at once. */
final class Problems {

    /** The number of problems of each kind that a message names. */
    private static final int MAX_NAMED = 20;

    /** What can be wrong with a tensor. */
    enum Kind {
        MISSING("missing"),
        SHAPE("of another shape"),
        TYPE("of another type"),
        SURPLUS("unexpected"),
        CONTENT("wrong");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private final Map<Kind, List<String>> named = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

    /** Adds a problem, which its text describes fully. */
    void add(Kind kind, String text) {
        List<String> texts = named.computeIfAbsent(kind, unused -> new ArrayList<>());
        if (texts.size() < MAX_NAMED) {
            texts.add(text);
        }
        counts.merge(kind, 1, Integer::sum);
    }

    boolean isEmpty() {
        return counts.isEmpty();
    }

    /**
     * Makes the complaint.
     *
     * @param file the file with the tensors
     * @param other what decides which tensors there should be
     */
    MalformedModelException exception(Path file, String other) {
        List<String> parts = new ArrayList<>();
        named.forEach(
                (kind, texts) -> {
                    parts.addAll(texts);
                    int more = counts.get(kind) - texts.size();
                    if (more > 0) {
                        parts.add("and " + more + " more " + kind.words);
                    }
                });
        return Malformed.of(file + " does not fit " + other + ": " + String.join("; ", parts));
    }
}
