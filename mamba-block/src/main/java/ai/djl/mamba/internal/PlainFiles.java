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
package ai.djl.mamba.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files and folders that are in the very place where they are expected: a link in their place is
 * refused, wherever it leads, and so is what is neither file nor folder, such as a pipe. Links
 * among the folders above are followed.
 */
public final class PlainFiles {

    private static final String OTHER = "a device or pipe";

    private PlainFiles() {}

    /**
     * Tells whether there is something, be it a link that leads nowhere.
     *
     * @param path the path
     * @return whether the name is taken
     */
    public static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Tells whether there is a folder.
     *
     * @param path the path
     * @return whether it is a folder, and not a link
     */
    public static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Tells whether there is a file.
     *
     * @param path the path
     * @return whether it is a regular file, and not a link
     */
    public static boolean isFile(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Checks that there is a folder, or nothing yet.
     *
     * @param folder the path; one that ends in {@code .} or {@code ..} may lead through a link, too
     * @throws FileSystemException if there is a link or a file
     */
    public static void requireFolder(Path folder) throws FileSystemException {
        Path named = folder.normalize();
        if (Files.isSymbolicLink(named) || (exists(folder) && !isFolder(folder))) {
            throw unexpected(Files.isSymbolicLink(named) ? named : folder, "a folder");
        }
    }

    /**
     * Checks that there is a file, or nothing yet.
     *
     * @param file the path
     * @throws FileSystemException if there is a link, a folder, or another thing that is not a file
     */
    public static void requireFile(Path file) throws FileSystemException {
        if (exists(file) && !isFile(file)) {
            throw unexpected(file, "a file");
        }
    }

    /**
     * Checks that there is a file or a link, which another file can replace, or nothing yet.
     *
     * @param file the path
     * @throws FileSystemException if there is a folder, or another thing that is not a file
     */
    public static void requireReplaceable(Path file) throws FileSystemException {
        if (!Files.isSymbolicLink(file)) {
            requireFile(file);
        }
    }

    /**
     * Checks that there is a file that has an end, or nothing. Other than elsewhere in this class
     * it may be behind a link: models in the cache of a hub are links to their files.
     *
     * @param file the path
     * @throws FileSystemException if there is a folder, or something like a pipe, of which a reader
     *     would wait for more
     */
    public static void requireReadable(Path file) throws FileSystemException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            String found = Files.isDirectory(file) ? "a folder" : OTHER;
            throw new FileSystemException(file.toString(), null, found + ", expected a file");
        }
    }

    private static FileSystemException unexpected(Path path, String expected) {
        String found = isFolder(path) ? "a folder" : isFile(path) ? "a file" : OTHER;
        return new FileSystemException(
                path.toString(),
                null,
                (Files.isSymbolicLink(path) ? "a link" : found) + ", expected " + expected);
    }

    /**
     * Opens a file to read it.
     *
     * @param file the file
     * @return its content
     * @throws IOException if it cannot be read, or is not a regular file
     */
    public static InputStream open(Path file) throws IOException {
        if (!exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        requireFile(file);
        return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Reads a file whole.
     *
     * @param file the file
     * @param maxBytes the maximum number of bytes
     * @return its content
     * @throws IOException if it cannot be read, is longer, or is not a regular file
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        try (InputStream in = open(file)) {
            byte[] content = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw new FileSystemException(
                        file.toString(), null, "damaged: more than " + maxBytes + " bytes");
            }
            return content;
        }
    }

    /**
     * Lists a folder.
     *
     * @param folder the folder
     * @return what is in it, in the order of the names
     * @throws IOException if it cannot be read
     */
    public static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
