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
package ai.djl.mamba.ops;

import java.util.stream.LongStream;

/**
 * How {@link ChunkedSelectiveScan} and {@link ChunkedSSDScan} split a sequence: blocks of {@code
 * chunks} · {@code chunkLength} steps.
 *
 * @param chunks the number of chunks that are scanned side by side
 * @param chunkLength the number of steps in a chunk
 */
record ChunkPlan(int chunks, int chunkLength) {

    private static final int GPU_CHUNKS = 64;
    private static final int GPU_CHUNK_LENGTH = 32;
    private static final long CACHED_NUMBERS = 400_000;
    private static final long MIN_CHUNK = 2;
    private static final long MAX_CHUNK = 128;

    ChunkPlan {
        if (chunks < 1 || chunkLength < 1) {
            throw new IllegalArgumentException(
                    "chunks and their length must be positive, got " + chunks + "×" + chunkLength);
        }
    }

    /**
     * Chooses the chunks according to the tables in the benchmark notes.
     *
     * <p>A GPU needs few kernel launches, so chunks run side by side. A CPU is fastest with one
     * chunk at a time, as long as the decays of all its steps fit in the cache.
     *
     * @param stepSize the number of values in a step, B·N·E
     * @param gpu whether the scan runs on a GPU
     * @return the plan
     */
    static ChunkPlan choose(long stepSize, boolean gpu) {
        if (gpu) {
            return new ChunkPlan(GPU_CHUNKS, GPU_CHUNK_LENGTH);
        }
        long length = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, CACHED_NUMBERS / stepSize));
        return new ChunkPlan(1, Math.toIntExact(length));
    }

    /**
     * Where the blocks after the first start: full blocks, a shorter one of full chunks, the
     * remainder.
     */
    long[] cuts(long length) {
        long block = (long) chunks * chunkLength;
        long whole = length / block * block;
        long wholeChunks = length / chunkLength * chunkLength;
        return LongStream.concat(
                        LongStream.iterate(block, cut -> cut <= whole, cut -> cut + block),
                        LongStream.of(wholeChunks))
                .filter(cut -> cut > 0 && cut < length)
                .distinct()
                .toArray();
    }

    /** The number of chunks in a block of {@link #cuts}. */
    long chunksIn(long blockLength) {
        return Math.max(1, blockLength / chunkLength);
    }
}
