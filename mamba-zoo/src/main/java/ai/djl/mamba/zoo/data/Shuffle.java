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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.internal.Checks;
import java.util.Random;

/**
 * How documents are shuffled: files change places, then each document is taken at random from a
 * buffer that is kept full. Each epoch has another order.
 *
 * @param seed the seed
 * @param records the most documents in the buffer
 * @param bytes the most bytes of memory for their texts (a longer document counts for itself)
 */
public record Shuffle(long seed, int records, long bytes) {

    private static final int USUAL_RECORDS = 10_000;
    private static final long USUAL_BYTES = 64L << 20;

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public Shuffle {
        Checks.positive("Shuffle", "records", records);
        Checks.require(bytes > 0, "Shuffle", "bytes must be positive, got %d", bytes);
    }

    /**
     * Shuffles with a buffer of 10,000 documents, 64 MiB at most.
     *
     * @param seed the seed
     * @return the options
     */
    public static Shuffle of(long seed) {
        return new Shuffle(seed, USUAL_RECORDS, USUAL_BYTES);
    }

    /** Makes the random numbers of one part of a run: the same ones for the same part. */
    static Random random(long seed, long part) {
        long mixed = seed + 0x9E3779B97F4A7C15L * (part + 1); // SplitMix64: Random is weak in
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L; // telling near seeds apart
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return new Random(mixed ^ mixed >>> 31);
    }
}
