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

import com.google.re2j.Pattern;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.PatternSyntaxException;

/**
 * Compiles a regular expression of Python from a file of a stranger. RE2 matches in time linear in
 * the text, whatever the expression; what it writes differently is translated: {@code \Z}, a
 * bracket within a set, and {@code {,n}}. What cannot be matched in that time is refused, such as
 * lookaheads, references to groups and conditions, and so is what would be large when compiled.
 */
final class PythonRegex {

    /** The length of an expression times its repetitions, up to which it is compiled. */
    private static final int MAX_SIZE = 10_000;

    private static final java.util.regex.Pattern GROUP =
            java.util.regex.Pattern.compile("\\(\\?P(?:<(?<defined>\\w+)>|=(?<used>\\w+)\\))");
    private static final java.util.regex.Pattern COUNT =
            java.util.regex.Pattern.compile("\\{(\\d*)(,?)(\\d*)\\}");

    private final String regex;
    private final StringBuilder translated = new StringBuilder();
    private final Set<String> groups = new HashSet<>();
    private double size;
    private int next;

    private PythonRegex(String regex) {
        this.regex = regex;
        size = regex.length();
    }

    /**
     * Compiles an expression.
     *
     * @throws PatternSyntaxException if it is not one, or RE2 lacks a part of it
     */
    static Pattern compile(String regex) {
        String translated = new PythonRegex(regex).translate();
        try {
            return Pattern.compile(translated);
        } catch (com.google.re2j.PatternSyntaxException e) {
            String part = e.getPattern() == null ? "" : e.getPattern();
            String what = e.getDescription() + (part.isEmpty() ? "" : ": " + part);
            throw new PatternSyntaxException(what, regex, Math.max(0, regex.indexOf(part)));
        }
    }

    private String translate() {
        while (next < regex.length()) {
            switch (regex.charAt(next)) {
                case '\\' -> escape();
                case '[' -> set();
                case '(' -> group();
                case '{' -> count();
                default -> copy(1);
            }
            if (size > MAX_SIZE) {
                throw new PatternSyntaxException("too long, or too many repetitions", regex, next);
            }
        }
        return translated.toString();
    }

    private void copy(int length) {
        int end = Math.min(next + length, regex.length());
        translated.append(regex, next, end);
        next = end;
    }

    private void escape() {
        if (regex.startsWith("\\Z", next)) {
            translated.append("\\z");
            next += 2;
        } else {
            copy(2);
        }
    }

    /** In a set a bracket has no meaning for Python, nor has a closing one at the start. */
    private void set() {
        copy(regex.startsWith("[^", next) ? 2 : 1);
        int start = next;
        while (next < regex.length() && (regex.charAt(next) != ']' || next == start)) {
            char c = regex.charAt(next);
            if (c == '[') {
                translated.append('\\');
            }
            copy(c == '\\' ? 2 : 1);
        }
        copy(1);
    }

    private void group() {
        Matcher group = GROUP.matcher(regex).region(next, regex.length());
        if (group.lookingAt()) {
            String used = group.group("used");
            if (used != null) {
                boolean isKnown = groups.contains(used);
                String what = isKnown ? "references to groups are not supported" : "unknown group";
                throw new PatternSyntaxException(what, regex, next);
            }
            if (!groups.add(group.group("defined"))) {
                throw new PatternSyntaxException("two groups have one name", regex, next);
            }
        }
        copy(1);
    }

    /** Nested repetitions multiply. */
    private void count() {
        Matcher count = COUNT.matcher(regex).region(next, regex.length());
        if (!count.lookingAt() || count.end() - next == 2) {
            copy(1);
            return;
        }
        MatchResult found = count.toMatchResult();
        size *= Math.max(1, Math.max(number(found.group(1)), number(found.group(3))));
        translated.append(found.group(1).isEmpty() ? "{0" : "{" + found.group(1));
        next = found.start(2);
        copy(found.end() - next);
    }

    private static double number(String digits) {
        return digits.isEmpty() ? 0 : Double.parseDouble(digits);
    }
}
