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
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Checks that a position belongs to the same data and options. */
final class Fingerprint {

    private static final String KEY = "fingerprint";

    private Fingerprint() {}

    static void add(JsonObject position, JsonObject fingerprint) {
        position.add(KEY, fingerprint.deepCopy());
    }

    /**
     * Compares the fingerprint of a position.
     *
     * @throws IllegalArgumentException if they differ; the message lists the differences
     */
    static void check(String source, JsonObject position, JsonObject own) {
        Checks.require(
                position.get(KEY) instanceof JsonObject,
                source,
                "expected a position of a batch source, got %s",
                position);
        JsonObject saved = position.getAsJsonObject(KEY);
        Set<String> keys = new TreeSet<>(own.keySet());
        keys.addAll(saved.keySet());
        List<String> differences = new ArrayList<>();
        for (String key : keys) {
            if (!String.valueOf(own.get(key)).equals(String.valueOf(saved.get(key)))) {
                differences.add(
                        String.format(
                                "%s was %s, is now %s",
                                key, show(saved.get(key)), show(own.get(key))));
            }
        }
        Checks.require(
                differences.isEmpty(),
                source,
                "the position belongs to other data or options: %s",
                String.join("; ", differences));
    }

    private static String show(JsonElement value) {
        return value == null ? "missing" : value.toString();
    }
}
