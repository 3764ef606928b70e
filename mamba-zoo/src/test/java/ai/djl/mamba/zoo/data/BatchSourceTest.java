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

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import ai.djl.mamba.training.BatchSource;
import ai.djl.mamba.training.SequenceBatch;
import ai.djl.mamba.zoo.testing.TokenizerFolder;
import ai.djl.mamba.zoo.text.Tokenizer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Batches hold each document once, know where documents end, and go on where they were. */
public class BatchSourceTest extends EngineSuite {

    private static final long END = 1; // no text has this byte

    private DataFolder folder;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public BatchSourceTest(EngineSetup engine) {
        super(engine);
    }

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
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
        try (BatchSource source = folder.packed(3, 64).optEndOfText(end).optEpochs(2).build()) {
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
        try (BatchSource source = folder.packed(3, 4).optEndOfText(OptionalLong.of(END)).build()) {
            HostRows batch = HostRows.next(source, manager);
            Assert.assertEquals(
                    batch.ids(), new long[][] {{97, 98, 99, 100}, {101, 102, 103, 104}});
            Assert.assertEquals(
                    batch.labels(), new long[][] {{98, 99, 100, 101}, {102, END, 104, END}});
            Assert.assertEquals(batch.segments(), new long[][] {{1, 1, 1, 1}, {1, 1, 2, 2}});
        }
        try (BatchSource source = folder.packed(3, 4).optDropRemainder(true).build()) {
            EOFException e = Assert.expectThrows(EOFException.class, () -> source.next(manager));
            Assert.assertTrue(e.getMessage().contains("2 rows of 4 tokens"), e.getMessage());
        }
    }

    @Test
    public void wholeDocumentsAreNotCut() throws IOException {
        List<String> texts = folder.documents(40, 64);
        StringBuilder all = new StringBuilder();
        try (BatchSource source = folder.packed(3, 64).optWhole(true).build()) {
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
        try (BatchSource source = folder.continued(3, 64).optEndOfText(end).build()) {
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
        try (BatchSource source = folder.continued(1, 4).build()) {
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
                        .setRecords(folder.records())
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
                                        .setRecords(folder.records())
                                        .setBatch(1)
                                        .setLength(1 << 20)
                                        .build());
        Assert.assertTrue(e.getMessage().contains("too short"), e.getMessage());
    }

    @Test
    public void noTextIsAnError() throws IOException {
        folder.write("a.txt", "");
        try (BatchSource source = folder.packed(1, 4).build()) {
            Assert.expectThrows(EOFException.class, () -> source.next(manager));
        }
    }

    @Test
    public void tokenizersEndTextsWithTheirToken() throws Exception {
        List<String> texts = folder.documents(5, 300);
        Path model = TokenizerFolder.of("byte-level");
        try (Tokenizer tokenizer = Tokenizer.open(model, TokenizerFolder.VOCAB_SIZE);
                BatchSource source = folder.packed(2, 64).optTokenizer(tokenizer).build()) {
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
