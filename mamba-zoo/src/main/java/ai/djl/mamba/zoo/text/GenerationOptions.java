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
 * @param minNewTokens end ids are forbidden before so many tokens
 * @param temperature logits are divided by it; 0 takes the most likely token, and then what comes
 *     after it (top-k, top-p, min-p, typical) has no meaning
 * @param topK only so many of the most likely tokens stay; 0 is off
 * @param topP only the fewest most likely tokens that have this probability together stay; 1 is off
 * @param minP only tokens with this part of the probability of the most likely one stay; 0 is off
 * @param typicalP only the fewest tokens of most typical surprise that have this probability
 *     together stay (Meister et al. 2022, arXiv 2202.00666); 1 is off
 * @param repetitionPenalty divides positive and multiplies negative logits of ids in the prompt or
 *     the continuation (Keskar et al. 2019, arXiv 1909.05858); 1 is off
 * @param frequencyPenalty taken from the logit of an id for each time it was generated; 0 is off
 * @param presencePenalty taken once from the logit of an id that was generated; 0 is off
 * @param seed decides all random numbers
 * @param endIds the ids that end a text; they are not part of it
 * @param beams the width of beam search; 1 is off
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
        int minNewTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double typicalP,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        long seed,
        Set<Integer> endIds,
        int beams,
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
        within("temperature", temperature, 0, Float.MAX_VALUE);
        Checks.require(
                temperature == 0 || temperature >= Float.MIN_NORMAL,
                NAME,
                "temperature %s is too small; 0 takes the most likely token",
                temperature);
        atLeast("topK", topK, 0);
        within("topP", topP, 0, 1);
        within("minP", minP, 0, 1);
        within("typicalP", typicalP, 0, 1);
        Checks.require(
                repetitionPenalty > 0 && repetitionPenalty <= Float.MAX_VALUE,
                NAME,
                "expected a positive repetitionPenalty, got %s",
                repetitionPenalty);
        within("frequencyPenalty", frequencyPenalty, -Float.MAX_VALUE, Float.MAX_VALUE);
        within("presencePenalty", presencePenalty, -Float.MAX_VALUE, Float.MAX_VALUE);
        endIds.forEach(id -> atLeast("endIds", id, 0));
        atLeast("beams", beams, 1);
        within("lengthPenalty", lengthPenalty, -Float.MAX_VALUE, Float.MAX_VALUE);
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

    private static void within(String what, double value, double least, double most) {
        // not (value < least): NaN must fail
        Checks.require(
                value >= least && value <= most,
                NAME,
                "expected %s in [%s, %s], got %s",
                what,
                least,
                most,
                value);
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
        builder.minNewTokens = minNewTokens;
        builder.temperature = temperature;
        builder.topK = topK;
        builder.topP = topP;
        builder.minP = minP;
        builder.typicalP = typicalP;
        builder.repetitionPenalty = repetitionPenalty;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.seed = seed;
        builder.endIds = endIds;
        builder.beams = beams;
        builder.lengthPenalty = lengthPenalty;
        builder.samples = samples;
        builder.logProbs = logProbs;
        builder.vocabLimit = vocabLimit;
        builder.stopStrings = stopStrings;
        return builder;
    }

    /** The builder of {@link GenerationOptions}. */
    public static final class Builder {

        private int maxNewTokens = 256;
        private int minNewTokens;
        private double temperature;
        private int topK;
        private double topP = 1;
        private double minP;
        private double typicalP = 1;
        private double repetitionPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private long seed;
        private Set<Integer> endIds = Set.of();
        private int beams = 1;
        private double lengthPenalty = 1;
        private int samples = 1;
        private int logProbs = -1;
        private int vocabLimit;
        private List<String> stopStrings = List.of();

        Builder() {}

        /**
         * Sets the greatest number of new tokens (default: 256).
         *
         * @param maxNewTokens the greatest number of tokens
         * @return this builder
         */
        public Builder optMaxNewTokens(int maxNewTokens) {
            this.maxNewTokens = maxNewTokens;
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
                    maxNewTokens,
                    minNewTokens,
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    seed,
                    endIds,
                    beams,
                    lengthPenalty,
                    samples,
                    logProbs,
                    vocabLimit,
                    stopStrings);
        }
    }
}
