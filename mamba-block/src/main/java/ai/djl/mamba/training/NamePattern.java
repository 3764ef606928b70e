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
package ai.djl.mamba.training;

import ai.djl.mamba.internal.Checks;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * A name of parts of a model: a plain one, a full one, or a glob for full ones.
 *
 * @param text what the user wrote
 * @param glob what matches full names, or {@code null} for a name without wildcards
 */
record NamePattern(String text, PathMatcher glob) {

    private static final String WILDCARDS = "*?[{";

    /** Parses names. */
    static List<NamePattern> of(String... names) {
        return Stream.of(names).map(NamePattern::parse).toList();
    }

    private static NamePattern parse(String text) {
        boolean isPlain = text.chars().allMatch(c -> WILDCARDS.indexOf(c) < 0);
        Checks.require(!text.isEmpty(), "LoRA", "names of parts must not be empty");
        try {
            PathMatcher glob =
                    isPlain ? null : FileSystems.getDefault().getPathMatcher("glob:" + text);
            return new NamePattern(text, glob);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("LoRA: \"" + text + "\" is not a valid pattern", e);
        }
    }

    /** Returns whether this matches a part with the given names. */
    boolean matches(String plainName, String fullName) {
        return glob == null
                ? plainName.equals(text) || fullName.equals(text)
                : glob.matches(Path.of(fullName));
    }

    @Override
    public String toString() {
        return text;
    }
}
