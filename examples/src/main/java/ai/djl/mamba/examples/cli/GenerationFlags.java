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
package ai.djl.mamba.examples.cli;

import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.Failures;
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.text.GenerationOptions;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The options that say how a text is continued. */
final class GenerationFlags {

    private static final Pattern CAMEL_CASE = Pattern.compile("\\b[a-z]+([A-Z][a-z]*)+\\b");

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "maximum number of tokens (default: ${DEFAULT-VALUE})")
    private int maxNewTokens;

    @Option(
            names = "--min-new-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "minimum number of tokens before the token that ends a text (default:"
                            + " ${DEFAULT-VALUE})")
    private int minNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "0 takes the most likely token, higher values vary more (default: 0.8, or 0 with"
                            + " --beams)")
    private Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "only the K most likely tokens (default: off)")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "only the most likely tokens that make up P together (default: off)")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "only tokens with at least P times the largest probability (default: off)")
    private double minP;

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "only the most typical tokens that make up P together (default: off)")
    private double typicalP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "above 1: repeats less of the prompt and the continuation (default: off)")
    private double repetitionPenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description =
                    "above 0: the more often a token was generated, the less likely it becomes (default:"
                            + " off)")
    private double frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description = "above 0: tokens that were generated become less likely (default: off)")
    private double presencePenalty;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "stop before this text; may be given several times")
    private List<String> stop = List.of();

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "number of continuations; the prompt is read once (default: 1)")
    private int samples;

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "1",
            description = "width of beam search (default: off)")
    private int beams;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "a beam's score is divided by its length to this power (default: 1)")
    private double lengthPenalty;

    @Option(
            names = "--log-probs",
            paramLabel = "N",
            defaultValue = "-1",
            description = "with --json: log-probabilities of each token and the N most likely ones")
    private int logProbs;

    private GenerationFlags() {}

    /** Refuses flags that need a tokenizer if there is none. */
    void check(TextModel model) {
        if (!stop.isEmpty() && !model.hasTokenizer()) {
            throw new Failure("--stop: without a tokenizer there is no text to stop at");
        }
    }

    /** The options; a wrong value is wrong usage. */
    GenerationOptions options(CommonOptions common) {
        common.require(
                "--log-probs",
                logProbs < 0 || common.output().json(),
                "they are printed with --json only");
        try {
            return GenerationOptions.builder()
                    .optMaxNewTokens(maxNewTokens)
                    .optMinNewTokens(minNewTokens)
                    .optTemperature(temperature())
                    .optTopK(topK)
                    .optTopP(topP)
                    .optMinP(minP)
                    .optTypicalP(typicalP)
                    .optRepetitionPenalty(repetitionPenalty)
                    .optFrequencyPenalty(frequencyPenalty)
                    .optPresencePenalty(presencePenalty)
                    .optStopStrings(stop)
                    .optSamples(samples)
                    .optBeams(beams)
                    .optLengthPenalty(lengthPenalty)
                    .optLogProbs(logProbs)
                    .optSeed(common.seed())
                    .build();
        } catch (IllegalArgumentException e) {
            throw common.wrong(inWordsOfOptions(e.getMessage()));
        }
    }

    /** From the names of Java's builder to those of the command line: topP is --top-p here. */
    private static String inWordsOfOptions(String message) {
        return CAMEL_CASE
                .matcher(Failures.withoutClass(message))
                .replaceAll(
                        name ->
                                "--"
                                        + name.group()
                                                .replaceAll("[A-Z]", "-$0")
                                                .toLowerCase(Locale.ROOT));
    }

    private double temperature() {
        if (temperature != null) {
            return temperature;
        }
        return beams > 1 ? 0 : 0.8;
    }
}
