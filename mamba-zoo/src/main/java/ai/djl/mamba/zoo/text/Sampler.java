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

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Chooses the tokens of one sequence as {@link GenerationOptions} specify.
 *
 * <p>The logits pass, in this order: repetition penalty, frequency and presence penalty, repeated
 * n-grams forbidden, end ids forbidden while the text is too short, temperature, top-k, top-p,
 * min-p, typical. From the probabilities that remain a token is drawn by one number of a {@link
 * SplittableRandom}; it depends on the seed, the number of the sample and the place of the token,
 * and on nothing else. With temperature 0 the highest score is taken, the lower id of equals.
 */
final class Sampler {

    /** With the size of n-grams and the number of ids. */
    static final String EXHAUSTED =
            "No token can be chosen: noRepeatNgramSize = %d forbids each of the %d ids; take a larger"
                    + " one, or 0, which forbids none";

    private final GenerationOptions options;
    private final TokenHistory history;
    private final SplittableRandom random;
    private float[] scores = {};
    private double[] weights = {};

    /**
     * Creates a sampler.
     *
     * @param options how to choose
     * @param prompt the ids of the prompt, for what depends on repetition
     * @param sample the number of the sample, from 0; each has random numbers of its own
     */
    public Sampler(GenerationOptions options, long[] prompt, int sample) {
        this(options, ReadTokens.of(prompt), sample);
    }

    Sampler(GenerationOptions options, ReadTokens prompt, int sample) {
        this.options = options;
        history = new TokenHistory(prompt, options);
        SplittableRandom seeds = new SplittableRandom(options.seed());
        long seed = seeds.nextLong();
        for (int i = 0; i < sample; i++) {
            seed = seeds.nextLong();
        }
        random = new SplittableRandom(seed);
    }

    /**
     * Chooses the next token and adds it to the sequence.
     *
     * @param logits the logits of the ids in use, (V)
     * @return the id
     * @throws IllegalStateException if none of the logits of the allowed ids is a number
     */
    public int sample(float[] logits) {
        return sample(logits, 0, logits.length);
    }

    /** The same for a row of {@code vocabSize} logits that starts at {@code offset}. */
    int sample(float[] logits, int offset, int vocabSize) {
        process(logits, offset, vocabSize);
        int id = options.temperature() == 0 ? best() : draw();
        history.add(id, options);
        return id;
    }

    /**
     * Computes the distribution from which the next token comes, and leaves the sequence as it is.
     *
     * @param logits the logits of the ids in use, (V)
     * @return the probabilities of the ids allowed, (V) or shorter where a limit is set
     */
    public float[] probabilities(float[] logits) {
        process(logits, 0, logits.length);
        float[] probabilities = new float[scores.length];
        if (options.temperature() == 0) {
            probabilities[best()] = 1;
            return probabilities;
        }
        double sum = weigh();
        for (int id = 0; id < probabilities.length; id++) {
            probabilities[id] = (float) (weights[id] / sum);
        }
        return probabilities;
    }

    private void process(float[] logits, int offset, int vocabSize) {
        int size = options.allowed(vocabSize);
        if (scores.length != size) {
            scores = new float[size];
        }
        System.arraycopy(logits, offset, scores, 0, size);
        history.apply(scores, options);
        double temperature = options.temperature();
        if (temperature == 0) {
            return;
        }
        if (temperature != 1) {
            for (int id = 0; id < size; id++) {
                scores[id] = (float) (scores[id] / temperature);
            }
        }
        Truncation.apply(scores, options);
    }

    private int best() {
        int best = -1;
        float most = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < scores.length; id++) {
            if (scores[id] > most) {
                best = id;
                most = scores[id];
            }
        }
        if (best < 0) {
            throw noToken();
        }
        return best;
    }

    private int draw() {
        double target = random.nextDouble() * weigh();
        double sum = 0;
        int last = -1;
        for (int id = 0; id < scores.length; id++) {
            if (weights[id] > 0) {
                sum += weights[id];
                last = id;
                if (sum > target) {
                    break;
                }
            }
        }
        return last;
    }

    private double weigh() {
        if (weights.length != scores.length) {
            weights = new double[scores.length];
        }
        double sum = Truncation.weigh(scores, weights);
        if (!(sum > 0) || Double.isInfinite(sum)) {
            throw noToken();
        }
        return sum;
    }

    /** Whether no score is left, though none is NaN. */
    static boolean isEachForbidden(float[] scores) {
        for (float score : scores) {
            if (score != Float.NEGATIVE_INFINITY) {
                return false;
            }
        }
        return true;
    }

    private IllegalStateException noToken() {
        if (options.noRepeatNgramSize() > 0 && isEachForbidden(scores)) {
            return new IllegalStateException(
                    String.format(EXHAUSTED, options.noRepeatNgramSize(), scores.length));
        }
        return new IllegalStateException(
                "No token can be chosen: the logits of the allowed ids are not numbers, such as "
                        + Arrays.toString(Arrays.copyOf(scores, Math.min(4, scores.length))));
    }
}
