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
package ai.djl.mamba.zoo.internal.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The id of a model on a hub, with a revision.
 *
 * <p>The parts are used in URLs and folder names. Each has therefore at most 96 letters, digits,
 * "_", "-" and ".", starts with a letter, a digit or "_", does not end with "." and does not
 * contain "..".
 *
 * @param owner the user or organization
 * @param name the name of the repository
 * @param revision a branch, a tag or a commit
 */
public record HubId(String owner, String name, String revision) {

    private static final String MAIN = "main";
    private static final String PART = "\\w[\\w.-]{0,95}";
    private static final Pattern FORM =
            Pattern.compile("(" + PART + ")/(" + PART + ")(?:@(" + PART + "))?");

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a part is invalid
     */
    public HubId {
        check("owner", owner);
        check("name", name);
        check("revision", revision);
    }

    private static void check(String what, String part) {
        if (!isPart(part)) {
            throw new IllegalArgumentException(
                    "the "
                            + what
                            + " of a model on a hub must be at most 96 of A-Z a-z 0-9 . _ -, got \""
                            + part
                            + "\"");
        }
    }

    private static boolean isPart(String part) {
        return part.matches(PART) && !part.contains("..") && !part.endsWith(".");
    }

    /**
     * Parses {@code owner/name} or {@code owner/name@revision}. The default revision is {@code
     * main}.
     *
     * @param id the text
     * @return the id
     * @throws IllegalArgumentException if the text has another form
     */
    public static HubId parse(String id) {
        Matcher matcher = FORM.matcher(id);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected owner/name or owner/name@revision, got \"" + id + "\"");
        }
        String revision = matcher.group(3);
        return new HubId(matcher.group(1), matcher.group(2), revision == null ? MAIN : revision);
    }

    /**
     * Returns whether {@link #parse} accepts a text. A relative path may have the same form:
     * callers that accept both should look for the folder first.
     *
     * @param id the text
     * @return whether it has the form of an id
     */
    public static boolean isHubId(String id) {
        Matcher matcher = FORM.matcher(id);
        return matcher.matches()
                && isPart(matcher.group(1))
                && isPart(matcher.group(2))
                && (matcher.group(3) == null || isPart(matcher.group(3)));
    }

    /**
     * Returns the id in the form accepted by {@link #parse}.
     *
     * @return {@code owner/name}, followed by {@code @revision} unless it is {@code main}
     */
    @Override
    public String toString() {
        return owner + '/' + name + (revision.equals(MAIN) ? "" : '@' + revision);
    }
}
