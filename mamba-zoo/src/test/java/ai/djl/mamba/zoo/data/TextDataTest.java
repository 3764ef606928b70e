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

import ai.djl.mamba.zoo.data.HashSplit.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Documents come from files of all formats, and bad rows are reported with their lines. */
public class TextDataTest {

    private DataFolder folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = new DataFolder();
    }

    @AfterMethod(alwaysRun = true)
    public void deleteFolder() throws IOException {
        folder.close();
    }

    private static void assertTexts(TextData data, String... texts) throws IOException {
        Assert.assertEquals(DataFolder.texts(DataFolder.read(data)), List.of(texts));
    }

    private static void assertBad(TextData data, Path file, Object... linesAndProblems) {
        List<String> found = data.badRows().examples();
        Assert.assertEquals(found.size(), linesAndProblems.length / 2, found.toString());
        for (int i = 0; i < found.size(); i++) {
            String start = file + ":" + linesAndProblems[2 * i] + ": ";
            String problem = (String) linesAndProblems[2 * i + 1];
            String bad = found.get(i);
            Assert.assertTrue(bad.startsWith(start) && bad.contains(problem), bad);
        }
        Assert.assertEquals(data.badRows().count(), found.size());
    }

    @Test
    public void foldersGiveTheirTextFilesInTheOrderOfTheirNames() throws IOException {
        folder.write("b.txt", "b");
        folder.write("a/z.txt", "az");
        folder.write("B.txt", "B");
        folder.write("empty.txt", "");
        folder.write("binary", new byte[] {65, 0, 66});
        folder.write("packed.txt.gz", DataFolder.gzip("packed"));
        folder.write(".git/c.txt", "hidden");
        folder.write("a/target/d.txt", "built");
        assertTexts(folder.data().build(), "B", "az", "b", "packed");
        assertTexts(folder.data().optInclude("[ab].*").build(), "b");
        assertTexts(folder.data().optInclude("a/*").build(), "az");
        assertTexts(folder.data().optInclude("binary").build(), "A\0B");
        Path file = folder.path().resolve("b.txt");
        assertTexts(
                TextData.builder().addPaths(List.of(file, folder.path())).build(),
                "b",
                "B",
                "az",
                "packed");
        Assert.expectThrows(
                NoSuchFileException.class,
                () -> TextData.builder().addPath(folder.path().resolve("none")).build());
        Assert.expectThrows(IllegalArgumentException.class, () -> TextData.builder().build());
    }

    @Test
    public void archivesAreReadAsFolders() throws IOException {
        Map<String, String> entries = new TreeMap<>();
        entries.put("m/B.java", "class B");
        entries.put("m/A.java", "class A");
        entries.put("m/\u4e2d.java", "class C");
        entries.put("m/x.bin", "\0");
        entries.put(".hidden/D.java", "class D");
        entries.put("rows.csv", "text\none\ntwo\n");
        String longText = "line\n".repeat(40_000);
        entries.put("z.java", longText);
        Path zip = folder.zip("src.zip", entries);
        TextData data = TextData.builder().addPath(zip).build();
        assertTexts(data, "class A", "class B", "class C", "one", "two", longText);
        assertTexts(TextData.builder().addPath(zip).optInclude("A.java").build(), "class A");
        Assert.assertEquals(DataFolder.read(data).get(0).origin(), zip + "!/m/A.java");
    }

    @Test
    public void aLongTextComesInPieces() throws IOException {
        String lines = "a line of text \uD83D\uDE00\u00fc\n".repeat(20_000);
        String none = "x".repeat(65_535) + "\uD83D\uDE00" + "y".repeat(65_536);
        Path first = folder.write("a.txt", lines);
        folder.write("b.txt", none);
        try (RecordStream stream = folder.data().build().part(Part.ALL).open()) {
            TextRecord record = stream.next();
            Assert.assertTrue(record.text().length() <= 65_536 && record.text().endsWith("\n"));
            // the next document can be read before the rest of this one
            TextRecord next = stream.next();
            Assert.assertEquals(next.text(), "x".repeat(65_535)); // no character is cut in two
            Assert.assertEquals(DataFolder.text(next), none);
            Assert.assertEquals(DataFolder.text(record), lines);
            Assert.assertNull(stream.next());
        }
        TextData cut = TextData.builder().addPath(first).optDocumentLength(100).build();
        List<TextRecord> records = DataFolder.read(cut);
        Assert.assertEquals(String.join("", DataFolder.texts(records)), lines);
        Assert.assertTrue(records.stream().allMatch(r -> r.text().length() <= 100));
        Assert.assertEquals(records.get(1).origin(), first + ":6");
    }

    @Test
    public void bytesThatAreNoUtf8AreReportedOrReplaced() throws IOException {
        byte[] bytes = "\uFEFFone\ntwo\nthr\u00e9e\n".getBytes(StandardCharsets.UTF_8);
        int bad = bytes.length - 3;
        Assert.assertEquals(bytes[bad], (byte) 0xA9);
        byte[] truncated = Arrays.copyOf(bytes, bad);
        bytes[bad] = 'e';
        Path file = folder.write("a.txt", bytes);
        Path end = folder.write("b.txt", truncated);
        TextData data = folder.data().build();
        assertTexts(data);
        Assert.assertEquals(data.badRows().count(), 2);
        Assert.assertTrue(data.badRows().examples().get(0).startsWith(file + ":3: "));
        Assert.assertTrue(data.badRows().examples().get(1).startsWith(end + ":3: "));
        assertTexts(
                folder.data().optLenient(true).build(),
                "one\ntwo\nthr\uFFFDee\n",
                "one\ntwo\nthr\uFFFD");
    }

    @Test
    public void aLongTextEndsWhereItIsNoUtf8() throws IOException {
        String good = "12345678\n".repeat(20_000);
        byte[] bytes = (good + "x").getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 1] = (byte) 0xFF;
        Path file = folder.write("a.txt", bytes);
        TextData data = folder.data().build();
        String text = DataFolder.read(data).get(0).text();
        Assert.assertTrue(text.length() > 65_536 && good.startsWith(text));
        assertBad(data, file, 20_001, "not UTF-8");
    }

    @Test
    public void linesOfJsonGiveTextAndLabel() throws IOException {
        Path file =
                folder.write(
                        "a.jsonl",
                        String.join(
                                "\r\n",
                                "\uFEFF{\"text\": \"one\\nline \\ud83d\\ude00\", \"label\": \"x\"}",
                                "",
                                "{\"label\": 3, \"text\": \"two\", \"more\": [{}, null]}",
                                "{\"text\": \"three\"}",
                                "{\"text\": 4, \"label\": \"x\"}",
                                "{\"text\": \"five\", \"label\": [\"x\"]}",
                                "{\"text\": \"six\", \"label\": \"x\"",
                                "{text: \"seven\", \"label\": \"x\"}",
                                "{\"text\": \"eight\", \"label\": \"x\"} {}",
                                "[\"nine\", \"x\"]",
                                "{\"text\": \"\", \"label\": \"x\"}",
                                "{\"text\": null, \"label\": \"x\"}",
                                "{\"text\": \"last\", \"label\": true}"));
        TextData data = TextData.builder().addPath(file).optLabelField("label").build();
        List<TextRecord> records = DataFolder.read(data);
        Assert.assertEquals(
                records,
                List.of(
                        new TextRecord("one\nline \uD83D\uDE00", "x", file + ":1"),
                        new TextRecord("two", "3", file + ":3"),
                        new TextRecord("last", "true", file + ":13")));
        assertBad(
                data,
                file,
                4,
                "expected a field \"label\", found [text]",
                5,
                "got 4",
                6,
                "a boolean in the field \"label\"",
                7,
                "malformed JSON",
                8,
                "malformed JSON",
                9,
                "malformed JSON",
                10,
                "expected a JSON object",
                11,
                "is empty",
                12,
                "got null");
        DataFolder.read(data); // meets them again
        Assert.assertEquals(data.badRows().count(), 9);
    }

    @Test
    public void fieldsAndFormatsCanBeNamed() throws IOException {
        Path file = folder.write("a.data", "{\"body\": \"one\", \"kind\": \"x\"}\n");
        TextData data =
                TextData.builder()
                        .addPath(file)
                        .optFormat(TextFormat.JSON_LINES)
                        .optTextField("body")
                        .optLabelField("kind")
                        .build();
        Assert.assertEquals(
                DataFolder.read(data), List.of(new TextRecord("one", "x", file + ":1")));
        Assert.assertEquals(TextFormat.of("A.JSONL.GZ"), TextFormat.JSON_LINES);
        Assert.assertEquals(TextFormat.of("x.ndjson"), TextFormat.JSON_LINES);
        Assert.assertEquals(TextFormat.of("x.tsv.gz"), TextFormat.TSV);
        Assert.assertEquals(TextFormat.of("csv"), TextFormat.TEXT);
    }

    @Test
    public void rowsOfCsvMayHaveQuotesAndLineEnds() throws IOException {
        Path file =
                folder.write(
                        "a.csv",
                        String.join(
                                "\r\n",
                                "\uFEFFid,text,label",
                                "1,\"one, \"\"quoted\"\"\r\nover\nlines\",x",
                                "2,5\" disk,y",
                                "3,too,many,columns",
                                "4,few",
                                "5,\"after\" the quote,x",
                                "",
                                "6,,x",
                                "7,\"\",x",
                                "8,eight,",
                                "\"9\",\"\"\"\",\"z\"",
                                "10,\"never closed,x",
                                "11,eleven,x"));
        TextData data = TextData.builder().addPath(file).optLabelField("label").build();
        Assert.assertEquals(
                DataFolder.read(data),
                List.of(
                        new TextRecord("one, \"quoted\"\r\nover\nlines", "x", file + ":2"),
                        new TextRecord("5\" disk", "y", file + ":5"),
                        new TextRecord("\"", "z", file + ":13")));
        assertBad(
                data,
                file,
                6,
                "expected 3 columns as in the header, got 4",
                7,
                "got 2",
                8,
                "malformed row",
                10,
                "the column text is empty",
                11,
                "the column text is empty",
                12,
                "the column label is empty",
                14,
                "a quote is still open at the end of the file");
    }

    @Test
    public void csvNeedsItsColumns() throws IOException {
        Path file = folder.write("a.csv", "body,label\none,x\n");
        folder.write("b.tsv", "text\tbody\n\"two\ttabs\"\tx\n");
        TextData data = folder.data().build();
        assertTexts(data, "two\ttabs");
        assertBad(data, file, 1, "expected a column \"text\" in the header, found [body, label]");
    }

    @Test
    public void rowsThatAreNoUtf8OrTooLongLeaveTheOthersAlone() throws IOException {
        String bad = "{\"text\": \"\u00ff\"}\n";
        Path file =
                folder.write(
                        "a.jsonl",
                        ("{\"text\": \"one\"}\n" + bad + "{\"text\": \"three\"}\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
        TextData data = folder.data().build();
        assertTexts(data, "one", "three");
        assertBad(data, file, 2, "not UTF-8");
        assertTexts(folder.data().optLenient(true).build(), "one", "\uFFFD", "three");

        String open = "text\none\n\"two\n" + "0123456\n".repeat(1 << 21) + "last\n";
        Path csv = folder.write("a.csv", open);
        TextData rows = TextData.builder().addPath(csv).build();
        assertTexts(rows, "one", "last");
        assertBad(rows, csv, 3, "or a quote is not closed");
    }

    @Test
    public void damagedArchivesAreReported() throws IOException {
        byte[] packed = DataFolder.gzip("some text\n".repeat(1000));
        folder.write("a.txt.gz", Arrays.copyOf(packed, packed.length / 2));
        folder.write("b.csv.gz", "text\nnot compressed\n");
        folder.write("c.txt", "good");
        TextData data = folder.data().build();
        assertTexts(data, "good");
        Assert.assertEquals(data.badRows().count(), 2);
    }

    @Test
    public void aBadRowStopsTheRunByOption() throws IOException {
        Path file = folder.write("a.jsonl", "{\"text\": \"one\"}\n{\n");
        TextData data = folder.data().optBadRows(true, 0).build();
        try (RecordStream stream = data.part(Part.ALL).open()) {
            Assert.assertEquals(stream.next().text(), "one");
            BadDataException e = Assert.expectThrows(BadDataException.class, stream::next);
            Assert.assertTrue(e.getMessage().startsWith(file + ":2: malformed"), e.getMessage());
        }
    }

    @Test
    public void onlyTheFirstBadRowsAreKept() throws IOException {
        folder.write("a.jsonl", "{\n".repeat(1000));
        TextData data = folder.data().optBadRows(false, 3).build();
        assertTexts(data);
        Assert.assertEquals(data.badRows().count(), 1000);
        Assert.assertEquals(data.badRows().examples().size(), 3);
    }

    @Test
    public void foldersAndExtensionsAreLabels() throws IOException {
        folder.write("dog/deep/a.txt", "woof");
        folder.write("cat/b.c", "meow");
        Path stray = folder.write("stray.txt", "?");
        TextData data = folder.data().optLabels(LabelSource.FOLDER).build();
        Assert.assertEquals(
                DataFolder.read(data).stream().map(TextRecord::label).toList(),
                List.of("cat", "dog"));
        Assert.assertEquals(
                data.badRows().examples(),
                List.of(stray + ": the file is not in a subfolder that could label it"));
        TextData byExtension =
                folder.data().optLabels(LabelSource.extensions(Map.of("c", "C"))).build();
        Assert.assertEquals(
                DataFolder.read(byExtension).stream().map(TextRecord::label).toList(),
                List.of("C"));
        Assert.assertEquals(byExtension.badRows().count(), 0);
        Assert.assertEquals(ClassNames.scan(data.part(Part.ALL)).names(), List.of("cat", "dog"));
    }

    @Test
    public void classesAreSortedByNameOrNumber() throws IOException {
        folder.write("10/a.txt", "a");
        folder.write("9/a.txt", "b");
        TextData data = folder.data().optLabels(LabelSource.FOLDER).build();
        ClassNames classes = ClassNames.scan(data.part(Part.ALL));
        Assert.assertEquals(classes.names(), List.of("9", "10"));
        Assert.assertEquals(classes.id("10"), 1);
        Assert.assertEquals(classes.id("11"), -1);
        Assert.expectThrows(
                IllegalArgumentException.class,
                () -> ClassNames.scan(folder.data().build().part(Part.ALL)));
        Assert.expectThrows(IllegalArgumentException.class, () -> ClassNames.of(List.of("a", "a")));
    }
}
