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

import ai.djl.mamba.examples.cli.Main;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** Runs commands one after another, in a JVM whose working folder looks like the project. */
final class CommandsRun {

    /** What stands between two commands. */
    static final String NEXT = "&&";

    private CommandsRun() {}

    public static void main(String[] args) {
        List<String> words = Arrays.asList(args);
        int start = 0;
        for (int i = 0; i <= words.size(); i++) {
            if (i == words.size() || words.get(i).equals(NEXT)) {
                run(words.subList(start, i));
                start = i + 1;
            }
        }
    }

    private static void run(List<String> arguments) {
        System.err.println("$ mamba " + String.join(" ", arguments)); // to find what failed
        CommandLine commandLine = Main.commandLine();
        commandLine.setOverwrittenOptionsAllowed(true); // the test appends what makes it short
        PrintWriter writer = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        commandLine.setOut(writer);
        commandLine.setErr(writer);
        System.out.println(commandLine.execute(arguments.toArray(new String[0])));
    }
}
