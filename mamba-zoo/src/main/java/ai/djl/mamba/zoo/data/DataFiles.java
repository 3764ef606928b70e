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

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Lists the files of paths, in an order that depends on their names only. */
final class DataFiles {

    private DataFiles() {}

    /**
     * Finds files.
     *
     * @param paths files, folders and archives; hidden subfolders and subfolders named {@code
     *     target} are skipped
     * @param include a glob for the files of folders and archives, or {@code null} for all
     * @return the files, sorted within each path, without duplicates
     * @throws IOException if a path does not exist or cannot be read
     */
    static List<DataFile> list(List<Path> paths, String include) throws IOException {
        List<DataFile> all = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Path path : paths) {
            List<DataFile> found = find(path, include);
            found.sort(
                    Comparator.comparing(
                            DataFile::name)); // by UTF-16 code units, regardless of locale
            for (DataFile file : found) {
                Path real = file.path().toRealPath();
                if (seen.add(file.entry() == null ? real.toString() : real + "!" + file.entry())) {
                    all.add(file);
                }
            }
        }
        return all;
    }

    private static List<DataFile> find(Path path, String include) throws IOException {
        List<DataFile> found = new ArrayList<>();
        if (Files.isDirectory(path)) {
            Files.walkFileTree(path, new Finder(path, null, include, found));
        } else if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        } else if (TextArchive.isArchive(path)) {
            try (FileSystem archive = TextArchive.folders(path)) {
                Path root = archive.getPath("/");
                Files.walkFileTree(root, new Finder(root, path, include, found));
            }
        } else {
            String name = String.valueOf(path.getFileName());
            found.add(new DataFile(path, null, name, Files.size(path), true));
        }
        return found;
    }

    private static final class Finder extends SimpleFileVisitor<Path> {

        private final Path root;
        private final Path archive;
        private final PathMatcher matcher;
        private final boolean matchFolders;
        private final List<DataFile> found;

        Finder(Path root, Path archive, String include, List<DataFile> found) {
            this.root = root;
            this.archive = archive;
            this.found = found;
            matcher =
                    include == null ? null : root.getFileSystem().getPathMatcher("glob:" + include);
            matchFolders = include != null && include.contains("/");
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = String.valueOf(folder.getFileName());
            boolean skip = name.startsWith(".") || "target".equals(name) || "target/".equals(name);
            return skip && !folder.equals(root)
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            Path relative = root.relativize(file);
            Path matched = matchFolders ? relative : relative.getFileName();
            if (attributes.isRegularFile() && (matcher == null || matcher.matches(matched))) {
                String name = relative.toString().replace(root.getFileSystem().getSeparator(), "/");
                found.add(
                        new DataFile(
                                archive == null ? file : archive,
                                archive == null ? null : file.toString(),
                                name,
                                attributes.size(),
                                matcher != null));
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
