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

import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.internal.Checks;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A task of the Mamba paper (Gu and Dao 2023, section 4.1 and appendix E.1). All have a vocabulary
 * of {@value #VOCABULARY} ids, and all answers are at the end of a sequence.
 */
enum SyntheticTask {

    /**
     * Copying with a fixed spacing: first the data tokens, then noise, then as many markers, at
     * which the data are to be repeated. All distances are known, so that a layer whose dynamics do
     * not depend on its input can solve it.
     */
    COPYING("copying", "Copying"),

    /**
     * Selective copying: the data tokens are at random places among the noise. To repeat them in
     * order, a model has to tell data from noise by content.
     */
    SELECTIVE_COPYING("selective-copying", "Selective copying"),

    /**
     * Induction heads: random ordinary tokens, with the special token at a random place and again
     * at the end. The answer is the token after its first occurrence.
     */
    INDUCTION_HEADS("induction-heads", "Induction heads");

    /** The number of token ids of each task. */
    public static final int VOCABULARY = 16;

    /** The id of the noise between the data of the copying tasks, which are 1 to 14. */
    public static final int NOISE = 0;

    /** The last id: the marker of the copying tasks, the special token of induction heads. */
    public static final int SPECIAL = VOCABULARY - 1;

    private final String id;
    private final String title;

    SyntheticTask(String id, String title) {
        this.id = id;
        this.title = title;
    }

    /**
     * Returns the name in a text.
     *
     * @return the title
     */
    public String title() {
        return title;
    }

    /** What models are used for: each use has sizes of its own. */
    Use use() {
        return this == INDUCTION_HEADS ? Use.RECALL : Use.COPYING;
    }

    /**
     * Returns the number of answers of a sequence.
     *
     * @param copied the number of data tokens of the copying tasks
     * @return the number of positions at the end that have an answer
     */
    public int answers(int copied) {
        return this == INDUCTION_HEADS ? 1 : copied;
    }

    /**
     * Returns the shortest sequence.
     *
     * @param copied the number of data tokens of the copying tasks
     * @return its length in tokens
     */
    public int shortest(int copied) {
        return this == INDUCTION_HEADS ? 4 : 2 * copied;
    }

    /**
     * Returns the accuracy of guessing.
     *
     * @return one divided by the number of possible answers
     */
    public double chance() {
        return 1.0 / (this == INDUCTION_HEADS ? VOCABULARY - 1 : VOCABULARY - 2);
    }

    /**
     * Creates a sequence.
     *
     * @param random the source of all random numbers
     * @param length its length in tokens, L, the answers included
     * @param copied the number of data tokens of the copying tasks
     * @return the sequence
     * @throws IllegalArgumentException if the length is below {@link #shortest}
     */
    public SyntheticSequence sequence(SplittableRandom random, int length, int copied) {
        Checks.positive("SyntheticTask", "copied", copied);
        Checks.require(
                length >= shortest(copied),
                "SyntheticTask",
                "%s needs sequences of at least %d tokens, got %d",
                id,
                shortest(copied),
                length);
        return switch (this) {
            case COPYING -> copying(random, length, IntStream.range(0, copied).toArray());
            case SELECTIVE_COPYING ->
                    copying(random, length, places(random, length - copied, copied));
            case INDUCTION_HEADS -> induction(random, length);
        };
    }

    private static SyntheticSequence copying(SplittableRandom random, int length, int... places) {
        int copied = places.length;
        long[] data = random.longs(copied, NOISE + 1, SPECIAL).toArray();
        int[] allPlaces = Arrays.copyOf(places, 2 * copied);
        long[] tokens = Arrays.copyOf(data, 2 * copied);
        for (int i = 0; i < copied; i++) {
            allPlaces[copied + i] = length - copied + i;
            tokens[copied + i] = SPECIAL;
        }
        return new SyntheticSequence(length, allPlaces, tokens, () -> NOISE, data);
    }

    /** Different places, ascending; all choices are equally likely. */
    private static int[] places(SplittableRandom random, int bound, int count) {
        return random.ints(0, bound).distinct().limit(count).sorted().toArray();
    }

    private static SyntheticSequence induction(SplittableRandom random, int length) {
        int place = random.nextInt(length - 2); // its successor comes before the last token
        long recalled = random.nextInt(SPECIAL);
        int[] places = {place, place + 1, length - 1};
        long[] tokens = {SPECIAL, recalled, SPECIAL};
        return new SyntheticSequence(
                length, places, tokens, () -> random.nextInt(SPECIAL), new long[] {recalled});
    }

    /** {@inheritDoc} */
    @Override
    public String toString() {
        return id;
    }
}
