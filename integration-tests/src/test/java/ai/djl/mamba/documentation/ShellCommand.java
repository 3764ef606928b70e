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
package ai.djl.mamba.documentation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command in a bash block of a document; those that {@code &&} joins are several.
 *
 * @param place the document and the line
 * @param text the command as it stands there
 * @param words its words without quotes and without leading assignments of the environment
 */
record ShellCommand(String place, String text, List<String> words) {

    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Z_0-9]+=.*");

    /** The commands of all documents, in their order. */
    static List<ShellCommand> all() throws IOException {
        List<ShellCommand> commands = new ArrayList<>();
        for (CodeBlock block : Document.blocks("bash")) {
            for (int i = 0; i < block.lines().size(); i++) {
                String place = block.document() + ":" + (block.line() + 1 + i);
                for (String text : block.lines().get(i).split(" && ", -1)) {
                    commands.add(parse(place, text.strip()));
                }
            }
        }
        return commands;
    }

    private static ShellCommand parse(String place, String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            String word = matcher.group();
            if (!words.isEmpty() || !ASSIGNMENT.matcher(word).matches()) {
                words.add(word.replaceAll("['\"]", ""));
            }
        }
        return new ShellCommand(place, text, List.copyOf(words));
    }

    /** Whether it is a command of this project's command line. */
    boolean isMamba() {
        return words.size() > 3
                && words.subList(0, 2).equals(List.of("java", "-jar"))
                && words.get(2).endsWith("mamba.jar");
    }

    /** The arguments of the command line. */
    List<String> arguments() {
        return words.subList(3, words.size());
    }

    @Override
    public String toString() {
        return place + ": " + text;
    }
}
