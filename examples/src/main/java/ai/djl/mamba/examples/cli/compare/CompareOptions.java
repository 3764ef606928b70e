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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code mamba compare} that its child processes need as well. */
final class CompareOptions {

    private static final double GIB = 1 << 30;

    @Option(
            names = "--model-size",
            paramLabel = "D",
            defaultValue = "256",
            description = "size of the hidden vectors (default: ${DEFAULT-VALUE})")
    private int modelSize;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "4",
            description =
                    "number of Mamba blocks; there are half as many transformer layers (default:"
                            + " ${DEFAULT-VALUE})")
    private int layers;

    @Option(
            names = "--vocab",
            paramLabel = "V",
            defaultValue = "256",
            description = "number of token ids (default: ${DEFAULT-VALUE})")
    private int vocab;

    @Option(
            names = "--state",
            paramLabel = "N",
            defaultValue = "16",
            description = "states of a channel of Mamba (default: ${DEFAULT-VALUE})")
    private int state;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "1",
            description = "sequences at a time (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "L",
            defaultValue = "256,512,1024,2048,4096,8192,16384,32768,65536",
            description = "lengths, ascending (default: ${DEFAULT-VALUE})")
    private List<Integer> lengths;

    @Option(
            names = "--call-limit",
            paramLabel = "S",
            defaultValue = "30",
            description =
                    "a model stops at the length where one call takes longer than this many seconds"
                            + " (default: ${DEFAULT-VALUE})")
    private double callLimit;

    @Option(
            names = "--memory-limit",
            paramLabel = "GIB",
            description =
                    "a model stops at the length where it needs more than this many GiB (default:"
                            + " 85 %% of the free memory)")
    private Double memoryLimit;

    private CompareOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--model-size", modelSize, 2);
        common.require("--model-size", modelSize % 2 == 0, "expected an even number");
        common.atLeast("--layers", layers, 1);
        common.atLeast("--vocab", vocab, 2);
        common.atLeast("--state", state, 1);
        common.atLeast("--batch", batch, 1);
        common.atLeast("--lengths", lengths.get(0), 2);
        for (int i = 1; i < lengths.size(); i++) {
            common.require(
                    "--lengths",
                    lengths.get(i) > lengths.get(i - 1),
                    "expected ascending lengths, got " + lengths);
        }
        boolean isTime = callLimit > 0 && Double.isFinite(callLimit);
        common.require("--call-limit", isTime, "expected a positive number, got " + callLimit);
        common.require(
                "--memory-limit",
                memoryLimit == null || memoryLimit > 0,
                "expected a positive number, got " + memoryLimit);
    }

    CompareShape shape() {
        return new CompareShape(vocab, modelSize, layers, state);
    }

    int batch() {
        return batch;
    }

    List<Integer> lengths() {
        return lengths;
    }

    double callLimit() {
        return callLimit;
    }

    /** The number of bytes that a call may take; infinite if that is not known. */
    double memoryLimit(DeviceMemory memory) {
        if (memoryLimit != null) {
            return memoryLimit * GIB;
        }
        var available = memory.available();
        return available.isPresent() ? 0.85 * available.getAsLong() : Double.POSITIVE_INFINITY;
    }

    /** These options as arguments of a child process. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        add(arguments, "--model-size", modelSize);
        add(arguments, "--layers", layers);
        add(arguments, "--vocab", vocab);
        add(arguments, "--state", state);
        add(arguments, "--batch", batch);
        add(arguments, "--lengths", String.join(",", lengths.stream().map(l -> "" + l).toList()));
        add(arguments, "--call-limit", callLimit);
        if (memoryLimit != null) {
            add(arguments, "--memory-limit", memoryLimit);
        }
        return arguments;
    }

    private static void add(List<String> arguments, String name, Object value) {
        arguments.add(name);
        arguments.add(String.valueOf(value));
    }
}
