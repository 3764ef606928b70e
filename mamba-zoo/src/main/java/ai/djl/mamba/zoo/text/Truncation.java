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

/**
 * Takes unlikely tokens out of a distribution by setting their scores to minus infinity, in the
 * order and with the definitions of transformers' {@code generate}. Where equal scores meet the
 * limit, the lower ids stay.
 */
final class Truncation {

    private static final float OUT = Float.NEGATIVE_INFINITY;

    private Truncation() {}

    static void apply(float[] scores, GenerationOptions options) {
        if (options.topK() > 0) {
            Ranking ranking = Ranking.best(scores, 0, scores.length, options.topK());
            keep(scores, ranking, ranking.size());
        }
        if (options.topP() < 1) {
            double[] weights = new double[scores.length];
            double mass = options.topP() * weigh(scores, weights);
            Ranking ranking = Ranking.descending(scores, 0, scores.length);
            keep(scores, ranking, ranking.selectMass(weights, mass));
        }
        if (options.minP() > 0) {
            keepAtLeast(scores, max(scores) + Math.log(options.minP()));
        }
        if (options.typicalP() < 1) {
            keepTypical(scores, options.typicalP());
        }
    }

    private static void keepAtLeast(float[] scores, double least) {
        for (int id = 0; id < scores.length; id++) {
            if (scores[id] < least) {
                scores[id] = OUT;
            }
        }
    }

    /** Keeps the tokens whose surprise is nearest to the expected one, the entropy. */
    private static void keepTypical(float[] scores, double mass) {
        double[] weights = new double[scores.length];
        double sum = weigh(scores, weights);
        double logSum = max(scores) + Math.log(sum);
        double entropy = 0;
        for (int id = 0; id < scores.length; id++) {
            if (weights[id] > 0) {
                entropy += weights[id] / sum * (logSum - scores[id]);
            }
        }
        float[] distance = new float[scores.length];
        for (int id = 0; id < scores.length; id++) {
            boolean in = scores[id] > OUT;
            distance[id] = in ? (float) Math.abs(logSum - scores[id] - entropy) : Float.NaN;
        }
        Ranking ranking = Ranking.ascending(distance);
        keep(scores, ranking, ranking.selectMass(weights, mass * sum));
    }

    private static void keep(float[] scores, Ranking ranking, int count) {
        float[] kept = new float[count];
        for (int i = 0; i < count; i++) {
            kept[i] = scores[ranking.id(i)];
        }
        Arrays.fill(scores, OUT);
        for (int i = 0; i < count; i++) {
            scores[ranking.id(i)] = kept[i];
        }
    }

    static float max(float[] scores) {
        float max = OUT;
        for (float score : scores) {
            max = Math.max(max, score);
        }
        return max;
    }

    /** Fills in exp(score − max); returns the sum. */
    static double weigh(float[] scores, double[] weights) {
        double max = max(scores);
        double sum = 0;
        for (int id = 0; id < scores.length; id++) {
            weights[id] = scores[id] > OUT ? Math.exp(scores[id] - max) : 0;
            sum += weights[id];
        }
        return sum;
    }
}
