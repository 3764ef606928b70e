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

import java.util.function.IntSupplier;

/**
 * One sequence of a synthetic task, read once from the first token to the last, so that a million
 * tokens take no memory.
 */
final class SyntheticSequence {

    private final int length;
    private final int[] places;
    private final long[] placed;
    private final IntSupplier others;
    private final long[] answers;
    private int position;
    private int nextPlace;

    /**
     * Creates a sequence.
     *
     * @param length the number of tokens
     * @param places the positions of the placed tokens, ascending
     * @param placed the tokens at these positions
     * @param others returns the tokens at all other positions, in order
     * @param answers the expected answers at the last positions
     */
    SyntheticSequence(
            int length, int[] places, long[] placed, IntSupplier others, long... answers) {
        this.length = length;
        this.places = places;
        this.placed = placed;
        this.others = others;
        this.answers = answers;
    }

    /**
     * Reads the next tokens.
     *
     * @param into where to store them
     * @param from the index of the first
     * @param count their number, at most as many as are left
     */
    public void read(long[] into, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (nextPlace < places.length && places[nextPlace] == position) {
                into[i] = placed[nextPlace++];
            } else {
                into[i] = others.getAsInt();
            }
            position++;
        }
    }

    /**
     * Returns the number of tokens that have not been read.
     *
     * @return how many are left
     */
    public int left() {
        return length - position;
    }

    /**
     * Returns the expected answers at the last positions.
     *
     * @return token ids, one for each of these positions
     */
    public long[] answers() {
        return answers.clone();
    }
}
