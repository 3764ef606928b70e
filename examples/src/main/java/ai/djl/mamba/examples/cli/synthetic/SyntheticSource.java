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
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * An endless source of batches of a synthetic task, each of which depends only on the seed and its
 * number. The label of a position with an answer is the answer; no other position counts.
 */
final class SyntheticSource implements BatchSource {

    private static final String NAME = "SyntheticSource";
    private static final String BATCH = "batch";
    private static final String OF = "of";

    private final SyntheticBatches shape;
    private final long seed;
    private long batch;

    /**
     * Creates a source.
     *
     * @param shape the shape of the batches
     * @param seed determines all sequences
     */
    SyntheticSource(SyntheticBatches shape, long seed) {
        this.shape = shape;
        this.seed = seed;
    }

    /** {@inheritDoc} */
    @Override
    public SequenceBatch next(NDManager manager) {
        SplittableRandom random = random(seed, batch);
        int length = shape.length(random, batch);
        int copied = shape.copied(random, batch);
        batch++;
        int rows = shape.rows();
        long[] ids = new long[rows * length];
        long[] labels = new long[rows * length];
        Arrays.fill(labels, SequenceBatch.IGNORED);
        for (int row = 0; row < rows; row++) {
            SyntheticSequence sequence = shape.task().sequence(random, length, copied);
            sequence.read(ids, row * length, length);
            long[] answers = sequence.answers();
            int end = (row + 1) * length;
            System.arraycopy(answers, 0, labels, end - answers.length, answers.length);
        }
        Shape arrayShape = new Shape(rows, length);
        return new SequenceBatch(
                HostArrays.create(manager, ids, arrayShape),
                null,
                HostArrays.create(manager, labels, arrayShape),
                null);
    }

    /**
     * Returns random numbers that depend on all given numbers, and on nothing else.
     *
     * @param numbers the seed, and the numbers of a stream
     * @return the random numbers
     */
    static SplittableRandom random(long... numbers) {
        long mixed = 0;
        for (long number : numbers) {
            // otherwise the streams of nearby seeds would overlap
            mixed = new SplittableRandom(mixed ^ number).nextLong();
        }
        return new SplittableRandom(mixed);
    }

    /** {@inheritDoc} */
    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        position.addProperty(OF, description());
        position.addProperty(BATCH, batch);
        return position;
    }

    private String description() {
        return String.format("%s, seed %d", shape, seed);
    }

    /** {@inheritDoc} */
    @Override
    public void restore(JsonObject position) {
        String of = position.get(OF).getAsString();
        Checks.require(
                of.equals(description()),
                NAME,
                "expected a position in %s, got one in %s",
                description(),
                of);
        batch = position.get(BATCH).getAsLong();
    }

    /** {@inheritDoc} */
    @Override
    public OptionalLong batchesBefore() {
        return OptionalLong.of(batch);
    }

    /** {@inheritDoc} */
    @Override
    public void close() {
        // there is nothing to release
    }
}
