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
 * Ids in the order of a figure. Finds the first ones by selection, in a time that grows with the
 * number of ids and not faster. Of equal figures the lower id comes first.
 */
final class Ranking {

    private final long[] keys; // the figure in the upper half, the id in the lower one
    private int size;

    private Ranking(long[] keys, int size) {
        this.keys = keys;
        this.size = size;
    }

    /**
     * Ranks the highest score first.
     *
     * @param scores scores of several rows
     * @param offset where the row starts
     * @param count its length; scores of minus infinity are left out
     */
    static Ranking descending(float[] scores, int offset, int count) {
        long[] keys = new long[count];
        int size = 0;
        for (int id = 0; id < count; id++) {
            float score = scores[offset + id];
            if (score > Float.NEGATIVE_INFINITY) {
                keys[size++] = key(~sortable(score), id);
            }
        }
        return new Ranking(keys, size);
    }

    /**
     * Ranks the highest score first, but only so many: most scores meet one comparison.
     *
     * @param scores scores of several rows
     * @param offset where the row starts
     * @param count its length; scores of minus infinity are left out
     * @param wanted how many ids to keep
     */
    static Ranking best(float[] scores, int offset, int count, int wanted) {
        if (wanted > count / 4) {
            Ranking all = descending(scores, offset, count);
            all.size = all.select(wanted);
            return all;
        }
        Ranking best = new Ranking(new long[2 * wanted], 0);
        float bar = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < count; id++) {
            float score = scores[offset + id];
            if (score > bar) { // an equal one comes after those that are there
                best.keys[best.size++] = key(~sortable(score), id);
                if (best.size == best.keys.length) {
                    best.size = best.select(wanted);
                    bar = best.lowest(scores, offset);
                }
            }
        }
        best.size = best.select(wanted);
        return best;
    }

    private float lowest(float[] scores, int offset) {
        float lowest = Float.POSITIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            lowest = Math.min(lowest, scores[offset + id(i)]);
        }
        return lowest;
    }

    /**
     * Ranks the lowest figure first.
     *
     * @param figures the figures; NaN is left out
     */
    static Ranking ascending(float[] figures) {
        long[] keys = new long[figures.length];
        int size = 0;
        for (int id = 0; id < figures.length; id++) {
            if (!Float.isNaN(figures[id])) {
                keys[size++] = key(sortable(figures[id]), id);
            }
        }
        return new Ranking(keys, size);
    }

    private static long key(int figure, int id) {
        return (long) figure << 32 | id;
    }

    /** The bits of a float such that integers compare as the floats do. */
    private static int sortable(float value) {
        int bits = Float.floatToIntBits(value + 0f); // -0 becomes 0
        return bits ^ (bits >> 31 & Integer.MAX_VALUE);
    }

    /** All ids in their order. */
    int[] sorted() {
        Arrays.sort(keys, 0, size);
        int[] ids = new int[size];
        Arrays.setAll(ids, this::id);
        return ids;
    }

    /** Brings the first ids to the front, in any order; returns how many they are. */
    private int select(int count) {
        int low = 0;
        int high = size;
        while (count < high && high - low > 1) {
            int middle = partition(low, high);
            if (middle >= count) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Math.min(count, size);
    }

    /**
     * Brings to the front, in any order, the fewest first ids whose weights sum to {@code mass}.
     *
     * @return how many they are: at least one if there are ids, all if their sum is less
     */
    int selectMass(double[] weights, double mass) {
        int low = 0;
        int high = size;
        double before = 0;
        while (high - low > 1) {
            int middle = partition(low, high);
            double sum = before;
            for (int i = low; i < middle; i++) {
                sum += weights[id(i)];
            }
            if (sum >= mass) {
                high = middle;
            } else {
                before = sum;
                low = middle;
            }
        }
        return high;
    }

    /** Splits [low, high) into two parts that are not empty, lower keys first (Hoare). */
    private int partition(int low, int high) {
        long pivot = keys[(low + high - 1) >>> 1];
        int i = low - 1;
        int j = high;
        while (true) {
            do {
                i++;
            } while (keys[i] < pivot);
            do {
                j--;
            } while (keys[j] > pivot);
            if (i >= j) {
                return j + 1;
            }
            long key = keys[i];
            keys[i] = keys[j];
            keys[j] = key;
        }
    }

    /** The id at a place. */
    int id(int place) {
        return (int) keys[place];
    }

    /** The number of ids. */
    int size() {
        return size;
    }
}
