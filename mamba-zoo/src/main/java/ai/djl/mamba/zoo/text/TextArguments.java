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

import ai.djl.mamba.MambaClassifier.Pooling;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The names that the options of text models have as arguments of {@code Criteria}, in {@code
 * serving.properties} and in requests to DJL Serving: those that the transformers library uses.
 */
public final class TextArguments {

    /** The folder, or the model of the hub, that has the tokenizer; default: the model's own. */
    public static final String TOKENIZER = "tokenizer";

    /** How outputs become an embedding: {@code mean} (default) or {@code last}. */
    public static final String POOLING = "pooling";

    private static final String STOP = "stop";

    private TextArguments() {}

    /**
     * Reads the options of generation.
     *
     * @param arguments values by name: {@code max_new_tokens}, {@code min_new_tokens}, {@code
     *     temperature}, {@code top_k}, {@code top_p}, {@code min_p}, {@code typical_p}, {@code
     *     repetition_penalty}, {@code frequency_penalty}, {@code presence_penalty}, {@code seed},
     *     {@code num_beams}, {@code length_penalty}, {@code stop} (a text or a list of texts);
     *     other names are ignored
     * @param defaults the options for absent names
     * @return the options
     * @throws IllegalArgumentException if a value is not a number or out of range
     */
    public static GenerationOptions options(Map<String, ?> arguments, GenerationOptions defaults) {
        Numbers numbers = new Numbers(arguments);
        return defaults.toBuilder()
                .optMaxNewTokens(numbers.whole("max_new_tokens", defaults.maxNewTokens()))
                .optMinNewTokens(numbers.whole("min_new_tokens", defaults.minNewTokens()))
                .optTemperature(numbers.real("temperature", defaults.temperature()))
                .optTopK(numbers.whole("top_k", defaults.topK()))
                .optTopP(numbers.real("top_p", defaults.topP()))
                .optMinP(numbers.real("min_p", defaults.minP()))
                .optTypicalP(numbers.real("typical_p", defaults.typicalP()))
                .optRepetitionPenalty(
                        numbers.real("repetition_penalty", defaults.repetitionPenalty()))
                .optFrequencyPenalty(numbers.real("frequency_penalty", defaults.frequencyPenalty()))
                .optPresencePenalty(numbers.real("presence_penalty", defaults.presencePenalty()))
                .optSeed(numbers.whole("seed", defaults.seed()))
                .optBeams(numbers.whole("num_beams", defaults.beams()))
                .optLengthPenalty(numbers.real("length_penalty", defaults.lengthPenalty()))
                .optStopStrings(stopStrings(arguments.get(STOP), defaults.stopStrings()))
                .build();
    }

    private static List<String> stopStrings(Object value, List<String> orElse) {
        if (value == null) {
            return orElse;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(String::valueOf).toList();
        }
        return List.of(value.toString());
    }

    /**
     * Reads how outputs become an embedding.
     *
     * @param arguments values by name
     * @return the pooling
     * @throws IllegalArgumentException if there is no such pooling
     */
    public static Pooling pooling(Map<String, ?> arguments) {
        Object value = arguments.get(POOLING);
        if (value == null) {
            return Pooling.MEAN;
        }
        try {
            return Pooling.valueOf(value.toString().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + POOLING + "\" should be mean or last, got " + value, e);
        }
    }

    /** Numbers that are given as such or, in properties, as texts. */
    private record Numbers(Map<String, ?> arguments) {

        double real(String name, double orElse) {
            Object value = arguments.get(name);
            if (value == null) {
                return orElse;
            }
            try {
                return Double.parseDouble(value.toString());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "\"" + name + "\" should be a number, got " + value, e);
            }
        }

        int whole(String name, int orElse) {
            return Math.toIntExact(whole(name, (long) orElse));
        }

        long whole(String name, long orElse) {
            Object value = arguments.get(name);
            if (value == null) {
                return orElse;
            }
            try {
                return new BigDecimal(value.toString()).longValueExact();
            } catch (ArithmeticException | NumberFormatException e) {
                throw new IllegalArgumentException(
                        "\"" + name + "\" should be a whole number, got " + value, e);
            }
        }
    }
}
