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

import ai.djl.mamba.internal.Checks;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a text is continued. What is off by default changes nothing.
 *
 * @param maxNewTokens the greatest number of tokens
 * @param maxLength the greatest number of tokens with those of the prompt; 0 is off
 * @param minNewTokens end ids are forbidden before so many tokens
 * @param minLength end ids are forbidden before so many tokens with those of the prompt
 * @param temperature logits are divided by it; 0 takes the most likely token, and then what comes
 *     after it (top-k, top-p, min-p, typical) has no meaning
 * @param topK only so many of the most likely tokens stay; 0 is off
 * @param topP only the fewest most likely tokens that have this probability together stay; 1 is off
 * @param minP only tokens with this part of the probability of the most likely one stay; 0 is off
 * @param typicalP only the fewest tokens of most typical surprise that have this probability
 *     together stay (Meister et al. 2022, arXiv 2202.00666); 1 is off
 * @param repetitionPenalty divides positive and multiplies negative logits of ids in the prompt or
 *     the continuation (Keskar et al. 2019, arXiv 1909.05858); 1 is off
 * @param noRepeatNgramSize an id is forbidden that would repeat a sequence of so many ids of the
 *     prompt and the continuation; 0 is off
 * @param frequencyPenalty taken from the logit of an id for each time it was generated; 0 is off
 * @param presencePenalty taken once from the logit of an id that was generated; 0 is off
 * @param seed decides all random numbers
 * @param endIds the ids that end a text; they are not part of it
 * @param beams the width of beam search; 1 is off
 * @param earlyStopping when beam search ends
 * @param lengthPenalty a beam scores the sum of its log-probabilities / length^penalty
 * @param samples the continuations of each prompt; with beams the number of best beams returned
 * @param logProbs −1 for none; n ≥ 0 for the log-probability of each token and of the n most likely
 *     ones
 * @param vocabLimit ids from here on are never chosen, for a tokenizer that knows fewer than the
 *     model; 0 is off
 * @param stopStrings texts that end the continuation; looked at by text-level classes only, not
 *     where token ids go in and out
 */
public record GenerationOptions(
        int maxNewTokens,
        int maxLength,
        int minNewTokens,
        int minLength,
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        double repetitionPenalty,
        int noRepeatNgramSize,
        double frequencyPenalty,
        double presencePenalty,
        long seed,
        Set<Integer> endIds,
        int beams,
        EarlyStopping earlyStopping,
        double lengthPenalty,
        int samples,
        int logProbs,
        int vocabLimit,
        List<String> stopStrings) {

    private static final String NAME = "GenerationOptions";

    /** Checks the values. */
    public GenerationOptions {
        endIds = Set.copyOf(endIds);
        stopStrings = List.copyOf(stopStrings);
        atLeast("maxNewTokens", maxNewTokens, 0);
        Checks.require(
                minNewTokens >= 0 && minNewTokens <= maxNewTokens,
                NAME,
                "expected minNewTokens in [0, maxNewTokens = %d], got %d",
                maxNewTokens,
                minNewTokens);
        atLeast("maxLength", maxLength, 0);
        atLeast("minLength", minLength, 0);
        atLeast("noRepeatNgramSize", noRepeatNgramSize, 0);
        Checks.require(earlyStopping != null, NAME, "earlyStopping is null");
        Checks.require(
                temperature >= 0 && temperature <= Float.MAX_VALUE,
                NAME,
                "expected temperature of at least 0, got %s",
                temperature);
        Checks.require(
                temperature == 0 || temperature >= Float.MIN_NORMAL,
                NAME,
                "temperature %s is too small; 0 takes the most likely token",
                temperature);
        atLeast("topK", topK, 0);
        share("topP", topP);
        share("minP", minP);
        share("typicalP", typicalP);
        Checks.require(
                repetitionPenalty > 0 && repetitionPenalty <= Float.MAX_VALUE,
                NAME,
                "expected a positive repetitionPenalty, got %s",
                repetitionPenalty);
        finite("frequencyPenalty", frequencyPenalty);
        finite("presencePenalty", presencePenalty);
        endIds.forEach(id -> atLeast("endIds", id, 0));
        atLeast("beams", beams, 1);
        finite("lengthPenalty", lengthPenalty);
        atLeast("samples", samples, 1);
        atLeast("logProbs", logProbs, -1);
        atLeast("vocabLimit", vocabLimit, 0);
        Checks.require(
                stopStrings.stream().noneMatch(String::isEmpty), NAME, "an empty stop string");
        Checks.require(
                beams == 1 || isGreedy(temperature, topK, topP, minP, typicalP),
                NAME,
                "%d beams cannot be sampled: leave temperature, topK, topP, minP and typicalP off",
                beams);
        Checks.require(
                beams == 1 || samples <= beams,
                NAME,
                "expected at most as many samples as the %d beams, got %d",
                beams,
                samples);
    }

    private static boolean isGreedy(
            double temperature, int topK, double topP, double minP, double typicalP) {
        return temperature == 0 && topK == 0 && topP == 1 && minP == 0 && typicalP == 1;
    }

    private static void atLeast(String what, int value, int least) {
        Checks.require(
                value >= least, NAME, "expected %s of at least %d, got %d", what, least, value);
    }

    private static void share(String what, double value) {
        // not (value < 0): NaN must fail
        Checks.require(
                value >= 0 && value <= 1, NAME, "expected %s in [0.0, 1.0], got %s", what, value);
    }

    private static void finite(String what, double value) {
        Checks.require(
                Math.abs(value) <= Float.MAX_VALUE,
                NAME,
                "expected a finite %s, got %s",
                what,
                value);
    }

    /** When beam search ends, by the names that transformers has for it. */
    public enum EarlyStopping {
        /**
         * {@code false}: when the finished beams are better than the best running one would be if
         * it ended now.
         */
        OFF,
        /** {@code true}: as soon as there are as many finished beams as the search is wide. */
        ON,
        /**
         * {@code "never"}: when the finished beams are better than the best running one can become
         * at the greatest length.
         */
        NEVER
    }

    /**
     * Puts limits of new tokens in the place of those that count the prompt.
     *
     * @throws IllegalArgumentException if the prompt is too long for {@code maxLength}
     */
    GenerationOptions forPrompt(long tokens) {
        if (maxLength == 0 && minLength == 0) {
            return this;
        }
        Checks.require(
                maxLength == 0 || tokens < maxLength,
                NAME,
                "expected a prompt of fewer tokens than maxLength = %d, got %d",
                maxLength,
                tokens);
        long most = maxLength == 0 ? maxNewTokens : Math.min(maxNewTokens, maxLength - tokens);
        long least = Math.min(most, Math.max(minNewTokens, minLength - tokens));
        return toBuilder()
                .optMaxNewTokens((int) most)
                .optMaxLength(0)
                .optMinNewTokens((int) least)
                .optMinLength(0)
                .build();
    }

    /** The number of ids that may be chosen, of those in use. */
    int allowed(int vocabSize) {
        return vocabLimit == 0 ? vocabSize : Math.min(vocabLimit, vocabSize);
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Creates a builder with these values.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxNewTokens = maxNewTokens;
        builder.maxLength = maxLength;
        builder.minNewTokens = minNewTokens;
        builder.minLength = minLength;
        builder.temperature = temperature;
        builder.topK = topK;
        builder.topP = topP;
        builder.minP = minP;
        builder.typicalP = typicalP;
        builder.repetitionPenalty = repetitionPenalty;
        builder.noRepeatNgramSize = noRepeatNgramSize;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.seed = seed;
        builder.endIds = endIds;
        builder.beams = beams;
        builder.earlyStopping = earlyStopping;
        builder.lengthPenalty = lengthPenalty;
        builder.samples = samples;
        builder.logProbs = logProbs;
        builder.vocabLimit = vocabLimit;
        builder.stopStrings = stopStrings;
        return builder;
    }

    /** The builder of {@link GenerationOptions}. */
    public static final class Builder {

        private static final int MAX_NEW_TOKENS = 256;

        private Integer maxNewTokens; // null for the default
        private int maxLength;
        private int minNewTokens;
        private int minLength;
        private double temperature;
        private int topK;
        private double topP = 1;
        private double minP;
        private double typicalP = 1;
        private double repetitionPenalty = 1;
        private int noRepeatNgramSize;
        private double frequencyPenalty;
        private double presencePenalty;
        private long seed;
        private Set<Integer> endIds = Set.of();
        private int beams = 1;
        private EarlyStopping earlyStopping = EarlyStopping.OFF;
        private double lengthPenalty = 1;
        private int samples = 1;
        private int logProbs = -1;
        private int vocabLimit;
        private List<String> stopStrings = List.of();

        Builder() {}

        /**
         * Sets the greatest number of new tokens (default: 256, or no limit of its own with {@link
         * #optMaxLength}).
         *
         * @param maxNewTokens the greatest number of tokens
         * @return this builder
         */
        public Builder optMaxNewTokens(int maxNewTokens) {
            this.maxNewTokens = maxNewTokens;
            return this;
        }

        /**
         * Sets the greatest number of tokens, those of the prompt included (default: off). The
         * prompt has to be shorter.
         *
         * @param maxLength the greatest number of tokens; 0 is off
         * @return this builder
         */
        public Builder optMaxLength(int maxLength) {
            this.maxLength = maxLength;
            return this;
        }

        /**
         * Sets the least number of tokens, those of the prompt included (default: off).
         *
         * @param minLength the number of tokens before which end ids are forbidden; 0 is off
         * @return this builder
         */
        public Builder optMinLength(int minLength) {
            this.minLength = minLength;
            return this;
        }

        /**
         * Sets the least number of new tokens (default: 0).
         *
         * @param minNewTokens the number of tokens before which end ids are forbidden
         * @return this builder
         */
        public Builder optMinNewTokens(int minNewTokens) {
            this.minNewTokens = minNewTokens;
            return this;
        }

        /**
         * Sets the temperature (default: 0).
         *
         * @param temperature the temperature; 0 takes the most likely token
         * @return this builder
         */
        public Builder optTemperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /**
         * Sets the top-k limit (default: off).
         *
         * @param topK how many of the most likely tokens stay; 0 is off
         * @return this builder
         */
        public Builder optTopK(int topK) {
            this.topK = topK;
            return this;
        }

        /**
         * Sets the top-p limit (default: off).
         *
         * @param topP the probability of the most likely tokens that stay; 1 is off
         * @return this builder
         */
        public Builder optTopP(double topP) {
            this.topP = topP;
            return this;
        }

        /**
         * Sets the min-p limit (default: off).
         *
         * @param minP the least probability, relative to the largest one; 0 is off
         * @return this builder
         */
        public Builder optMinP(double minP) {
            this.minP = minP;
            return this;
        }

        /**
         * Sets the typical limit (default: off).
         *
         * @param typicalP the probability of the most typical tokens that stay; 1 is off
         * @return this builder
         */
        public Builder optTypicalP(double typicalP) {
            this.typicalP = typicalP;
            return this;
        }

        /**
         * Sets the repetition penalty (default: off).
         *
         * @param repetitionPenalty the factor for ids that occurred; 1 is off
         * @return this builder
         */
        public Builder optRepetitionPenalty(double repetitionPenalty) {
            this.repetitionPenalty = repetitionPenalty;
            return this;
        }

        /**
         * Sets how long sequences of ids must be that do not occur twice (default: off). It needs
         * the ids of the prompt, which a {@link PromptState} that was saved does not have.
         *
         * @param noRepeatNgramSize the number of ids; 0 is off
         * @return this builder
         */
        public Builder optNoRepeatNgramSize(int noRepeatNgramSize) {
            this.noRepeatNgramSize = noRepeatNgramSize;
            return this;
        }

        /**
         * Sets the frequency penalty (default: off).
         *
         * @param frequencyPenalty what each generated occurrence costs; 0 is off
         * @return this builder
         */
        public Builder optFrequencyPenalty(double frequencyPenalty) {
            this.frequencyPenalty = frequencyPenalty;
            return this;
        }

        /**
         * Sets the presence penalty (default: off).
         *
         * @param presencePenalty what a generated id costs; 0 is off
         * @return this builder
         */
        public Builder optPresencePenalty(double presencePenalty) {
            this.presencePenalty = presencePenalty;
            return this;
        }

        /**
         * Sets the seed (default: 0).
         *
         * @param seed the seed of the random numbers
         * @return this builder
         */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets the ids that end a text (default: none).
         *
         * @param endIds the ids that end a text
         * @return this builder
         */
        public Builder optEndIds(int... endIds) {
            this.endIds = Arrays.stream(endIds).boxed().collect(Collectors.toSet());
            return this;
        }

        /**
         * Sets the width of beam search (default: 1).
         *
         * @param beams the width of beam search; 1 is off
         * @return this builder
         */
        public Builder optBeams(int beams) {
            this.beams = beams;
            return this;
        }

        /**
         * Sets when beam search ends (default: {@link EarlyStopping#OFF}).
         *
         * @param earlyStopping when it ends
         * @return this builder
         */
        public Builder optEarlyStopping(EarlyStopping earlyStopping) {
            this.earlyStopping = earlyStopping;
            return this;
        }

        /**
         * Sets the length penalty (default: 1).
         *
         * @param lengthPenalty the power of the length by which the score of a beam is divided
         * @return this builder
         */
        public Builder optLengthPenalty(double lengthPenalty) {
            this.lengthPenalty = lengthPenalty;
            return this;
        }

        /**
         * Sets the number of continuations (default: 1).
         *
         * @param samples the continuations of each prompt
         * @return this builder
         */
        public Builder optSamples(int samples) {
            this.samples = samples;
            return this;
        }

        /**
         * Sets which log-probabilities are returned (default: none).
         *
         * @param logProbs -1 for none, n for those of each token and of the n most likely ones
         * @return this builder
         */
        public Builder optLogProbs(int logProbs) {
            this.logProbs = logProbs;
            return this;
        }

        /**
         * Sets the limit of the ids (default: off).
         *
         * @param vocabLimit ids from here on are never chosen; 0 is off
         * @return this builder
         */
        public Builder optVocabLimit(int vocabLimit) {
            this.vocabLimit = vocabLimit;
            return this;
        }

        /**
         * Sets the texts that end the continuation (default: none).
         *
         * @param stopStrings texts that end the continuation; for text-level classes
         * @return this builder
         */
        public Builder optStopStrings(List<String> stopStrings) {
            this.stopStrings = List.copyOf(stopStrings);
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if a value is out of range or two exclude each other;
         *     the message names them
         */
        public GenerationOptions build() {
            return new GenerationOptions(
                    maxNewTokens == null ? defaultMaxNewTokens() : maxNewTokens,
                    maxLength,
                    minNewTokens,
                    minLength,
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    noRepeatNgramSize,
                    frequencyPenalty,
                    presencePenalty,
                    seed,
                    endIds,
                    beams,
                    earlyStopping,
                    lengthPenalty,
                    samples,
                    logProbs,
                    vocabLimit,
                    stopStrings);
        }

        private int defaultMaxNewTokens() {
            return maxLength > 0 ? Integer.MAX_VALUE : MAX_NEW_TOKENS;
        }
    }
}
