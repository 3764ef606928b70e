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

import ai.djl.mamba.examples.cli.common.Failures;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds files of known languages in folders and zip archives, within limits, as trees may be huge.
 * Links are not followed; what cannot be read is counted and skipped.
 */
final class LanguageSearch implements AutoCloseable {

    private static final long MAX_BYTES = 1 << 20; // longer ones are usually generated
    private static final long MAX_NANOS = 60_000_000_000L;

    private final int maxFiles;
    private final long start = System.nanoTime();
    private final Map<String, List<Path>> found = new TreeMap<>();
    private final List<FileSystem> archives = new ArrayList<>();
    private final List<Path> cutShort = new ArrayList<>();
    private int unreadable;

    /**
     * Creates a search.
     *
     * @param maxFiles the maximum number of files of any kind that are looked at in one folder
     */
    LanguageSearch(int maxFiles) {
        this.maxFiles = maxFiles;
    }

    /** The folders and archives with texts that machines usually have, if they exist here. */
    static List<Path> usualPlaces() throws IOException {
        Path java = Path.of(System.getProperty("java.home"));
        Path home = Path.of(System.getProperty("user.home"));
        List<Path> places = new ArrayList<>(List.of(Path.of("."), java.resolve("lib/src.zip")));
        places.addAll(matching(Path.of("/usr/lib"), "python3*"));
        places.addAll(matching(Path.of("/usr/share"), "perl*"));
        for (String folder : List.of("/usr/include", "/usr/share", "/usr/lib", "/etc")) {
            places.add(Path.of(folder));
        }
        places.add(home.resolve(".m2/repository"));
        return places.stream().filter(Files::exists).toList();
    }

    private static List<Path> matching(Path folder, String glob) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
            return all.filter(path -> matcher.matches(path.getFileName())).sorted().toList();
        }
    }

    /**
     * Searches a place.
     *
     * @param place a folder or a zip archive
     * @throws IOException if it does not exist or is a file of another kind
     */
    void search(Path place) throws IOException {
        Path root = place.toRealPath(); // the only link that is followed
        if (Files.isDirectory(root)) {
            Files.walkFileTree(root, new Finder(place, root));
        } else if (isArchive(root)) {
            try {
                FileSystem archive = FileSystems.newFileSystem(root);
                archives.add(archive);
                Path top = archive.getPath("/");
                Files.walkFileTree(top, new Finder(place, top));
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException | ProviderNotFoundException e) { // the latter for x.ZIP
                unreadable++; // a damaged archive
            }
        } else {
            throw new Failures.Failure(place + ": expected a folder or a zip archive");
        }
    }

    private static boolean isArchive(Path path) {
        String name = path.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".zip") || name.endsWith(".jar");
    }

    /** The files of each language; those in archives can be read while this is open. */
    Map<String, List<Path>> found() {
        return found;
    }

    /** The places that were not searched completely. */
    List<Path> cutShort() {
        return cutShort;
    }

    /** The number of folders, files and archives that could not be read. */
    int unreadable() {
        return unreadable;
    }

    @Override
    public void close() throws IOException {
        for (FileSystem archive : archives) {
            archive.close();
        }
    }

    private final class Finder extends SimpleFileVisitor<Path> {

        private final Path place;
        private final Path root;
        private int seen;

        Finder(Path place, Path root) {
            this.place = place;
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean skip = name.startsWith(".") || "target".equals(name);
            return skip && !folder.equals(root)
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            seen++;
            if (seen > maxFiles || System.nanoTime() - start > MAX_NANOS) {
                cutShort.add(place);
                return FileVisitResult.TERMINATE;
            }
            String language = Languages.of(String.valueOf(file.getFileName()));
            boolean isUsable = attributes.isRegularFile() && attributes.size() <= MAX_BYTES;
            if (language != null && isUsable) {
                found.computeIfAbsent(language, key -> new ArrayList<>()).add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            unreadable++;
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException failureOrNull) {
            unreadable += failureOrNull == null ? 0 : 1;
            return FileVisitResult.CONTINUE;
        }
    }
}
