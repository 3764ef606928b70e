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
import ai.djl.mamba.examples.cli.report.ReportFolder;
import ai.djl.mamba.zoo.data.HashSplit;
import ai.djl.mamba.zoo.data.HashSplit.Part;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Windows of files with their languages: about as many of each language, and no window on both
 * sides.
 *
 * @param training those to train on
 * @param test those to evaluate on
 */
record LanguageData(List<Document> training, List<Document> test) {

    /** The files of {@link #write}, JSON lines. */
    static final String TRAINING = "training.jsonl";

    static final String TEST = "test.jsonl";

    private static final int MIN_BYTES = 64; // fewer do not reveal a language
    private static final double HELD_OUT = 0.2;

    /**
     * A window of a file.
     *
     * @param text the window
     * @param label the language
     * @param file where it is from
     */
    record Document(String text, String label, String file) {}

    /**
     * The wanted data.
     *
     * @param bytes the maximum number of bytes of a window
     * @param place where in a file it is
     * @param training the maximum number of files of a language to train on
     * @param test the maximum number to evaluate on
     * @param least the minimum number of files of a language, which is left out otherwise
     * @param seed determines which files are taken
     */
    record Wanted(int bytes, Place place, int training, int test, int least, int seed) {}

    /** The number of files of a language, on both sides. */
    record Count(String language, int training, int test) {}

    /**
     * Reads files until there are enough of each language.
     *
     * @param files the files of each language
     * @param wanted what is wanted
     * @return the data
     * @throws Failure if fewer than two languages have enough files
     */
    static LanguageData select(Map<String, List<Path>> files, Wanted wanted) {
        Selection selection = new Selection(wanted);
        LanguageData data = new LanguageData(new ArrayList<>(), new ArrayList<>());
        Map<String, Integer> usable = new TreeMap<>();
        files.forEach(
                (language, paths) -> {
                    LanguageData one = selection.of(language, paths);
                    int count = one.training.size() + one.test.size();
                    usable.put(language, count);
                    if (count >= wanted.least && !one.training.isEmpty() && !one.test.isEmpty()) {
                        data.training.addAll(one.training);
                        data.test.addAll(one.test);
                    }
                });
        if (data.counts().size() < 2) {
            throw new Failure(
                    String.format(
                            "expected at least two languages with %d different files each, found"
                                    + " %s: name more folders with --data, or a smaller number with --least",
                            wanted.least, usable));
        }
        return data;
    }

    /** The number of files of each language, sorted by language. */
    List<Count> counts() {
        Map<String, Integer> ofTraining = count(training);
        Map<String, Integer> ofTest = count(test);
        List<Count> counts = new ArrayList<>();
        ofTraining.forEach(
                (language, count) ->
                        counts.add(new Count(language, count, ofTest.getOrDefault(language, 0))));
        return counts;
    }

    private static Map<String, Integer> count(List<Document> documents) {
        Map<String, Integer> counts = new TreeMap<>();
        documents.forEach(document -> counts.merge(document.label(), 1, Integer::sum));
        return counts;
    }

    /** Writes both sides, as {@code mamba finetune} reads them. */
    void write(ReportFolder folder) throws IOException {
        folder.write(TRAINING, lines(training));
        folder.write(TEST, lines(test));
    }

    private static String lines(List<Document> documents) {
        Gson gson = new GsonBuilder().disableHtmlEscaping().create();
        StringBuilder lines = new StringBuilder();
        documents.forEach(document -> lines.append(gson.toJson(document)).append('\n'));
        return lines.toString();
    }

    /**
     * Takes files of one language after the other; copies of files that were taken are left out.
     */
    private static final class Selection {

        private final Wanted wanted;
        private final HashSplit split;
        private final Set<String> taken = new HashSet<>();

        Selection(Wanted wanted) {
            this.wanted = wanted;
            split = HashSplit.of(HELD_OUT);
        }

        LanguageData of(String language, List<Path> files) {
            LanguageData data = new LanguageData(new ArrayList<>(), new ArrayList<>());
            Random random = new Random(31L * wanted.seed + language.hashCode());
            List<Path> shuffled = new ArrayList<>(files);
            Collections.sort(shuffled); // the order of files in a folder is arbitrary
            Collections.shuffle(shuffled, random);
            for (Path file : shuffled) {
                boolean isEnough = data.training.size() == wanted.training;
                if (isEnough && data.test.size() == wanted.test) {
                    break;
                }
                byte[] bytes = read(file);
                if (bytes != null) {
                    add(data, language, file, bytes, random);
                }
            }
            return data;
        }

        private void add(
                LanguageData data, String language, Path file, byte[] bytes, Random random) {
            String all = plain(new String(bytes, StandardCharsets.UTF_8));
            boolean isTest = split.of(all) == Part.VALIDATION; // so that copies are on one side
            List<Document> side = isTest ? data.test : data.training;
            String text = TextWindow.of(bytes, wanted.bytes, wanted.place, random);
            boolean isWanted = side.size() < (isTest ? wanted.test : wanted.training);
            if (isWanted && !text.isBlank() && isNew(all) && isNew(plain(text))) {
                side.add(new Document(text, language, file.toString()));
            }
        }

        private boolean isNew(String text) {
            return taken.add(text);
        }

        /** Versions of a file that have the same letters count as copies, too. */
        private static String plain(String text) {
            return text.replaceAll("\\P{L}+", "");
        }

        /** Whether an archive states the size and the checksum of a file; true for other files. */
        private static boolean isAsStated(Path file, byte[] bytes) throws IOException {
            if (!file.getFileSystem().supportedFileAttributeViews().contains("zip")) {
                return true;
            }
            Map<String, Object> stated = Files.readAttributes(file, "zip:size,crc");
            CRC32 checksum = new CRC32();
            checksum.update(bytes);
            return stated.get("size").equals((long) bytes.length)
                    && stated.get("crc").equals(checksum.getValue());
        }

        /** Reads a file; returns null if it does not hold text, or too little. */
        private static byte[] read(Path file) {
            byte[] bytes;
            try {
                bytes = Files.readAllBytes(file);
                if (!isAsStated(file, bytes)) {
                    return null; // the archive is damaged
                }
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            } catch (CharacterCodingException e) {
                return null; // binary, or text in another encoding
            } catch (IOException e) {
                return null; // not readable, or deleted meanwhile
            }
            boolean isText = bytes.length >= MIN_BYTES;
            for (byte b : bytes) {
                isText &= b != 0;
            }
            return isText ? bytes : null;
        }
    }
}
