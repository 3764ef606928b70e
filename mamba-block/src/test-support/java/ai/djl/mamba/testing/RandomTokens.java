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
package ai.djl.mamba.testing;

import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Batches of tokens that count upwards from random starts with some noise, so that there is
 * something to learn; the same ones at the same position.
 */
public final class RandomTokens implements BatchSource {

    public static final int VOCAB = 8;
    public static final int ROWS = 3;
    public static final int LENGTH = 6;

    private final long seed;
    private final int batchesInEpoch;
    private final boolean areClasses;
    private final boolean isContinued;
    private long epoch;
    private int next;

    private RandomTokens(long seed, int batchesInEpoch, boolean areClasses, boolean isContinued) {
        this.seed = seed;
        this.batchesInEpoch = batchesInEpoch;
        this.areClasses = areClasses;
        this.isContinued = isContinued;
    }

    /** Labels are the next tokens. */
    public static RandomTokens language(long seed, int batchesInEpoch) {
        return new RandomTokens(seed, batchesInEpoch, false, false);
    }

    /** The same, and all rows but the first of a batch go on where they ended. */
    public static RandomTokens continued(long seed, int batchesInEpoch) {
        return new RandomTokens(seed, batchesInEpoch, false, true);
    }

    /** Labels are whether the first token is even. */
    public static RandomTokens classes(long seed, int batchesInEpoch) {
        return new RandomTokens(seed, batchesInEpoch, true, false);
    }

    /** The tokens that batch i of an epoch has less than others. */
    public static int padding(int i) {
        return 1 + i % 3;
    }

    @Override
    public SequenceBatch next(NDManager manager) {
        if (next == batchesInEpoch) {
            next = 0;
            epoch++;
            return null;
        }
        Random random = new Random(seed + 1000 * epoch + next);
        long[] ids = new long[ROWS * LENGTH];
        long[] segments = new long[ids.length];
        long[] labels = new long[areClasses ? ROWS : ids.length];
        Arrays.fill(segments, 1);
        for (int i = 0; i < ids.length; i++) {
            boolean isStart = i % LENGTH == 0 || random.nextInt(5) == 0;
            ids[i] = isStart ? random.nextInt(VOCAB) : (ids[i - 1] + 1) % VOCAB;
        }
        for (int i = 0; i < labels.length; i++) {
            labels[i] = areClasses ? ids[i * LENGTH] % 2 : (ids[i] + 1) % VOCAB;
        }
        Arrays.fill(segments, ids.length - padding(next), ids.length, 0);
        if (!areClasses) {
            Arrays.fill(labels, ids.length - padding(next), ids.length, SequenceBatch.IGNORED);
        }
        boolean[] continued = new boolean[ROWS];
        Arrays.fill(continued, 1, ROWS, isContinued && next > 0);
        next++;
        Shape shape = new Shape(ROWS, LENGTH);
        return new SequenceBatch(
                manager.create(ids, shape),
                manager.create(segments, shape),
                areClasses ? manager.create(labels) : manager.create(labels, shape),
                isContinued ? continued : null);
    }

    @Override
    public JsonObject position() {
        JsonObject position = new JsonObject();
        position.addProperty("epoch", epoch);
        position.addProperty("next", next);
        return position;
    }

    @Override
    public OptionalLong batchesBefore() {
        return OptionalLong.of(epoch * batchesInEpoch + next);
    }

    @Override
    public void restore(JsonObject position) {
        epoch = position.get("epoch").getAsLong();
        next = position.get("next").getAsInt();
    }

    @Override
    public void close() {
        // nothing is open
    }
}
