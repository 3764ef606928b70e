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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.internal.Nearest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads {@link GenerationOptions} by the names that the {@code generate} of the transformers
 * library has for them.
 *
 * <table>
 * <caption>Names</caption>
 * <tr><th>name</th><th>value</th></tr>
 * <tr><td>{@code max_new_tokens}, {@code min_new_tokens}</td><td>tokens of the continuation</td></tr>
 * <tr><td>{@code max_length}, {@code min_length}</td><td>tokens with those of the prompt; {@code
 *     max_new_tokens} counts if both are given</td></tr>
 * <tr><td>{@code do_sample}</td><td>{@code false}: the most likely token, whatever the other names
 *     say; {@code true}: with temperature 1 unless one is given; default: whether {@code
 *     temperature} is above 0</td></tr>
 * <tr><td>{@code temperature}, {@code top_k}, {@code top_p}, {@code min_p}, {@code typical_p},
 *     {@code seed}</td><td>how to sample</td></tr>
 * <tr><td>{@code repetition_penalty}, {@code no_repeat_ngram_size}, {@code frequency_penalty},
 *     {@code presence_penalty}</td><td>against repetition</td></tr>
 * <tr><td>{@code eos_token_id}</td><td>an id, or a list of ids, that end a text</td></tr>
 * <tr><td>{@code stop_strings}, or {@code stop}</td><td>a text, or a list of texts, before which a
 *     continuation ends</td></tr>
 * <tr><td>{@code num_beams}, {@code early_stopping}, {@code length_penalty}</td><td>beam
 *     search</td></tr>
 * <tr><td>{@code num_return_sequences}</td><td>continuations of each prompt</td></tr>
 * </table>
 *
 * <p>A list is a collection, an array, or a text with a list in JSON: {@code "[32, 10]"}.
 *
 * <p>Names that cannot change a text, such as {@code use_cache}, are accepted. All others are
 * refused, those of transformers that are not supported unless the value is the one that does
 * nothing.
 */
public final class GenerationArguments {

    private static final String TEMPERATURE = "temperature";
    private static final String DO_SAMPLE = "do_sample";
    private static final String MAX_LENGTH = "max_length";
    private static final String MAX_NEW_TOKENS = "max_new_tokens";
    private static final String STOP = "stop";
    private static final String STOP_STRINGS = "stop_strings";

    private static final Map<String, Reader> READERS = readers();

    /** Names of transformers that have no influence on the text. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of(
                    "_from_model_config",
                    "bos_token_id",
                    "cache_config",
                    "cache_implementation",
                    "compile_config",
                    "decoder_start_token_id",
                    "disable_compile",
                    "low_memory",
                    "output_attentions",
                    "output_hidden_states",
                    "output_logits",
                    "output_scores",
                    "pad_token_id",
                    "prefill_chunk_size",
                    "remove_invalid_values",
                    "return_dict_in_generate",
                    "transformers_version",
                    "use_cache");

    /** Names of transformers that are not supported, with the value that does nothing. */
    private static final Map<String, Object> UNSUPPORTED = unsupported();

    /** What to use in place of a name that is not known or not supported. */
    private static final Map<String, String> INSTEAD = instead();

    /** What {@link GenerationOptions} calls the options that have another name here. */
    private static final Map<String, String> OF_JAVA =
            Map.of(
                    "endIds", "eos_token_id",
                    "beams", "num_beams",
                    "samples", "num_return_sequences");

    private static final Pattern JAVA_NAME =
            Pattern.compile("(?<!\")\\b[a-z]+(?:[A-Z][a-z]*)*\\b(?!\")");

    private GenerationArguments() {}

    /** Sets one option. */
    private interface Reader {
        void read(GenerationOptions.Builder builder, ArgumentValue value);
    }

    private static Map<String, Reader> readers() {
        Map<String, Reader> readers = new LinkedHashMap<>();
        readers.put(MAX_LENGTH, (builder, value) -> builder.optMaxLength(value.whole()));
        readers.put(MAX_NEW_TOKENS, (builder, value) -> builder.optMaxNewTokens(value.whole()));
        readers.put("min_length", (builder, value) -> builder.optMinLength(value.whole()));
        readers.put("min_new_tokens", (builder, value) -> builder.optMinNewTokens(value.whole()));
        readers.put(TEMPERATURE, (builder, value) -> builder.optTemperature(value.real()));
        readers.put("top_k", (builder, value) -> builder.optTopK(value.whole()));
        readers.put("top_p", (builder, value) -> builder.optTopP(value.real()));
        readers.put("min_p", (builder, value) -> builder.optMinP(value.real()));
        readers.put("typical_p", (builder, value) -> builder.optTypicalP(value.real()));
        readers.put(DO_SAMPLE, (builder, value) -> {}); // after all others
        readers.put(
                "repetition_penalty",
                (builder, value) -> builder.optRepetitionPenalty(value.real()));
        readers.put(
                "no_repeat_ngram_size",
                (builder, value) -> builder.optNoRepeatNgramSize(value.whole()));
        readers.put(
                "frequency_penalty", (builder, value) -> builder.optFrequencyPenalty(value.real()));
        readers.put(
                "presence_penalty", (builder, value) -> builder.optPresencePenalty(value.real()));
        readers.put("seed", (builder, value) -> builder.optSeed(value.wholeLong()));
        readers.put("eos_token_id", (builder, value) -> builder.optEndIds(value.ids()));
        readers.put("num_beams", (builder, value) -> builder.optBeams(value.whole()));
        readers.put(
                "early_stopping",
                (builder, value) -> builder.optEarlyStopping(value.earlyStopping()));
        readers.put("length_penalty", (builder, value) -> builder.optLengthPenalty(value.real()));
        readers.put("num_return_sequences", (builder, value) -> builder.optSamples(value.whole()));
        readers.put(STOP, (builder, value) -> builder.optStopStrings(value.texts()));
        readers.put(STOP_STRINGS, (builder, value) -> builder.optStopStrings(value.texts()));
        return readers;
    }

    private static Map<String, Object> unsupported() {
        Map<String, Object> names = new TreeMap<>();
        for (String name :
                List.of(
                        "assistant_model",
                        "bad_words_ids",
                        "begin_suppress_tokens",
                        "constraints",
                        "custom_generate",
                        "dola_layers",
                        "exponential_decay_length_penalty",
                        "force_words_ids",
                        "forced_bos_token_id",
                        "forced_eos_token_id",
                        "logits_processor",
                        "max_time",
                        "negative_prompt_ids",
                        "prefix_allowed_tokens_fn",
                        "prompt_lookup_num_tokens",
                        "sequence_bias",
                        "stopping_criteria",
                        "suppress_tokens",
                        "top_h",
                        "watermarking_config")) {
            names.put(name, List.of());
        }
        names.put("diversity_penalty", 0);
        names.put("encoder_no_repeat_ngram_size", 0);
        names.put("encoder_repetition_penalty", 1);
        names.put("epsilon_cutoff", 0);
        names.put("eta_cutoff", 0);
        names.put("guidance_scale", 1);
        names.put("num_beam_groups", 1);
        names.put("penalty_alpha", 0);
        names.put("renormalize_logits", false);
        names.put("return_full_text", false); // of transformers' pipelines
        names.put("token_healing", false);
        names.put("use_model_defaults", true);
        return names;
    }

    /** By name in lower case, without underscores and hyphens. */
    private static Map<String, String> instead() {
        Map<String, String> names = new TreeMap<>();
        names.put("beams", "num_beams");
        names.put("beamsize", "num_beams");
        names.put("beamwidth", "num_beams");
        names.put("endids", "eos_token_id");
        names.put("eos", "eos_token_id");
        names.put("greedy", "do_sample, with false");
        names.put("logprobs", "GenerationOptions.Builder.optLogProbs");
        names.put("numsamples", "num_return_sequences");
        names.put("penalty", "repetition_penalty");
        names.put("randomseed", "seed");
        names.put("samples", "num_return_sequences");
        names.put("sampling", "do_sample");
        names.put("stoppingcriteria", "stop_strings or eos_token_id");
        names.put("stopsequences", "stop_strings");
        names.put("stopwords", "stop_strings");
        names.put("temp", "temperature");
        return names;
    }

    /**
     * Reads options.
     *
     * @param arguments values by name: numbers, truth values and lists, or texts of these; {@code
     *     null} leaves the default
     * @param defaults the options for absent names
     * @return the options
     * @throws IllegalArgumentException if a name is unknown or not supported, or a value is of the
     *     wrong kind or out of range; the message names it, and the nearest known name
     */
    public static GenerationOptions read(Map<String, ?> arguments, GenerationOptions defaults) {
        GenerationOptions.Builder builder = defaults.toBuilder();
        arguments.forEach(
                (name, value) -> {
                    problem(name, value)
                            .ifPresent(
                                    problem -> {
                                        throw new IllegalArgumentException(problem);
                                    });
                    if (value != null && READERS.containsKey(name)) {
                        READERS.get(name).read(builder, new ArgumentValue(name, value));
                    }
                });
        if (isGiven(arguments, STOP) && isGiven(arguments, STOP_STRINGS)) {
            throw new IllegalArgumentException(
                    "\"stop\" and \"stop_strings\" mean the same: give one of them");
        }
        if (isGiven(arguments, MAX_NEW_TOKENS)) {
            builder.optMaxLength(0);
        } else if (isGiven(arguments, MAX_LENGTH)) {
            builder.optMaxNewTokens(Integer.MAX_VALUE);
        }
        if (isGiven(arguments, DO_SAMPLE)) {
            boolean isSampled = new ArgumentValue(DO_SAMPLE, arguments.get(DO_SAMPLE)).truth();
            setSampling(builder, isSampled, isGiven(arguments, TEMPERATURE));
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(inNamesOfArguments(e.getMessage()), e);
        }
    }

    /**
     * Rewrites a message about {@link GenerationOptions} for those who gave them by the names here.
     *
     * @param message a message with the names of Java, such as {@code topP}
     * @return the message with the names here in quotes, such as {@code "top_p"}
     */
    public static String inNamesOfArguments(String message) {
        return JAVA_NAME
                .matcher(message.replaceFirst("^GenerationOptions: ", ""))
                .replaceAll(name -> argument(name.group()));
    }

    private static String argument(String javaName) {
        String name =
                OF_JAVA.getOrDefault(
                        javaName, javaName.replaceAll("[A-Z]", "_$0").toLowerCase(Locale.ROOT));
        return READERS.containsKey(name) && !name.equals(STOP) ? '"' + name + '"' : javaName;
    }

    private static boolean isGiven(Map<String, ?> arguments, String name) {
        return arguments.get(name) != null;
    }

    private static void setSampling(
            GenerationOptions.Builder builder, boolean isSampled, boolean hasTemperature) {
        if (!isSampled) {
            builder.optTemperature(0).optTopK(0).optTopP(1).optMinP(0).optTypicalP(1);
        } else if (builder.build().temperature() == 0) {
            if (hasTemperature) {
                throw new IllegalArgumentException(
                        "\"do_sample\" is true: expected a \"temperature\" above 0, got 0");
            }
            builder.optTemperature(1);
        }
    }

    /**
     * Returns the names of all options.
     *
     * @return the names
     */
    public static Set<String> names() {
        return READERS.keySet();
    }

    /**
     * Says why an argument cannot be used.
     *
     * @param name its name
     * @param value its value
     * @return the reason, or empty if there is none
     */
    public static Optional<String> problem(String name, Object value) {
        return problem(name, value, "option of generation", READERS.keySet());
    }

    /**
     * Says why an argument cannot be used where there are others than those of generation.
     *
     * @param name its name
     * @param value its value
     * @param kind what a name that is not known is called
     * @param known the names that may be meant
     * @return the reason, or empty if there is none
     */
    public static Optional<String> problem(
            String name, Object value, String kind, Collection<String> known) {
        if (READERS.containsKey(name) || WITHOUT_EFFECT.contains(name)) {
            return Optional.empty();
        }
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
        Optional<String> instead = Optional.ofNullable(INSTEAD.get(plain));
        if (!UNSUPPORTED.containsKey(name)) {
            return Optional.of(
                    String.format(
                            "unknown %s \"%s\"%s",
                            kind,
                            name,
                            instead.map(other -> "; did you mean " + other + "?")
                                    .orElseGet(() -> Nearest.hint(name, known))));
        }
        return doesNothing(value, UNSUPPORTED.get(name))
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                "\"%s\" is not supported, got %s%s",
                                name, value, instead.map(other -> "; use " + other).orElse("")));
    }

    private static boolean doesNothing(Object value, Object neutral) {
        if (value == null || value.equals(neutral)) {
            return true;
        }
        if (value instanceof Number number && neutral instanceof Number nothing) {
            return number.doubleValue() == nothing.doubleValue();
        }
        return value.toString().equals(neutral.toString());
    }
}
