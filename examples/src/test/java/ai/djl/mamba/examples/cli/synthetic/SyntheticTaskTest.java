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

import ai.djl.mamba.training.SequenceBatch;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.LongStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The sequences of the synthetic tasks: what the paper says of them, for many of each. */
public class SyntheticTaskTest {

    private static final int SEQUENCES = 300;
    private static final int LENGTH = 40;
    private static final int COPIED = 5;
    private static final int FEWEST = 3;

    @DataProvider
    public Object[][] tasks() {
        return Arrays.stream(SyntheticTask.values())
                .map(task -> new Object[] {task})
                .toArray(Object[][]::new);
    }

    private static SyntheticSequence sequence(SyntheticTask task, int length, int index) {
        return task.sequence(SyntheticSource.random(1, index), length, COPIED);
    }

    /** All tokens, read in parts of some size. */
    private static long[] read(SyntheticSequence sequence, int part) {
        long[] tokens = new long[sequence.left()];
        while (sequence.left() > 0) {
            int from = tokens.length - sequence.left();
            sequence.read(tokens, from, Math.min(part, sequence.left()));
        }
        return tokens;
    }

    @Test
    public void copyingHasItsDataFirst() {
        for (int i = 0; i < SEQUENCES; i++) {
            SyntheticSequence sequence = sequence(SyntheticTask.COPYING, LENGTH, i);
            long[] tokens = read(sequence, LENGTH);
            Assert.assertEquals(Arrays.copyOf(tokens, COPIED), sequence.answers());
            assertData(sequence.answers());
            for (int t = COPIED; t < LENGTH - COPIED; t++) {
                Assert.assertEquals(tokens[t], SyntheticTask.NOISE);
            }
            assertMarkers(tokens);
        }
    }

    @Test
    public void selectiveCopyingHasItsDataInOrderAtAllPlaces() {
        BitSet places = new BitSet();
        for (int i = 0; i < SEQUENCES; i++) {
            SyntheticSequence sequence = sequence(SyntheticTask.SELECTIVE_COPYING, LENGTH, i);
            long[] tokens = read(sequence, LENGTH);
            long[] context = Arrays.copyOf(tokens, LENGTH - COPIED);
            long[] data = LongStream.of(context).filter(t -> t != SyntheticTask.NOISE).toArray();
            Assert.assertEquals(data, sequence.answers());
            assertData(data);
            for (int t = 0; t < context.length; t++) {
                places.set(t, places.get(t) || context[t] != SyntheticTask.NOISE);
            }
            assertMarkers(tokens);
        }
        Assert.assertEquals(places.cardinality(), LENGTH - COPIED);
    }

    private static void assertData(long... data) {
        Assert.assertEquals(data.length, COPIED);
        for (long token : data) {
            Assert.assertTrue(token > SyntheticTask.NOISE && token < SyntheticTask.SPECIAL);
        }
    }

    private static void assertMarkers(long... tokens) {
        for (int t = LENGTH - COPIED; t < LENGTH; t++) {
            Assert.assertEquals(tokens[t], SyntheticTask.SPECIAL);
        }
    }

    @Test
    public void inductionRecallsWhatFollowedTheSpecialToken() {
        BitSet places = new BitSet();
        BitSet answers = new BitSet();
        for (int i = 0; i < SEQUENCES; i++) {
            SyntheticSequence sequence = sequence(SyntheticTask.INDUCTION_HEADS, LENGTH, i);
            long[] tokens = read(sequence, LENGTH);
            Assert.assertEquals(tokens[LENGTH - 1], SyntheticTask.SPECIAL);
            int place = 0;
            while (tokens[place] != SyntheticTask.SPECIAL) {
                place++;
            }
            Assert.assertTrue(place < LENGTH - 2, "the answer must stand before the question");
            Assert.assertEquals(new long[] {tokens[place + 1]}, sequence.answers());
            Assert.assertNotEquals(sequence.answers()[0], SyntheticTask.SPECIAL);
            long specials = LongStream.of(tokens).filter(t -> t == SyntheticTask.SPECIAL).count();
            Assert.assertEquals(specials, 2);
            places.set(place);
            answers.set((int) sequence.answers()[0]);
        }
        Assert.assertEquals(places.cardinality(), LENGTH - 2);
        Assert.assertEquals(answers.cardinality(), SyntheticTask.SPECIAL);
    }

    @Test(dataProvider = "tasks")
    public void partsAreTheWhole(SyntheticTask task) {
        for (int part = 1; part < 10; part++) {
            Assert.assertEquals(
                    read(sequence(task, LENGTH, 3), part), read(sequence(task, LENGTH, 3), LENGTH));
        }
    }

    @Test(dataProvider = "tasks")
    public void theShortestWorksAndShorterIsRefused(SyntheticTask task) {
        int shortest = task.shortest(COPIED);
        for (int i = 0; i < SEQUENCES; i++) {
            SyntheticSequence sequence = sequence(task, shortest, i);
            long[] tokens = read(sequence, shortest);
            Assert.assertEquals(sequence.answers().length, task.answers(COPIED));
            Assert.assertEquals(tokens[shortest - 1], SyntheticTask.SPECIAL);
        }
        Assert.expectThrows(IllegalArgumentException.class, () -> sequence(task, shortest - 1, 0));
    }

    @Test
    public void seedsDoNotShareRandomNumbers() {
        long first = SyntheticSource.random(1, 2).nextLong();
        Assert.assertEquals(SyntheticSource.random(1, 2).nextLong(), first);
        Assert.assertNotEquals(SyntheticSource.random(2, 1).nextLong(), first);
        Assert.assertNotEquals(SyntheticSource.random(1, 2, 0).nextLong(), first);
    }

    private static SyntheticSource source(SyntheticTask task, int rows, int seed) {
        return new SyntheticSource(
                new SyntheticBatches(task, rows, 16, LENGTH, FEWEST, COPIED, 0), seed);
    }

    @Test(dataProvider = "tasks")
    public void batchesHaveLabelsAtTheAnswersOnly(SyntheticTask task) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                SyntheticSource source = source(task, 3, 7)) {
            BitSet counts = new BitSet();
            for (int i = 0; i < 20; i++) {
                counts.set(assertBatch(source, manager));
            }
            int least = task.answers(FEWEST);
            int most = task.answers(COPIED);
            Assert.assertEquals(counts.nextSetBit(0), least);
            Assert.assertEquals(counts.length() - 1, most);
        }
    }

    /** Returns the number of answers of a sequence, which are its last labels. */
    private static int assertBatch(SyntheticSource source, NDManager manager) {
        try (SequenceBatch batch = source.next(manager)) {
            int length = (int) batch.ids().getShape().get(1);
            Assert.assertTrue(length >= 16 && length <= LENGTH, "length " + length);
            Assert.assertEquals(batch.labels().getShape(), batch.ids().getShape());
            long[] labels = batch.labels().toLongArray();
            long rows = batch.ids().getShape().get(0);
            long counted = LongStream.of(labels).filter(l -> l != SequenceBatch.IGNORED).count();
            int answers = (int) (counted / rows);
            long[] ids = batch.ids().toLongArray();
            for (int position = 0; position < labels.length; position++) {
                boolean isAnswer = position % length >= length - answers;
                Assert.assertEquals(labels[position] != SequenceBatch.IGNORED, isAnswer);
                Assert.assertTrue(!isAnswer || ids[position] == SyntheticTask.SPECIAL);
            }
            return answers;
        }
    }

    @Test
    public void aCurriculumEndsWithTheLargest() {
        SyntheticBatches like =
                new SyntheticBatches(
                        SyntheticTask.SELECTIVE_COPYING, 2, 16, LENGTH, FEWEST, COPIED, 100);
        BitSet lengths = new BitSet();
        for (int i = 0; i < SEQUENCES; i++) {
            lengths.set(like.length(SyntheticSource.random(i), 0));
            int half = like.length(SyntheticSource.random(i), 50);
            Assert.assertTrue(half >= 25 && half <= LENGTH, "length " + half); // √(16 · 40)
            Assert.assertTrue(like.copied(SyntheticSource.random(i), 50) >= 4);
            Assert.assertEquals(like.length(SyntheticSource.random(i), 100 + i), LENGTH);
            Assert.assertEquals(like.copied(SyntheticSource.random(i), 100 + i), COPIED);
        }
        Assert.assertEquals(lengths.nextSetBit(0), 16);
        Assert.assertEquals(lengths.length() - 1, LENGTH);
    }

    @Test
    public void restoredSourcesGoOnAsTheyWould() {
        SyntheticTask task = SyntheticTask.SELECTIVE_COPYING;
        try (NDManager manager = NDManager.newBaseManager("PyTorch");
                SyntheticSource source = source(task, 2, 7);
                SyntheticSource again = source(task, 2, 7);
                SyntheticSource other = source(task, 2, 8)) {
            source.next(manager);
            source.next(manager);
            JsonObject position = source.position();
            again.restore(position);
            long[] expected = source.next(manager).ids().toLongArray();
            Assert.assertEquals(again.next(manager).ids().toLongArray(), expected);
            IllegalArgumentException refused =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> other.restore(position));
            Assert.assertTrue(refused.getMessage().contains("seed 8"), refused.getMessage());
        }
    }
}
