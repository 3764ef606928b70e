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
 * The available kinds of mixers: all those listed in {@code
 * META-INF/services/ai.djl.mamba.layer.Mixer} by any jar on the class path.
 */
final class Mixers {

    private static final String NAME = "Mixer"; // the public class, for messages
    private static final String KIND = "kind";
    private static final Map<String, Mixer> DEFAULTS = find();

    private Mixers() {}

    private static Map<String, Mixer> find() {
        Map<String, Mixer> found = new TreeMap<>();
        for (Mixer mixer : ServiceLoader.load(Mixer.class, Mixer.class.getClassLoader())) {
            Mixer other = found.putIfAbsent(mixer.kind(), mixer);
            Checks.require(
                    other == null && mixer instanceof Record,
                    NAME,
                    "expected one record of kind %s, got %s and %s",
                    mixer.kind(),
                    mixer.getClass(),
                    other == null ? null : other.getClass());
        }
        return Collections.unmodifiableMap(found);
    }

    static Set<String> kinds() {
        return DEFAULTS.keySet();
    }

    static Mixer defaults(String kind) {
        Mixer defaults = DEFAULTS.get(kind);
        Checks.require(
                defaults != null, NAME, "unknown kind %s, expected one of %s", kind, kinds());
        return defaults;
    }

    static JsonObject toJson(Mixer mixer) {
        JsonObject json = new JsonObject();
        json.addProperty(KIND, mixer.kind());
        Record defaults = (Record) defaults(mixer.kind());
        RecordJson.write((Record) mixer, defaults)
                .entrySet()
                .forEach(entry -> json.add(entry.getKey(), entry.getValue()));
        return json;
    }

    static Mixer fromJson(JsonObject json, String... others) {
        JsonElement kind = Checks.given("Mixers", "json", json).get(KIND);
        Checks.require(
                kind != null && kind.isJsonPrimitive(),
                NAME,
                "expected the name of a kind under the key \"%s\" in %s",
                KIND,
                json);
        Record defaults = (Record) defaults(kind.getAsString());
        String[] left = Arrays.copyOf(others, others.length + 1);
        left[others.length] = KIND;
        return (Mixer) RecordJson.read(defaults.getClass().getSimpleName(), json, defaults, left);
    }
}
