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
package ai.djl.mamba.examples.cli.common;

import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that say what a command prints. */
public final class OutputOptions {

    @Option(
            names = "--json",
            description =
                    "print one JSON object on standard output, everything else on standard error")
    private boolean json;

    @Option(names = "--verbose", description = "print the stack trace of a failure")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and exit")
    boolean help;

    private OutputOptions() {}

    /**
     * Returns where a command writes.
     *
     * @param command the command
     * @return the output
     */
    public Output of(CommandLine command) {
        return new Output(command.getOut(), command.getErr(), json);
    }
}
