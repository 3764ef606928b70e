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
package ai.djl.mamba.examples.cli.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mamba bench}: how fast the scans are on this machine. */
@Command(
        name = "bench",
        description = "Measure how fast each scan is on this machine, side by side in one run.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {BenchScanCommand.class, BenchPrefillCommand.class, BenchDecodeCommand.class})
public final class BenchCommand {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help and exit")
    boolean help;

    private BenchCommand() {}
}
