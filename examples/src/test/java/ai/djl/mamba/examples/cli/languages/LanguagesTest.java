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
package ai.djl.mamba.examples.cli.languages;

import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.TextWindow;
import ai.djl.mamba.examples.cli.common.TextWindow.Place;
import ai.djl.mamba.examples.cli.languages.LanguageData.Count;
import ai.djl.mamba.examples.cli.languages.LanguageData.Document;
import ai.djl.mamba.examples.cli.languages.LanguageData.Wanted;
import ai.djl.mamba.examples.cli.languages.LanguagesResult.Run;
import ai.djl.mamba.training.Evaluation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Which files {@code mamba languages} takes, what of them, and what it says in the end. */
public class LanguagesTest {

    private static final Wanted WANTED = new Wanted(80, Place.MIDDLE, 30, 6, 20, 0);

    private Path folder;

    @BeforeMethod
    public void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mamba-languages");
    }

    @AfterMethod
    public void deleteFolder() throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path done, IOException e)
                            throws IOException {
                        Files.delete(done);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    /** A text of its own for each number: letters, as nothing else makes a difference. */
    private static String text(String language, int number) {
        Random random = new Random(number);
        StringBuilder text = new StringBuilder(language);
        for (int i = 0; i < 200; i++) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private Map<String, List<Path>> search(int mostFiles) throws IOException {
        try (LanguageSearch search = new LanguageSearch(mostFiles)) {
            search.search(folder);
            return search.found();
        }
    }

    @Test
    public void languagesByName() {
        Assert.assertEquals(Languages.of("some/where/Main.java"), "java");
        Assert.assertEquals(Languages.of("MAIN.C"), "c/c++");
        Assert.assertEquals(Languages.of("x.h"), "c/c++");
        Assert.assertEquals(Languages.of("a.tar.py"), "python");
        Assert.assertEquals(Languages.of("pom.xml"), "xml");
        Assert.assertNull(Languages.of("README"));
        Assert.assertNull(Languages.of("java"));
        Assert.assertNull(Languages.of("a.py/README"));
        Assert.assertNull(Languages.of("x.pyc"));
    }

    @Test
    public void windowsAreCutBetweenCharacters() {
        String text = "aäb€c𝄞dé".repeat(9);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(1);
        for (Place place : Place.values()) {
            for (int most = 4; most <= bytes.length + 1; most++) {
                String window = TextWindow.of(bytes, most, place, random);
                int size = window.getBytes(StandardCharsets.UTF_8).length;
                Assert.assertTrue(text.contains(window) && !window.isEmpty(), window);
                Assert.assertTrue(size <= most && size > Math.min(most, bytes.length) - 7, window);
            }
        }
        byte[] letters = "0123456789".getBytes(StandardCharsets.US_ASCII);
        Assert.assertEquals(TextWindow.of(letters, 4, Place.START, random), "0123");
        Assert.assertEquals(TextWindow.of(letters, 4, Place.MIDDLE, random), "3456");
        Set<String> met = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            met.add(TextWindow.of(letters, 4, Place.RANDOM, random));
        }
        Assert.assertEquals(met.size(), 7);
    }

    @Test
    public void searchPassesOverWhatItShould() throws IOException {
        write("a.py", "x");
        write("deep/er/b.py", "x");
        write("target/c.py", "x");
        write(".git/d.py", "x");
        write("long.py", new byte[(1 << 20) + 1]);
        write("unknown.xyz", "x");
        Path link = Files.createSymbolicLink(folder.resolve("e.py"), folder.resolve("a.py"));
        Files.createSymbolicLink(folder.resolve("deep/round"), folder);
        Assert.assertEquals(
                Set.copyOf(search(100).get("python")),
                Set.of(
                        folder.toRealPath().resolve("a.py"),
                        folder.toRealPath().resolve("deep/er/b.py")));
        try (LanguageSearch search = new LanguageSearch(2)) {
            search.search(folder);
            Assert.assertEquals(search.cutShort(), List.of(folder));
        }
        try (LanguageSearch search = new LanguageSearch(100)) {
            search.search(Files.createSymbolicLink(folder.resolve("link"), folder.resolve("deep")));
            Assert.assertEquals(search.found().get("python").size(), 1, "a link that was named");
            Assert.assertThrows(
                    NoSuchFileException.class, () -> search.search(folder.resolve("none")));
            Assert.assertThrows(Failure.class, () -> search.search(link));
        }
    }

    @Test
    public void searchReadsArchives() throws IOException {
        Path zip = folder.resolve("src.zip");
        try (FileSystem archive = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.createDirectory(archive.getPath("/in"));
            for (int i = 0; i < 40; i++) {
                Files.writeString(archive.getPath("/in/x" + i + ".java"), text("java", i));
                Files.writeString(archive.getPath("/in/x" + i + ".py"), text("python", i));
            }
        }
        write("damaged.zip", "no archive");
        try (LanguageSearch search = new LanguageSearch(100)) {
            search.search(zip);
            search.search(folder.resolve("damaged.zip"));
            Assert.assertEquals(search.unreadable(), 1);
            LanguageData data = LanguageData.select(search.found(), WANTED);
            Assert.assertEquals(
                    data.counts().stream().map(Count::language).toList(),
                    List.of("java", "python"));
        }
    }

    /** What is not what an archive says is not learned from. */
    @Test
    public void damagedFilesOfArchivesAreLeftOut() throws IOException {
        Path zip = folder.resolve("src.zip");
        try (FileSystem archive = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            for (int i = 0; i < 40; i++) {
                Files.writeString(archive.getPath("/x" + i + ".java"), text("java", i));
                Files.writeString(archive.getPath("/x" + i + ".py"), text("python", i));
            }
        }
        byte[] bytes = Files.readAllBytes(zip);
        ByteBuffer headers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int names = 0;
        for (int at = 0; at < bytes.length - 46; at++) {
            boolean isEntry = headers.getInt(at) == 0x02014b50;
            int length = isEntry ? headers.getShort(at + 28) : 0;
            if (new String(bytes, at + 46, length, StandardCharsets.UTF_8).endsWith(".py")) {
                int field = at + (names++ % 2 == 0 ? 16 : 24); // the checksum, the size
                headers.putInt(field, headers.getInt(field) + 1);
            }
        }
        Files.write(zip, bytes);
        write("damaged.ZIP", "no archive");
        try (LanguageSearch search = new LanguageSearch(100)) {
            search.search(zip);
            search.search(folder.resolve("damaged.ZIP"));
            Assert.assertEquals(search.unreadable(), 1);
            Failure e =
                    Assert.expectThrows(
                            Failure.class, () -> LanguageData.select(search.found(), WANTED));
            Assert.assertTrue(e.getMessage().contains("python=0"), e.getMessage());
            Assert.assertFalse(e.getMessage().contains("java=0"), e.getMessage());
        }
    }

    @Test
    public void selectionIsBalancedAndLeaksNothing() throws IOException {
        for (int i = 0; i < 120; i++) {
            write("x" + i + ".py", text("python", i));
            write("copies/y" + i + ".py", text("python", i));
            write("versions/z" + i + ".py", text("python", i) + " 2.0");
            write("x" + i + ".sh", text("shell", i / 3)); // 40 different ones
            write("x" + i + ".rb", text("ruby", i / 12)); // 10: too few
        }
        Map<String, List<Path>> files = search(10_000);
        LanguageData data = LanguageData.select(files, WANTED);
        List<Count> counts = data.counts();
        Assert.assertEquals(counts.get(0), new Count("python", 30, 6));
        Assert.assertEquals(counts.get(1).language(), "shell");
        Assert.assertTrue(counts.get(1).training() + counts.get(1).test() >= 20, "" + counts);
        Assert.assertEquals(counts.size(), 2);
        List<Document> all = new ArrayList<>(data.training());
        all.addAll(data.test());
        Set<String> texts = new HashSet<>();
        for (Document document : all) {
            int size = document.text().getBytes(StandardCharsets.UTF_8).length;
            Assert.assertEquals(size, 80);
            Assert.assertTrue(texts.add(document.text()), document.file() + " twice");
        }
        Assert.assertEquals(LanguageData.select(search(10_000), WANTED), data, "the same again");
        Wanted otherSeed = new Wanted(80, Place.MIDDLE, 30, 6, 20, 1);
        LanguageData other = LanguageData.select(files, otherSeed);
        Assert.assertNotEquals(other, data);
        Set<String> learned = starts(data.training());
        learned.addAll(starts(other.training())); // it is on one side whatever the seed
        Set<String> judged = starts(data.test());
        judged.addAll(starts(other.test()));
        judged.retainAll(learned);
        Assert.assertEquals(judged, Set.of());
    }

    /** The starts of whole files, which versions of a file have in common. */
    private static Set<String> starts(List<Document> documents) throws IOException {
        Set<String> starts = new HashSet<>();
        for (Document document : documents) {
            starts.add(Files.readString(Path.of(document.file())).substring(0, 40));
        }
        Assert.assertEquals(starts.size(), documents.size(), "versions of a file");
        return starts;
    }

    @Test
    public void selectionTakesTextsOnly() throws IOException {
        for (int i = 0; i < 60; i++) {
            write("x" + i + ".py", text("python", i));
            write("x" + i + ".sh", text("shell", i));
            write("x" + i + ".rb", text("ruby", i) + "\0");
            write("x" + i + ".go", text("go", i).substring(0, 63));
            write("x" + i + ".rs", text("rust", i) + " ".repeat(100));
            byte[] latin = (text("php", i) + "ä").getBytes(StandardCharsets.ISO_8859_1);
            write("x" + i + ".php", latin);
        }
        LanguageData data = LanguageData.select(search(10_000), WANTED);
        Assert.assertEquals(
                data.counts().stream().map(Count::language).toList(),
                List.of("python", "rust", "shell"));
        Failure failure =
                Assert.expectThrows(
                        Failure.class,
                        () ->
                                LanguageData.select(
                                        search(10_000),
                                        new Wanted(80, Place.MIDDLE, 90, 6, 61, 0)));
        Assert.assertTrue(failure.getMessage().contains("ruby=0"), failure.getMessage());
    }

    private static Run run(LanguageStart start, double... accuracies) {
        List<Evaluation> curve = new ArrayList<>();
        for (double accuracy : accuracies) {
            curve.add(new Evaluation(10L * (curve.size() + 1), 1, accuracy, 100));
        }
        return new Run(start.key(), 0.1f, 15, 1000, 1, curve);
    }

    private static String findings(Run... runs) {
        LanguagesResult result =
                new LanguagesResult(
                        "",
                        "",
                        "",
                        Map.of(),
                        Map.of(),
                        List.of(new Count("a", 1, 60), new Count("b", 1, 40)),
                        List.of(runs),
                        LanguagesResult.best(List.of(runs)).key(),
                        List.of());
        return String.join("\n", LanguagesFindings.of(result));
    }

    @Test
    public void findingsTellWhenTheRaceIsWon() {
        Run scratch = run(LanguageStart.SCRATCH, 0.2, 0.5, 0.71, 0.7);
        Run full = run(LanguageStart.PRETRAINED, 0.6, 0.7, 0.8, 0.9);
        Run lora = run(LanguageStart.LORA, 0.5, 0.6, 0.65, 0.89);
        Assert.assertEquals(LanguagesResult.best(List.of(scratch, full, lora)), full);
        String all = findings(scratch, full, lora);
        Assert.assertTrue(all.contains("on 100 files in 2 languages: from scratch 70.0 %;"), all);
        Assert.assertTrue(
                all.contains(
                        "Pretrained, all trained: as good as from scratch at the end (70.0 %, first"
                                + " reached at step 30) from step 20 on, after 50 % of all"
                                + " steps."),
                all);
        Assert.assertTrue(all.contains("from step 40 on, after 100 % of all steps."), all);
        Assert.assertTrue(all.contains("LoRA trains 15 of 1,000 numbers, 1.50 %."), all);
        Assert.assertTrue(
                all.contains("LoRA differs from training everything by -1.0 points."), all);
        Run worse = run(LanguageStart.PRETRAINED, 0.1, 0.2, 0.3, 0.4);
        Assert.assertTrue(findings(scratch, worse).contains("never as good as from scratch"));
        Assert.assertFalse(findings(scratch, worse).contains("LoRA"));
        Assert.assertEquals(findings(full).lines().count(), 1);
    }
}
