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
 * How documents are shuffled: files are shuffled, then documents are drawn at random from a buffer
 * that is kept full. Each epoch has a different order.
 *
 * @param seed the seed
 * @param records the maximum number of documents in the buffer
 * @param bytes the maximum memory for their texts, in bytes (may be exceeded by one document)
 */
public record Shuffle(long seed, int records, long bytes) {

    private static final int DEFAULT_RECORDS = 10_000;
    private static final long DEFAULT_BYTES = 64L << 20;

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
     * Creates options with a buffer of at most 10,000 documents and 64 MiB.
     *
     * @param seed the seed
     * @return the options
     */
    public static Shuffle of(long seed) {
        return new Shuffle(seed, DEFAULT_RECORDS, DEFAULT_BYTES);
    }

    /**
     * Creates the random numbers of a part of a run, which are always the same for the same part.
     */
    static Random random(long seed, long part) {
        long mixed = seed + 0x9E3779B97F4A7C15L * (part + 1); // SplitMix64: Random alone
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L; // hardly separates similar seeds
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return new Random(mixed ^ mixed >>> 31);
    }
}
