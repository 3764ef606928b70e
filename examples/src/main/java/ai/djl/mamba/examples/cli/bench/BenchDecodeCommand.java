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

import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mamba bench decode}: times the decoding of a language model. */
@Command(
        name = "decode",
        description =
                "Time the greedy decoding of a language model, one token after another, with each scan.",
        footerHeading = "%n",
        footer = {
            "tokens_per_second: generated tokens, B x L, divided by the seconds from the first step to"
                    + " the last token in Java.",
            BenchModelCommand.RATIO,
            BenchModelOptions.WHAT_DIFFERS,
            BenchModelOptions.SHAPES,
            BenchOptions.METHOD
        },
        defaultValueProvider = CommonOptions.AutoDevice.class)
final class BenchDecodeCommand extends BenchModelCommand {

    @Option(
            names = "--length",
            paramLabel = "L",
            defaultValue = "32",
            description = "tokens to generate for each sequence (default: ${DEFAULT-VALUE})")
    private int length;

    private BenchDecodeCommand() {}

    @Override
    int length() {
        return length;
    }

    @Override
    Map<String, Function<String, Task>> cases(BenchModel model) {
        return Map.of("", scan -> model.decode(scan, length));
    }
}
