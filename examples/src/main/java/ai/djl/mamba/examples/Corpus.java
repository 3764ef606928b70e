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
package ai.djl.mamba.examples;

import ai.djl.mamba.examples.Failures.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Bytes to learn from, and bytes held out to judge by.
 *
 * @param files the number of files
 * @param training the bytes to learn from
 * @param validation the bytes held out: whole files where there are several
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Corpus(int files, byte[] training, byte[] validation) {

    private static final double HELD_OUT = 0.1;
    private static final int FEWEST_FILES_TO_SPLIT = 5;
    private static final int LOOKED_AT = 8192;

    /**
     * Reads files and folders.
     *
     * @param paths the files and folders; hidden folders and {@code target} are skipped
     * @param include a glob that the names of files in folders must match, or {@code null} for all
     *     files that look like text
     * @param seed decides which files are held out
     * @param shortest the fewest bytes that training and validation need
     */
    static Corpus read(List<Path> paths, String include, int seed, int shortest)
            throws IOException {
        PathMatcher matcher =
                include == null ? null : FileSystems.getDefault().getPathMatcher("glob:" + include);
        Set<Path> found = new TreeSet<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                Files.walkFileTree(path, new Finder(path, matcher, found));
            } else {
                found.add(path);
            }
        }
        List<byte[]> texts = new ArrayList<>();
        for (Path file : found) {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length > 0 && (matcher != null || paths.contains(file) || isText(bytes))) {
                texts.add(bytes);
            }
        }
        return split(texts, paths, seed, shortest);
    }

    private static Corpus split(List<byte[]> texts, List<Path> paths, int seed, int shortest) {
        long total = texts.stream().mapToLong(text -> text.length).sum();
        if (total == 0) {
            throw new Failure("there is no text in " + paths);
        }
        if (total > Integer.MAX_VALUE / 2) {
            throw new Failure("the text is larger than 1 GiB: name fewer files");
        }
        long wanted = (long) (total * HELD_OUT);
        ByteArrayOutputStream training = new ByteArrayOutputStream();
        ByteArrayOutputStream validation = new ByteArrayOutputStream();
        if (texts.size() < FEWEST_FILES_TO_SPLIT) {
            texts.forEach(training::writeBytes);
            byte[] all = training.toByteArray();
            int cut = (int) (total - wanted);
            training.reset();
            training.write(all, 0, cut);
            validation.write(all, cut, all.length - cut);
        } else {
            List<byte[]> shuffled = new ArrayList<>(texts);
            Collections.shuffle(shuffled, new Random(seed));
            shuffled.forEach(
                    text -> (validation.size() < wanted ? validation : training).writeBytes(text));
        }
        if (Math.min(training.size(), validation.size()) < shortest) {
            throw new Failure(
                    String.format(
                            "the text in %s is too short: %d bytes, of which a tenth is held out;"
                                    + " both parts need %d for this --length",
                            paths, total, shortest));
        }
        return new Corpus(texts.size(), training.toByteArray(), validation.toByteArray());
    }

    private static boolean isText(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, LOOKED_AT); i++) {
            if (bytes[i] == 0) {
                return false;
            }
        }
        return true;
    }

    private static final class Finder extends SimpleFileVisitor<Path> {

        private final Path root;
        private final PathMatcher matcher;
        private final Set<Path> found;

        Finder(Path root, PathMatcher matcher, Set<Path> found) {
            this.root = root;
            this.matcher = matcher;
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean skip = !folder.equals(root) && (name.startsWith(".") || "target".equals(name));
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()
                    && (matcher == null || matcher.matches(file.getFileName()))) {
                found.add(file);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
