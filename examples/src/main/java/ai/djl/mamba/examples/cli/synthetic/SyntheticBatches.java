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

import ai.djl.mamba.internal.Checks;
import java.util.SplittableRandom;

/**
 * The shape of the batches of a {@link SyntheticSource}. All sequences of a batch have the same
 * length and number of data tokens, which are random.
 *
 * @param task the task
 * @param rows the number of sequences of a batch, B
 * @param shortest the smallest length of a batch
 * @param longest the largest; lengths are log-uniform between the two
 * @param fewest the smallest number of data tokens of the copying tasks
 * @param copied the largest; numbers are uniform between the two
 * @param curriculum the number of batches over which the smallest of both rise to the largest, so
 *     that easy ones come first; 0 if they do not change
 */
record SyntheticBatches(
        SyntheticTask task,
        int rows,
        int shortest,
        int longest,
        int fewest,
        int copied,
        int curriculum) {

    private static final String NAME = "SyntheticBatches";

    /** Checks the numbers. */
    SyntheticBatches {
        Checks.positive(NAME, "rows", rows);
        Checks.positive(NAME, "fewest", fewest);
        Checks.require(
                fewest <= copied,
                NAME,
                "the smallest number of data tokens, %d, is greater than the largest, %d",
                fewest,
                copied);
        Checks.require(
                task.shortest(copied) <= shortest && shortest <= longest,
                NAME,
                "expected %d ≤ shortest ≤ longest, got %d and %d",
                task.shortest(copied),
                shortest,
                longest);
    }

    /** Draws the length of the sequences of a batch. */
    int length(SplittableRandom random, long batch) {
        double share = risen(batch) + (1 - risen(batch)) * random.nextDouble();
        return (int) Math.round(shortest * Math.pow((double) longest / shortest, share));
    }

    /** Draws the number of their data tokens. */
    int copied(SplittableRandom random, long batch) {
        int least = (int) Math.round(fewest + risen(batch) * (copied - fewest));
        return random.nextInt(least, copied + 1);
    }

    /** How far the smallest ones have risen. */
    private double risen(long batch) {
        return curriculum == 0 ? 0 : Math.min(1, (double) batch / curriculum);
    }
}
