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
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** The modules that a key of PEFT's configuration selects. */
@FunctionalInterface
interface ModuleSelection {

    /** Whether a module, given by its full name, is selected. */
    boolean contains(String module);

    /**
     * Reads a list of names of modules, full or without their first parts, or a regular expression
     * for full names.
     */
    static ModuleSelection of(ConfigFile file, String key) throws MalformedModelException {
        if (file.get(key) instanceof JsonPrimitive text && text.isString()) {
            Pattern pattern = pattern(file, key, text.getAsString());
            return module -> pattern.matcher(module).matches();
        }
        List<String> names = names(file, key);
        return module ->
                names.stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
    }

    /** Reads a regular expression of Python. */
    static Pattern pattern(ConfigFile file, String key, String regex)
            throws MalformedModelException {
        try {
            return PythonRegex.compile(regex);
        } catch (PatternSyntaxException e) {
            throw file.malformed(
                    key,
                    String.format(
                            "names of modules or a regular expression that Java can read (%s near"
                                    + " index %d)",
                            e.getDescription(), e.getIndex()));
        }
    }

    /** Reads a list of names. */
    static List<String> names(ConfigFile file, String key) throws MalformedModelException {
        List<String> names = new ArrayList<>();
        for (JsonElement name : file.list(key)) {
            if (!(name instanceof JsonPrimitive text && text.isString())) {
                throw file.malformed(key, "names of modules");
            }
            names.add(name.getAsString());
        }
        return names;
    }
}
