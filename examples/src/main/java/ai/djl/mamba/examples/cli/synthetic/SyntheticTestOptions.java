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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The options of {@code mamba synthetic} that say how models are tested. */
final class SyntheticTestOptions {

    private static final int MIN_BITS = 6;

    @Option(
            names = "--test-sequences",
            paramLabel = "N",
            defaultValue = "256",
            description =
                    "maximum number of sequences to test at a length (default: ${DEFAULT-VALUE})")
    private int sequences;

    @Option(
            names = "--test-tokens",
            paramLabel = "N",
            defaultValue = "4194304",
            description =
                    "maximum number of tokens to test at a length: longer sequences are fewer, but at"
                            + " least 8 (default: ${DEFAULT-VALUE})")
    private long tokens;

    @Option(
            names = "--longest",
            paramLabel = "N",
            defaultValue = "65536",
            description =
                    "the longest sequences of induction heads, which are tested at each power of two"
                            + " from 64 (default: ${DEFAULT-VALUE}; the paper's is 1048576)")
    private int longest;

    @Option(
            names = "--longest-attention",
            paramLabel = "N",
            defaultValue = "4096",
            description =
                    "the same for the transformer, whose memory grows with the square of the length"
                            + " (default: ${DEFAULT-VALUE})")
    private int longestAttention;

    private SyntheticTestOptions() {}

    void check(CommonOptions common) {
        common.atLeast("--test-sequences", sequences, 1);
        common.require("--test-tokens", tokens > 0, "expected a positive number, got " + tokens);
        common.atLeast("--longest", longest, 1 << MIN_BITS);
        common.atLeast("--longest-attention", longestAttention, 1 << MIN_BITS);
    }

    /**
     * Tests a model at all lengths, ascending, and prints the accuracies.
     *
     * @param evaluator tests the model
     * @param settings the task and the length of copying
     * @param hasState whether the memory of the model does not grow with the length
     * @param name the name of the model
     * @param output where to print
     */
    List<SyntheticEvaluator.Accuracy> run(
            SyntheticEvaluator evaluator,
            SyntheticSettings settings,
            boolean hasState,
            String name,
            Output output) {
        List<SyntheticEvaluator.Accuracy> accuracies = new ArrayList<>();
        for (int length : lengths(settings, hasState)) {
            SyntheticEvaluator.Accuracy accuracy = evaluator.accuracy(length, sequences(length));
            accuracies.add(accuracy);
            output.line(
                    "  %s at %,d tokens: %.2f %% of %,d answers",
                    name, length, 100 * accuracy.value(), accuracy.answers());
        }
        return accuracies;
    }

    /** Copying has one length, that of training. */
    private List<Integer> lengths(SyntheticSettings settings, boolean hasState) {
        if (settings.task() != SyntheticTask.INDUCTION_HEADS) {
            return List.of(settings.length());
        }
        int most = hasState ? longest : Math.min(longest, longestAttention);
        return IntStream.range(MIN_BITS, Integer.SIZE - 1)
                .map(bits -> 1 << bits)
                .takeWhile(length -> length <= most)
                .boxed()
                .toList();
    }

    private int sequences(int length) {
        return (int) Math.min(sequences, Math.max(8, tokens / length));
    }
}
