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

import java.util.Random;

/** Chooses the next token. */
@FunctionalInterface
public interface Sampler {

    /**
     * Chooses a token.
     *
     * @param logits the logits of the tokens that may be chosen: the V in use, without padding
     * @return the id of the token, in [0, V)
     */
    int sample(float[] logits);

    /**
     * Takes the most likely token, the first one of equals.
     *
     * @return the sampler
     */
    static Sampler greedy() {
        return logits -> {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                if (logits[i] > logits[best]) {
                    best = i;
                }
            }
            return best;
        };
    }

    /**
     * Draws from softmax(logits / temperature).
     *
     * @param temperature the temperature; 0 is {@link #greedy}
     * @param seed the seed; the same seed gives the same draws
     * @return the sampler, for one sequence at a time
     * @throws IllegalArgumentException if the temperature is negative or not finite
     */
    static Sampler temperature(double temperature, long seed) {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "Expected a temperature of at least 0, got " + temperature);
        }
        if (temperature == 0) {
            return greedy();
        }
        Random random = new Random(seed);
        return logits -> draw(logits, temperature, random.nextDouble());
    }

    private static int draw(float[] logits, double temperature, double uniform) {
        double max = logits[greedy().sample(logits)];
        double[] sums = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += Math.exp((logits[i] - max) / temperature);
            sums[i] = sum;
        }
        double target = uniform * sum;
        int id = 0;
        while (id < sums.length - 1 && sums[id] <= target) {
            id++;
        }
        return id;
    }
}
