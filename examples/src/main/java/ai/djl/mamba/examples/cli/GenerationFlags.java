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
import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.zoo.TextModel;
import ai.djl.mamba.zoo.internal.model.GenerationDefaults.Said;
import ai.djl.mamba.zoo.text.GenerationArguments;
import ai.djl.mamba.zoo.text.GenerationOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The options that say how a text is continued. */
final class GenerationFlags {

    private static final double USUAL_TEMPERATURE = 0.8;

    /** Options whose first name is shorter than that of transformers. */
    private static final Map<String, String> SHORT =
            Map.of("num_beams", "beams", "num_return_sequences", "samples", "stop_strings", "stop");

    private static final Pattern QUOTED = Pattern.compile("\"([a-z_]+)\"");

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description =
                    "maximum number of tokens (default: what the model's generation_config.json says,"
                            + " as for all options here, or 256)")
    private Integer maxNewTokens;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "maximum number of tokens, those of the prompt included (default: off)")
    private Integer maxLength;

    @Option(
            names = "--min-new-tokens",
            paramLabel = "N",
            description = "minimum number of tokens before the token that ends a text (default: 0)")
    private Integer minNewTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "0 takes the most likely token, higher values vary more (default: 0.8, or 0 with"
                            + " --beams or where generation_config.json says do_sample false)")
    private Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "only the K most likely tokens (default: off)")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "only the most likely tokens that make up P together (default: off)")
    private Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description =
                    "only tokens with at least P times the largest probability (default: off)")
    private Double minP;

    @Option(
            names = "--typical-p",
            paramLabel = "P",
            description = "only the most typical tokens that make up P together (default: off)")
    private Double typicalP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "above 1: repeats less of the prompt and the continuation (default: off)")
    private Double repetitionPenalty;

    @Option(
            names = "--no-repeat-ngram-size",
            paramLabel = "N",
            description = "no N tokens in a row occur twice, prompt included (default: off)")
    private Integer noRepeatNgramSize;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description =
                    "above 0: the more often a token was generated, the less likely it becomes (default:"
                            + " off)")
    private Double frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "above 0: tokens that were generated become less likely (default: off)")
    private Double presencePenalty;

    @Option(
            names = "--eos-token-id",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            paramLabel = "ID",
            description = "ids that end a text: 0,2 (default: those of the model)")
    private List<Integer> endIds;

    @Option(
            names = {"--stop", "--stop-strings"},
            paramLabel = "TEXT",
            description = "stop before this text; may be given several times")
    private List<String> stop;

    @Option(
            names = {"--samples", "--num-return-sequences"},
            paramLabel = "N",
            description = "number of continuations; the prompt is read once (default: 1)")
    private Integer samples;

    @Option(
            names = {"--beams", "--num-beams"},
            paramLabel = "N",
            description = "width of beam search (default: off)")
    private Integer beams;

    @Option(
            names = "--early-stopping",
            paramLabel = "WHEN",
            description =
                    "beam search ends when there are enough finished beams (true), when the running"
                            + " ones are worse at their present length (false), or at any length"
                            + " (never; default: false)")
    private String earlyStopping;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            description = "a beam's score is divided by its length to this power (default: 1)")
    private Double lengthPenalty;

    @Option(
            names = "--log-probs",
            paramLabel = "N",
            description = "with --json: log-probabilities of each token and the N most likely ones")
    private int logProbs = -1;

    private GenerationFlags() {}

    /** Refuses flags that need a tokenizer if there is none. */
    void check(TextModel model) {
        if (stop != null && !model.hasTokenizer()) {
            throw new Failure("--stop: without a tokenizer there is no text to stop at");
        }
    }

    /** Checks the values, before a model is loaded in vain; a wrong one is wrong usage. */
    void check(CommonOptions common) {
        common.require(
                "--log-probs",
                logProbs < 0 || common.output().json(),
                "they are printed with --json only");
        options(common, GenerationOptions.builder().build(), new Said(false, 1));
    }

    /** The options: those that are given, and otherwise those of the model. */
    GenerationOptions options(CommonOptions common, GenerationOptions defaults, Said file) {
        try {
            return GenerationArguments.read(given(common, defaults, file), defaults).toBuilder()
                    .optLogProbs(logProbs)
                    .build();
        } catch (IllegalArgumentException e) {
            throw common.wrong(inWordsOfOptions(e.getMessage()));
        }
    }

    private Map<String, Object> given(CommonOptions common, GenerationOptions defaults, Said file) {
        Map<String, Object> given = new HashMap<>(); // null where a flag is not given
        given.put("max_new_tokens", maxNewTokens);
        given.put("max_length", maxLength);
        given.put("min_new_tokens", minNewTokens);
        if (beams != null && beams > 1 && temperature == null && !asksToSample()) {
            given.put("do_sample", false); // though the file may say how to sample
        }
        given.put("temperature", temperature(defaults, file));
        given.put("top_k", topK);
        given.put("top_p", topP);
        given.put("min_p", minP);
        given.put("typical_p", typicalP);
        given.put("repetition_penalty", repetitionPenalty);
        given.put("no_repeat_ngram_size", noRepeatNgramSize);
        given.put("frequency_penalty", frequencyPenalty);
        given.put("presence_penalty", presencePenalty);
        given.put("eos_token_id", endIds);
        given.put("stop_strings", stop);
        given.put("num_return_sequences", samples == null ? samples(defaults, file) : samples);
        given.put("num_beams", beams);
        given.put("early_stopping", earlyStopping);
        given.put("length_penalty", lengthPenalty);
        given.put("seed", common.seed());
        return given;
    }

    /** What the file says, but no more than there are beams by the command line. */
    private int samples(GenerationOptions defaults, Said file) {
        int width = beams == null ? defaults.beams() : beams;
        return width > 1 ? Math.min(width, file.sequences()) : file.sequences();
    }

    private boolean asksToSample() {
        return topK != null || topP != null || minP != null || typicalP != null;
    }

    /** Texts are sampled unless the file or flags want something else: programs are not. */
    private double temperature(GenerationOptions defaults, Said file) {
        if (temperature != null) {
            return temperature;
        }
        if (beams == null ? defaults.beams() > 1 : beams > 1) {
            return 0;
        }
        if (file.isGreedy() && !asksToSample() && (samples == null || samples == 1)) {
            return 0;
        }
        return defaults.temperature() > 0 ? defaults.temperature() : USUAL_TEMPERATURE;
    }

    /** From the names of Java and transformers to those here: topP and "top_p" are --top-p. */
    static String inWordsOfOptions(String message) {
        return QUOTED.matcher(GenerationArguments.inNamesOfArguments(message))
                .replaceAll(
                        name ->
                                GenerationArguments.names().contains(name.group(1))
                                        ? "--"
                                                + SHORT.getOrDefault(name.group(1), name.group(1))
                                                        .replace('_', '-')
                                        : name.group());
    }
}
