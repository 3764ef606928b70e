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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.RecordJson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/**
 * The kinds of mixers that there are: all that {@code META-INF/services/ai.djl.mamba.layer.Mixer}
 * of any jar on the class path lists.
 */
public final class Mixers {

    private static final String KIND = "kind";
    private static final Map<String, Mixer> DEFAULTS = find();

    private Mixers() {}

    private static Map<String, Mixer> find() {
        Map<String, Mixer> found = new TreeMap<>();
        for (Mixer mixer : ServiceLoader.load(Mixer.class, Mixer.class.getClassLoader())) {
            Mixer other = found.putIfAbsent(mixer.kind(), mixer);
            Checks.require(
                    other == null && mixer instanceof Record,
                    "Mixers",
                    "expected one record of the kind %s, got %s and %s",
                    mixer.kind(),
                    mixer.getClass(),
                    other == null ? null : other.getClass());
        }
        return Collections.unmodifiableMap(found);
    }

    /**
     * Returns the names of all kinds.
     *
     * @return the names, in alphabetical order
     */
    public static Set<String> kinds() {
        return DEFAULTS.keySet();
    }

    /**
     * Returns the default options of a kind.
     *
     * @param kind the name of the kind, see {@link Mixer#kind}
     * @return the options
     * @throws IllegalArgumentException if there is no such kind
     */
    public static Mixer defaults(String kind) {
        Mixer defaults = DEFAULTS.get(kind);
        Checks.require(
                defaults != null, "Mixers", "unknown kind %s, expected one of %s", kind, kinds());
        return defaults;
    }

    /**
     * Writes options as JSON, those that are as by default left out.
     *
     * @param mixer the options
     * @return the kind and the options
     */
    public static JsonObject toJson(Mixer mixer) {
        JsonObject json = new JsonObject();
        json.addProperty(KIND, mixer.kind());
        Record defaults = (Record) defaults(mixer.kind());
        RecordJson.write((Record) mixer, defaults)
                .entrySet()
                .forEach(entry -> json.add(entry.getKey(), entry.getValue()));
        return json;
    }

    /**
     * Reads options that {@link #toJson} wrote.
     *
     * @param json the kind and the options
     * @param others keys that are not options and are left to the caller
     * @return the options
     * @throws IllegalArgumentException if the kind or an option is unknown, or a value is wrong
     */
    public static Mixer fromJson(JsonObject json, String... others) {
        JsonElement kind = json.get(KIND);
        Checks.require(
                kind != null && kind.isJsonPrimitive(),
                "Mixers",
                "expected the name of a kind under the key \"%s\" in %s",
                KIND,
                json);
        Record defaults = (Record) defaults(kind.getAsString());
        String[] left = Arrays.copyOf(others, others.length + 1);
        left[others.length] = KIND;
        return (Mixer) RecordJson.read(defaults.getClass().getSimpleName(), json, defaults, left);
    }
}
