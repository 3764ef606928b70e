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

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Compiles a regular expression of Python. What the two languages write differently is translated:
 * named groups, {@code (?P<name>…)} and {@code (?P=name)}, whose names may have underscores, and
 * {@code \Z}. Java refuses what else it does not have, such as conditions.
 */
final class PythonRegex {

    private static final Pattern DEFINITION = Pattern.compile("\\(\\?P<(\\w+)>");
    private static final Pattern REFERENCE = Pattern.compile("\\(\\?P=(\\w+)\\)");

    private final String regex;
    private final StringBuilder translated = new StringBuilder();
    private final Map<String, String> groups = new HashMap<>(); // the names that Java accepts
    private int next;

    private PythonRegex(String regex) {
        this.regex = regex;
    }

    /**
     * Compiles an expression.
     *
     * @throws PatternSyntaxException if it is not one, or Java lacks a part of it
     */
    static Pattern compile(String regex) {
        return Pattern.compile(new PythonRegex(regex).translate());
    }

    private String translate() {
        boolean isInSet = false;
        while (next < regex.length()) {
            char c = regex.charAt(next);
            if (c == '\\') {
                escape();
            } else if (c == '(' && !isInSet) {
                group();
            } else {
                // within a set, a bracket has no meaning for Python
                boolean isLiteral = isInSet && c == '[';
                translated.append(isLiteral ? "\\[" : c);
                isInSet = c == '[' || (isInSet && c != ']');
                next++;
            }
        }
        return translated.toString();
    }

    private void escape() {
        String escape = regex.substring(next, Math.min(next + 2, regex.length()));
        translated.append(escape.equals("\\Z") ? "\\z" : escape);
        next += escape.length();
    }

    private void group() {
        Matcher definition = DEFINITION.matcher(regex).region(next, regex.length());
        Matcher reference = REFERENCE.matcher(regex).region(next, regex.length());
        if (definition.lookingAt()) {
            String name = "g" + groups.size();
            if (groups.putIfAbsent(definition.group(1), name) != null) {
                throw new PatternSyntaxException("two groups have one name", regex, next);
            }
            translated.append("(?<").append(name).append('>');
            next = definition.end();
        } else if (reference.lookingAt()) {
            String name = groups.get(reference.group(1));
            if (name == null) {
                throw new PatternSyntaxException("unknown group", regex, next);
            }
            translated.append("\\k<").append(name).append('>');
            next = reference.end();
        } else {
            translated.append('(');
            next++;
        }
    }
}
