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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.internal.PlainFiles;
import ai.djl.mamba.zoo.internal.files.ModelFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * The option that lets a command replace what is there. Without it a command writes only where
 * there is nothing; a link counts as something, wherever it leads. With it, a link in the place of
 * a file is replaced; a folder that is a link is refused with and without it, since what it leads
 * to need not be what was meant.
 */
public final class OverwriteOption {

    private static final int MAX_NAMES = 3;

    @Option(
            names = "--overwrite",
            description = "replace the files that are written if they exist (default: refuse)")
    private boolean overwrite;

    private OverwriteOption() {}

    /**
     * Returns whether files may be replaced.
     *
     * @return whether the option was given
     */
    public boolean isGiven() {
        return overwrite;
    }

    /**
     * Checks, before anything is computed, that a file may be written.
     *
     * @param option the option that names it
     * @param file the file
     * @param from what the command reads: files, and folders of models, whose files must not be
     *     replaced with or without the option; names; and {@code null}
     * @throws Failure if it is a folder or is read, or exists and must not be replaced
     * @throws IOException if it cannot be read
     */
    public void checkFile(String option, Path file, String... from) throws IOException {
        if (Files.isDirectory(file)) {
            throw new Failure(option + ' ' + file + ": a folder, expected a file");
        }
        Path folder = file.toAbsolutePath().getParent();
        boolean isOfModel = ModelFiles.isRead(file.getFileName().toString());
        for (String name : from) {
            boolean isRead = isPath(name, file) || (isOfModel && isPath(name, folder));
            if (isRead && !Files.isSymbolicLink(file)) {
                throw new Failure(
                        option + ' ' + file + ": the command reads it, expected another file");
            }
        }
        if (!overwrite && PlainFiles.exists(file)) {
            throw new Failure(file + " exists already: --overwrite replaces it");
        }
        try {
            PlainFiles.requireReplaceable(file);
        } catch (FileSystemException e) {
            throw new Failure(option + ' ' + e.getMessage(), e);
        }
    }

    /**
     * Checks, before anything is computed, that files may be written to a folder.
     *
     * @param folder the folder, which need not exist
     * @param from what the files are made from: folders that must not be this one, with or without
     *     the option; names; and {@code null}
     * @throws Failure if it is such a folder, or there is something in it that must not be replaced
     * @throws IOException if it cannot be read, or is a link
     */
    public void checkFolder(Path folder, String... from) throws IOException {
        for (String name : from) {
            if (Files.isDirectory(folder) && isPath(name, folder)) {
                throw new Failure(folder + ": the result would overwrite what it is made from");
            }
        }
        checkEntries(folder);
    }

    private static boolean isPath(String nameOrNull, Path expected) throws IOException {
        if (nameOrNull == null || nameOrNull.isEmpty() || !Files.exists(expected)) {
            return false;
        }
        try {
            Path path = Path.of(nameOrNull);
            return Files.exists(path) && Files.isSameFile(path, expected);
        } catch (InvalidPathException e) {
            return false; // the name of a model
        }
    }

    private void checkEntries(Path folder) throws IOException {
        if (!Files.exists(folder) || Files.isDirectory(folder)) {
            PlainFiles.requireFolder(folder);
        }
        List<String> names = overwrite ? List.of() : names(folder);
        if (!names.isEmpty()) {
            String more = names.size() > MAX_NAMES ? ", …" : "";
            List<String> first = names.subList(0, Math.min(MAX_NAMES, names.size()));
            throw new Failure(
                    String.format(
                            "%s is not empty, it has %s%s: --overwrite lets files there be"
                                    + " replaced",
                            folder, String.join(", ", first), more));
        }
    }

    private static List<String> names(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NotDirectoryException e) {
            throw new Failure(folder + " is not a folder", e);
        }
    }
}
