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
package ai.djl.mamba.integration;

import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.mamba.zoo.data.ClassNames;
import ai.djl.mamba.zoo.data.ClassificationBatches;
import ai.djl.mamba.zoo.data.ContinuedBatches;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import ai.djl.mamba.zoo.data.LabelSource;
import ai.djl.mamba.zoo.data.PackedBatches;
import ai.djl.mamba.zoo.data.RandomWindows;
import ai.djl.mamba.zoo.data.RecordSource;
import ai.djl.mamba.zoo.data.Shuffle;
import ai.djl.mamba.zoo.data.TextData;
import ai.djl.mamba.zoo.text.ByteTokenizer;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.mamba.zoo.text.Tokenizers;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Batches hold each document once, know where documents end, and go on where they were. */
public abstract class BatchSourceSuite extends EngineSuite {

    private static final long END = 1; // no text has this byte
    private static final Shuffle SHUFFLE = new Shuffle(5, 6, 1 << 20);

    private DataFolder folder;

    protected BatchSourceSuite(String engineName) {
        super(engineName);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
    }

    private RecordSource records() throws IOException {
        return folder.data().build().part(Part.ALL);
    }

    private PackedBatches.Builder packed(int batch, int length) throws IOException {
        return PackedBatches.builder().setRecords(records()).setBatch(batch).setLength(length);
    }

    private ContinuedBatches.Builder continued(int batch, int length) throws IOException {
        return ContinuedBatches.builder().setRecords(records()).setBatch(batch).setLength(length);
    }

    /** The documents in rows: each ends where its segment does, its labels are checked. */
    private static List<String> segments(HostRows batch, int row, OptionalLong end) {
        List<String> found = new ArrayList<>();
        long[] ids = batch.ids()[row];
        long[] segments = batch.segments()[row];
        long[] labels = batch.labels()[row];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ids.length && segments[i] != 0; i++) {
            Assert.assertEquals(segments[i], found.size() + 1, "segments are numbered from 1");
            text.append((char) ids[i]);
            boolean isLast = i + 1 == ids.length || segments[i + 1] != segments[i];
            if (!isLast) {
                Assert.assertEquals(labels[i], ids[i + 1]);
            } else {
                boolean endsDocument = labels[i] == end.orElse(SequenceBatch.IGNORED);
                Assert.assertTrue(endsDocument || i + 1 == ids.length, "cut at the end of rows");
                found.add(text + (endsDocument ? "$" : ""));
                text.setLength(0);
            }
        }
        for (int i = String.join("", found).replace("$", "").length(); i < ids.length; i++) {
            Assert.assertEquals(
                    new long[] {ids[i], segments[i], labels[i]},
                    new long[] {0, 0, SequenceBatch.IGNORED});
        }
        return found;
    }

    private static String dollars(List<String> texts) {
        return String.join("$", texts) + "$";
    }

    @DataProvider
    public Object[][] ends() {
        return new Object[][] {{OptionalLong.empty()}, {OptionalLong.of(END)}};
    }

    @Test(dataProvider = "ends")
    public void packedRowsAreTheDocuments(OptionalLong end) throws IOException {
        List<String> texts = folder.documents(40, 90);
        try (BatchSource source = packed(3, 64).optEndOfText(end).optEpochs(2).build()) {
            for (int epoch = 0; epoch < 2; epoch++) {
                StringBuilder all = new StringBuilder();
                List<HostRows> batches = HostRows.epoch(source, manager);
                for (int i = 0; i < batches.size(); i++) {
                    HostRows batch = batches.get(i);
                    Assert.assertNull(batch.continued());
                    boolean isLast = i + 1 == batches.size();
                    Assert.assertTrue(batch.ids().length == 3 || isLast, "rows of batch " + i);
                    for (int row = 0; row < batch.ids().length; row++) {
                        Assert.assertEquals(batch.ids()[row].length, 64);
                        boolean isFull = batch.segments()[row][63] != 0;
                        Assert.assertTrue(isFull || (isLast && row + 1 == batch.ids().length));
                        segments(batch, row, end).forEach(all::append);
                    }
                }
                Assert.assertEquals(all.toString(), dollars(texts));
            }
            Assert.assertNull(source.next(manager));
            Assert.assertNull(source.next(manager));
        }
    }

    @Test
    public void labelsGoOnInTheNextRow() throws IOException {
        folder.write("a.txt", "abcdef");
        folder.write("b.txt", "gh");
        try (BatchSource source = packed(3, 4).optEndOfText(OptionalLong.of(END)).build()) {
            HostRows batch = HostRows.next(source, manager);
            Assert.assertEquals(
                    batch.ids(), new long[][] {{97, 98, 99, 100}, {101, 102, 103, 104}});
            Assert.assertEquals(
                    batch.labels(), new long[][] {{98, 99, 100, 101}, {102, END, 104, END}});
            Assert.assertEquals(batch.segments(), new long[][] {{1, 1, 1, 1}, {1, 1, 2, 2}});
        }
        try (BatchSource source = packed(3, 4).optDropRemainder(true).build()) {
            EOFException e = Assert.expectThrows(EOFException.class, () -> source.next(manager));
            Assert.assertTrue(e.getMessage().contains("2 rows of 4 tokens"), e.getMessage());
        }
    }

    @Test
    public void wholeDocumentsAreNotCut() throws IOException {
        List<String> texts = folder.documents(40, 64);
        StringBuilder all = new StringBuilder();
        try (BatchSource source = packed(3, 64).optWhole(true).build()) {
            for (HostRows batch : HostRows.epoch(source, manager)) {
                for (int row = 0; row < batch.ids().length; row++) {
                    List<String> found = segments(batch, row, OptionalLong.empty());
                    found.forEach(all::append);
                    boolean isCut = !found.get(found.size() - 1).endsWith("$");
                    Assert.assertTrue(!isCut || found.size() == 1, "only the long one is cut");
                }
            }
        }
        Assert.assertEquals(all.toString(), dollars(texts));
    }

    @Test(dataProvider = "ends")
    public void streamsGoOnInTheNextBatch(OptionalLong end) throws IOException {
        List<String> texts = folder.documents(40, 300);
        try (BatchSource source = continued(3, 64).optEndOfText(end).build()) {
            for (int epoch = 0; epoch < 2; epoch++) {
                StringBuilder[] streams = {
                    new StringBuilder(), new StringBuilder(), new StringBuilder()
                };
                int fresh = 0;
                for (HostRows batch : HostRows.epoch(source, manager)) {
                    for (int row = 0; row < 3; row++) {
                        String stream = streams[row].toString();
                        boolean goesOn = !stream.isEmpty() && !stream.endsWith("$");
                        Assert.assertEquals(batch.continued()[row], goesOn);
                        fresh += goesOn ? 0 : 1;
                        segments(batch, row, end).forEach(streams[row]::append);
                    }
                }
                Assert.assertTrue(fresh >= 3);
                List<String> found = new ArrayList<>();
                for (StringBuilder stream : streams) {
                    Assert.assertTrue(stream.toString().endsWith("$"));
                    found.addAll(List.of(stream.toString().split("\\$")));
                }
                Assert.assertEquals(
                        found.stream().sorted().toList(), texts.stream().sorted().toList());
            }
        }
    }

    @Test
    public void aStreamThatStartsADocumentIsNotContinued() throws IOException {
        folder.write("a.txt", "abcd");
        folder.write("b.txt", "efghi");
        try (BatchSource source = continued(1, 4).build()) {
            Assert.assertEquals(HostRows.next(source, manager).continued(), new boolean[] {false});
            Assert.assertEquals(HostRows.next(source, manager).continued(), new boolean[] {false});
            HostRows last = HostRows.next(source, manager);
            Assert.assertEquals(last.continued(), new boolean[] {true});
            Assert.assertEquals(last.segments(), new long[][] {{1, 0, 0, 0}});
            Assert.assertNull(HostRows.next(source, manager));
            Assert.assertEquals(HostRows.next(source, manager).continued(), new boolean[] {false});
        }
    }

    @Test
    public void windowsKeepDocumentsApart() throws IOException {
        List<String> texts = folder.documents(40, 30);
        String all = dollars(texts);
        try (RandomWindows source =
                RandomWindows.builder()
                        .setRecords(records())
                        .setBatch(50)
                        .setLength(40)
                        .optEpochs(1)
                        .build()) {
            Assert.assertEquals(source.documents(), 40);
            Assert.assertEquals(source.bytes(), all.length() - 40);
            List<HostRows> batches = HostRows.epoch(source, manager);
            Assert.assertEquals(batches.size(), (source.bytes() + 1999) / 2000);
            int borders = 0;
            for (HostRows batch : batches) {
                for (int row = 0; row < 50; row++) {
                    List<String> found = segments(batch, row, OptionalLong.empty());
                    Assert.assertTrue(all.contains(String.join("", found)));
                    borders += found.size() - 1;
                }
            }
            Assert.assertTrue(borders > 0);
            Assert.assertNull(source.next(manager));
        }
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () ->
                                RandomWindows.builder()
                                        .setRecords(records())
                                        .setBatch(1)
                                        .setLength(1 << 20)
                                        .build());
        Assert.assertTrue(e.getMessage().contains("too short"), e.getMessage());
    }

    private TextData labelled(int rows) throws IOException {
        StringBuilder lines = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            String text = "x".repeat(i * 7 % 50) + (char) ('a' + i % 3);
            lines.append(text).append(i).append(',').append((char) ('a' + i % 3)).append('\n');
        }
        Path file = folder.write("labelled.csv", lines.toString());
        return TextData.builder().addPath(file).optLabels(LabelSource.FIELD).build();
    }

    private ClassificationBatches.Builder classes(TextData data, List<String> names) {
        return ClassificationBatches.builder()
                .setRecords(data.part(Part.ALL))
                .setClasses(ClassNames.of(names))
                .setBatch(4)
                .setLength(30);
    }

    @DataProvider
    public Object[][] readAheads() {
        return new Object[][] {{1}, {16}};
    }

    @Test(dataProvider = "readAheads")
    public void classifiersSeeEachRecordOnce(int readAhead) throws IOException {
        TextData data = labelled(102);
        Map<String, Long> found = new TreeMap<>();
        int padding = 0;
        try (BatchSource source =
                classes(data, List.of("a", "b"))
                        .optReadAhead(readAhead)
                        .optShuffle(SHUFFLE)
                        .optEpochs(1)
                        .build()) {
            for (HostRows batch : HostRows.epoch(source, manager)) {
                Assert.assertNull(batch.continued());
                boolean isTight = false;
                for (int row = 0; row < batch.ids().length; row++) {
                    Assert.assertEquals(batch.labels()[row].length, 1);
                    long[] segments = batch.segments()[row];
                    int count = (int) Arrays.stream(segments).sum();
                    Assert.assertEquals(Arrays.stream(segments).limit(count).sum(), count);
                    String text =
                            new ByteTokenizer().decode(Arrays.copyOf(batch.ids()[row], count));
                    found.put(found.size() + text, batch.labels()[row][0]);
                    padding += segments.length - count;
                    isTight |= count == segments.length;
                    String known = text.replaceAll("[x0-9]", "");
                    Assert.assertTrue(
                            known.isEmpty() || known.charAt(0) - 'a' == batch.labels()[row][0]);
                }
                Assert.assertTrue(isTight && batch.ids()[0].length <= 30);
            }
        }
        Assert.assertEquals(found.size(), 68);
        Assert.assertEquals(found.values().stream().filter(id -> id == 1).count(), 34);
        Assert.assertEquals(data.badRows().count(), 34); // those of class c
        Assert.assertTrue(
                data.badRows().examples().get(0).contains("the label \"c\" is none of [a, b]"));
        Assert.assertTrue(readAhead == 1 ? padding > 400 : padding < 200, "padding: " + padding);
    }

    @Test
    public void classesThatNoRecordHasAreAnError() throws IOException {
        TextData data = labelled(10);
        try (BatchSource source = classes(data, List.of("z")).build()) {
            Assert.expectThrows(EOFException.class, () -> source.next(manager));
        }
    }

    @Test
    public void noTextIsAnError() throws IOException {
        folder.write("a.txt", "");
        try (BatchSource source = packed(1, 4).build()) {
            Assert.expectThrows(EOFException.class, () -> source.next(manager));
        }
    }

    private interface Opener {
        BatchSource open() throws IOException;
    }

    private Map<String, Opener> allKinds() throws IOException {
        folder.documents(20, 700);
        TextData data = labelled(50);
        Map<String, Opener> openers = new HashMap<>();
        openers.put("packed", () -> packed(3, 512).optShuffle(SHUFFLE).build());
        openers.put("whole", () -> packed(7, 512).optWhole(true).build());
        openers.put("dropped", () -> packed(5, 700).optDropRemainder(true).build());
        openers.put("continued", () -> continued(3, 512).optShuffle(SHUFFLE).build());
        openers.put("in order", () -> continued(4, 300).build());
        openers.put("classes", () -> classes(data, List.of("a", "c")).optShuffle(SHUFFLE).build());
        openers.put("read ahead", () -> classes(data, List.of("a")).optReadAhead(2).build());
        openers.put(
                "windows",
                () ->
                        RandomWindows.builder()
                                .setRecords(records())
                                .setBatch(5)
                                .setLength(700)
                                .build());
        return openers;
    }

    @Test
    public void eachPositionIsWhereBatchesGoOn() throws IOException {
        for (Map.Entry<String, Opener> kind : allKinds().entrySet()) {
            List<String> positions = new ArrayList<>();
            List<String> batches = new ArrayList<>();
            int ends = 0;
            try (BatchSource source = kind.getValue().open()) {
                while (ends < 2) {
                    positions.add(source.position().toString());
                    HostRows batch = HostRows.next(source, manager);
                    batches.add(batch == null ? "end" : batch.show());
                    ends += batch == null ? 1 : 0;
                }
            }
            Assert.assertTrue(batches.size() > 8, kind.getKey() + ": " + batches.size());
            try (BatchSource used = kind.getValue().open()) {
                for (int from = batches.size() - 1; from >= 0; from--) {
                    JsonObject position =
                            JsonParser.parseString(positions.get(from)).getAsJsonObject();
                    used.restore(position);
                    Assert.assertEquals(used.position().toString(), positions.get(from));
                    int to = Math.min(from + 4, batches.size());
                    checkGoesOn(used, batches.subList(from, to), kind.getKey() + from);
                }
            }
            try (BatchSource fresh = kind.getValue().open()) {
                int from = batches.size() / 3;
                fresh.restore(JsonParser.parseString(positions.get(from)).getAsJsonObject());
                checkGoesOn(fresh, batches.subList(from, batches.size()), kind.getKey());
            }
        }
    }

    private void checkGoesOn(BatchSource source, List<String> expected, String what)
            throws IOException {
        for (String batch : expected) {
            HostRows found = HostRows.next(source, manager);
            Assert.assertEquals(found == null ? "end" : found.show(), batch, what);
        }
    }

    @Test
    public void epochsDifferAndSeedsRepeat() throws IOException {
        folder.documents(20, 700);
        List<String> epochs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            try (BatchSource source = packed(3, 512).optShuffle(SHUFFLE).build()) {
                for (int epoch = 0; epoch < 2; epoch++) {
                    StringBuilder all = new StringBuilder();
                    HostRows.epoch(source, manager).forEach(batch -> all.append(batch.show()));
                    epochs.add(all.toString());
                }
            }
        }
        Assert.assertNotEquals(epochs.get(0), epochs.get(1));
        Assert.assertEquals(epochs.subList(2, 4), epochs.subList(0, 2));
    }

    @Test
    public void positionsOfOtherDataOrOptionsAreRefused() throws IOException {
        folder.documents(3, 700);
        JsonObject position;
        try (BatchSource source = packed(3, 512).build()) {
            position = source.position();
        }
        checkRefused(packed(3, 256).build(), position, "length was 512, now it is 256");
        checkRefused(packed(3, 512).optShuffle(SHUFFLE).build(), position, "shuffle was \"null\"");
        checkRefused(continued(3, 512).build(), position, "source was \"PackedBatches\"");
        checkRefused(packed(3, 512).build(), new JsonObject(), "expected a position");
        folder.write("more.txt", "more");
        checkRefused(packed(3, 512).build(), position, "files was \"3 files");
    }

    private static void checkRefused(BatchSource source, JsonObject position, String message)
            throws IOException {
        try (source) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> source.restore(position));
            Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
        }
    }

    @Test
    public void closedBatchesLeaveNoArrays() throws IOException {
        for (Opener opener : allKinds().values()) {
            try (BatchSource source = opener.open()) {
                int before = manager.getManagedArrays().size();
                HostRows.epoch(source, manager);
                Assert.assertEquals(manager.getManagedArrays().size(), before);
            }
        }
    }

    @Test
    public void tokenizersEndTextsWithTheirToken() throws Exception {
        List<String> texts = folder.documents(5, 300);
        Path model = TokenizerFolder.of("byte-level");
        try (Tokenizer tokenizer = Tokenizers.open(model, TokenizerFolder.VOCAB_SIZE);
                BatchSource source = packed(2, 64).optTokenizer(tokenizer).build()) {
            long end = tokenizer.idOf("<|endoftext|>").orElseThrow();
            List<Long> ids = new ArrayList<>();
            for (HostRows batch : HostRows.epoch(source, manager)) {
                for (int row = 0; row < batch.ids().length; row++) {
                    for (int i = 0; i < 64 && batch.segments()[row][i] != 0; i++) {
                        ids.add(batch.ids()[row][i]);
                        if (batch.labels()[row][i] == end) {
                            ids.add(end);
                        }
                    }
                }
            }
            List<String> found = new ArrayList<>();
            while (!ids.isEmpty()) {
                int at = ids.indexOf(end);
                found.add(
                        tokenizer.decode(
                                ids.subList(0, at).stream().mapToLong(Long::longValue).toArray()));
                ids.subList(0, at + 1).clear();
            }
            Assert.assertEquals(found, texts);
        } finally {
            ProcessFiles.delete(model);
        }
    }
}
