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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.Mixer;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Tells in which options two models differ. */
final class ConfigDifferences {

    private static final String LAYERS = "layers";

    private ConfigDifferences() {}

    /** The kinds of the layers, each once: two models of other kinds differ in everything. */
    static String kinds(MambaConfig config) {
        return config.layers().stream()
                .map(Mixer::kind)
                .distinct()
                .collect(Collectors.joining(" and "));
    }

    /** All options of a configuration by their names. */
    static Map<String, String> options(MambaConfig config) {
        Map<String, String> options = new LinkedHashMap<>();
        add("", config, options);
        options.remove(LAYERS);
        if (config.mixers().size() == 1) {
            Mixer mixer = config.layers().get(0);
            options.put("numLayers", String.valueOf(config.numLayers()));
            options.put("kind", mixer.kind());
            add("", (Record) mixer, options);
        } else {
            for (int i = 0; i < config.numLayers(); i++) {
                options.put("layer " + i, config.layers().get(i).toString());
            }
        }
        return options;
    }

    private static void add(String prefix, Record values, Map<String, String> options) {
        for (RecordComponent component : values.getClass().getRecordComponents()) {
            String name = prefix + component.getName();
            Object value = get(component, values);
            if (value instanceof Record inner) {
                add(name + '.', inner, options);
            } else {
                options.put(name, String.valueOf(value));
            }
        }
    }

    private static Object get(RecordComponent component, Record values) {
        try {
            component.getAccessor().setAccessible(true); // a kind of mixer need not be public
            return component.getAccessor().invoke(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    /** The options that others lack or have with another value: name=value, name=value. */
    static String list(Map<String, String> options, Map<String, String> others) {
        return options.entrySet().stream()
                .filter(option -> !option.getValue().equals(others.get(option.getKey())))
                .map(option -> option.getKey() + '=' + option.getValue())
                .collect(Collectors.joining(", "));
    }
}
