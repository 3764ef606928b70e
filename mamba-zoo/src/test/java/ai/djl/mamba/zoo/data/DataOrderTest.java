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

import ai.djl.mamba.zoo.data.HashSplit.By;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Which documents are read, and in which order, is decided by seeds and contents alone. */
public class DataOrderTest {

    private DataFolder folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
    }

    /** Counts what is read ahead of what is taken. */
    private static final class Counted implements RecordSource.Pass {

        private final int records;
        private final int length;
        private int read;

        Counted(int records, int length) {
            this.records = records;
            this.length = length;
        }

        @Override
        public TextRecord next() {
            if (read == records) {
                return null;
            }
            read++;
            return new TextRecord("x".repeat(length), null, String.valueOf(read - 1));
        }

        @Override
        public void report(String origin, String problem) {
            throw new AssertionError(problem);
        }

        @Override
        public void close() {}
    }

    private static List<Integer> shuffled(Shuffle shuffle, long epoch) throws IOException {
        List<Integer> order = new ArrayList<>();
        try (Counted stream = new Counted(1000, 10);
                ShuffleBuffer buffer = new ShuffleBuffer(stream, shuffle, epoch)) {
            for (TextRecord r = buffer.next(); r != null; r = buffer.next()) {
                order.add(Integer.valueOf(r.origin()));
                Assert.assertTrue(stream.read - order.size() < shuffle.records());
            }
            Assert.assertNull(buffer.next());
        }
        Assert.assertEquals(order.size(), 1000);
        Assert.assertEquals(new HashSet<>(order).size(), 1000);
        return order;
    }

    @Test
    public void theBufferPermutesWithinItsBounds() throws IOException {
        Shuffle shuffle = new Shuffle(1, 100, Long.MAX_VALUE);
        List<Integer> order = shuffled(shuffle, 0);
        for (int i = 0; i < order.size(); i++) {
            Assert.assertTrue(order.get(i) < i + 100, "read ahead by the buffer at most");
        }
        Assert.assertEquals(shuffled(shuffle, 0), order);
        Assert.assertNotEquals(shuffled(shuffle, 1), order);
        Assert.assertNotEquals(shuffled(new Shuffle(2, 100, Long.MAX_VALUE), 0), order);
        int moved = 0;
        for (int i = 0; i < order.size(); i++) {
            moved += Math.abs(order.get(i) - i) > 10 ? 1 : 0;
        }
        Assert.assertTrue(moved > 700, "moved far: " + moved);
        Shuffle one = new Shuffle(1, 1, Long.MAX_VALUE);
        List<Integer> same = shuffled(one, 0);
        Assert.assertEquals(same, same.stream().sorted().toList());
    }

    @Test
    public void theBufferIsBoundedByBytes() throws IOException {
        try (Counted stream = new Counted(1000, 10_000);
                ShuffleBuffer buffer =
                        new ShuffleBuffer(stream, new Shuffle(1, 1000, 100_000), 0)) {
            for (int taken = 1; buffer.next() != null; taken++) {
                Assert.assertTrue(stream.read - taken < 5, stream.read + " after " + taken);
            }
        }
    }

    @Test
    public void filesChangePlacesByTheSeedAlone() throws IOException {
        List<String> texts = folder.documents(30, 50);
        TextData data = folder.data().build();
        Assert.assertEquals(DataFolder.texts(DataFolder.read(data)), texts);
        List<String> first = inOrder(data, 3);
        Assert.assertNotEquals(first, texts);
        Assert.assertEquals(new HashSet<>(first), new HashSet<>(texts));
        Assert.assertEquals(inOrder(data, 3), first);
        Assert.assertNotEquals(inOrder(data, 4), first);
        // files made in another order, in another folder
        try (DataFolder other = new DataFolder()) {
            for (int i = texts.size() - 1; i >= 0; i--) {
                other.write("d%03d.txt".formatted(i), texts.get(i));
            }
            TextData copy = other.data().build();
            Assert.assertEquals(inOrder(copy, 3), first);
            Assert.assertEquals(
                    copy.part(Part.ALL).fingerprint(), data.part(Part.ALL).fingerprint());
            other.write("more.txt", "more");
            Assert.assertNotEquals(
                    other.data().build().part(Part.ALL).fingerprint(),
                    data.part(Part.ALL).fingerprint());
        }
        TextData some = folder.data().optMaxDocuments(5).build();
        Assert.assertEquals(DataFolder.texts(DataFolder.read(some)), texts.subList(0, 5));
        Assert.assertEquals(inOrder(some, 3), texts.subList(0, 5));
    }

    private static List<String> inOrder(TextData data, long seed) throws IOException {
        try (RecordSource.Pass stream = data.part(Part.ALL).open(seed)) {
            return DataFolder.texts(DataFolder.read(stream));
        }
    }

    @Test
    public void theSplitIsStableAndKeepsCopiesTogether() throws IOException {
        HashSplit split = new HashSplit(By.CONTENT, 0.2, 0.1, 0);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            rows.append("{\"text\": \"document ").append(i % 1000).append("\"}\n");
        }
        Path file = folder.write("a.jsonl", rows.toString());
        TextData data = folder.data().optSplit(split).build();
        Set<String> training = texts(data, Part.TRAINING);
        Set<String> validation = texts(data, Part.VALIDATION);
        Set<String> test = texts(data, Part.TEST);
        Assert.assertEquals(training.size() + validation.size() + test.size(), 1000);
        Assert.assertEquals(validation.size(), 200, 40);
        Assert.assertEquals(test.size(), 100, 30);
        Assert.assertEquals(texts(data, Part.ALL).size(), 1000);
        // the same text elsewhere, of another format, with others before it
        try (DataFolder other = new DataFolder()) {
            other.write("a.csv", "text\nnew\n" + String.join("\n", validation));
            TextData more = other.data().optSplit(split).build();
            Set<String> found = texts(more, Part.VALIDATION);
            Assert.assertTrue(found.containsAll(validation), found.toString());
        }
        TextData salted =
                TextData.builder()
                        .addPath(file)
                        .optSplit(new HashSplit(By.CONTENT, 0.2, 0.1, 1))
                        .build();
        Assert.assertNotEquals(texts(salted, Part.VALIDATION), validation);
    }

    private static Set<String> texts(TextData data, Part part) throws IOException {
        return new HashSet<>(DataFolder.texts(DataFolder.read(data.part(part))));
    }

    @Test
    public void longTextsAreOnTheSameSideInEachFormat() throws IOException {
        HashSplit split = HashSplit.of(0.5);
        int validation = 0;
        for (int i = 0; i < 8; i++) {
            String text = ("line " + i + "\n").repeat(20_000);
            Path file = folder.write(i + ".txt", text);
            Path rows =
                    folder.write(
                            i + ".jsonl", "{\"text\": \"" + text.replace("\n", "\\n") + "\"}\n");
            for (Part part : List.of(Part.TRAINING, Part.VALIDATION)) {
                List<String> found =
                        DataFolder.texts(
                                DataFolder.read(
                                        TextData.builder()
                                                .addPaths(List.of(file, rows))
                                                .optSplit(split)
                                                .build()
                                                .part(part)));
                Assert.assertTrue(found.isEmpty() || found.equals(List.of(text, text)));
                validation += part == Part.VALIDATION && !found.isEmpty() ? 1 : 0;
            }
        }
        Assert.assertTrue(validation > 0 && validation < 8, "held out: " + validation);
    }

    @Test
    public void filesAreHeldOutByName() throws IOException {
        for (int i = 0; i < 300; i++) {
            folder.write("n" + i + ".jsonl", "{\"text\": \"a" + i + "\"}\n{\"text\": \"b\"}\n");
        }
        TextData data = folder.data().optSplit(new HashSplit(By.NAME, 0.2, 0, 0)).build();
        List<TextRecord> validation = DataFolder.read(data.part(Part.VALIDATION));
        List<TextRecord> training = DataFolder.read(data.part(Part.TRAINING));
        Assert.assertEquals(validation.size() + training.size(), 600);
        Assert.assertEquals(validation.size(), 120, 40);
        for (int i = 0; i < validation.size(); i += 2) {
            String file = validation.get(i).origin().replaceAll(":1$", "");
            Assert.assertEquals(validation.get(i + 1).origin(), file + ":2");
        }
        Assert.expectThrows(
                IllegalArgumentException.class, () -> folder.data().build().part(Part.VALIDATION));
        Assert.expectThrows(
                IllegalArgumentException.class, () -> new HashSplit(By.NAME, 0.5, 0.5, 0));
    }
}
