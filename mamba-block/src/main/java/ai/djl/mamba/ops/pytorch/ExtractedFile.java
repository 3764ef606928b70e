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
package ai.djl.mamba.ops.pytorch;

import ai.djl.mamba.internal.EngineCache;
import ai.djl.mamba.internal.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A resource with a known checksum, extracted to a file; several JVMs may do so at once.
 *
 * <p>The file name contains the checksum, so versions can coexist. A folder is used only if nobody
 * else could change what is in it ({@link OwnFiles}): the file is loaded by its path, after it was
 * checked. An existing file there is used only if that holds for the file, too, and its content is
 * correct; otherwise a complete new one replaces it atomically.
 */
final class ExtractedFile {

    private static final Logger logger = LoggerFactory.getLogger(ExtractedFile.class);

    private final String resource;
    private final String sha256;
    private final String name;

    /**
     * Describes a file.
     *
     * @param resource the absolute name of the resource
     * @param sha256 the SHA-256 of its content in hexadecimal digits
     */
    ExtractedFile(String resource, String sha256) {
        this.resource = resource;
        this.sha256 = sha256;
        String simple = resource.substring(resource.lastIndexOf('/') + 1);
        int dot = simple.lastIndexOf('.');
        name = simple.substring(0, dot) + '-' + sha256.substring(0, 16) + simple.substring(dot);
    }

    /**
     * Returns the file in a folder, or in a temporary one if that folder is not writable or others
     * could change what is in it.
     *
     * @param folder the folder, which need not exist
     * @return the file, with the correct content
     * @throws IOException if the resource is damaged or cannot be written anywhere
     */
    Path in(Path folder) throws IOException {
        String problem;
        try {
            // the path without links, each folder of which is examined, and which is loaded
            Path real = Files.createDirectories(folder, OwnFiles.folder()).toRealPath();
            problem = OwnFiles.folderProblem(real);
            if (problem == null) {
                Path file = real.resolve(name);
                if (!isRight(file)) {
                    write(content(), file);
                }
                return file;
            }
        } catch (IOException e) {
            return temporary("be written to " + folder, e);
        }
        return temporary("be loaded from " + folder, new AccessDeniedException(problem));
    }

    /**
     * Returns the file in a temporary folder, which is deleted when the JVM ends.
     *
     * @param refused what cannot be done in the usual folder, to complete "it cannot …"
     * @param reason why not
     * @return the file, with the correct content
     * @throws IOException if the resource is damaged or cannot be written there either
     */
    Path temporary(String refused, Throwable reason) throws IOException {
        byte[] content = content();
        try {
            Path own = Files.createTempDirectory("mamba");
            own.toFile().deleteOnExit(); // after its content: deletion is in reverse order
            Path file = FileErrors.write(own.resolve(name), content);
            file.toFile().deleteOnExit();
            logger.info("{} cannot {} ({}): it is in {}", name, refused, reason, own);
            return file;
        } catch (IOException e) {
            e.addSuppressed(reason);
            throw new IOException(
                    String.format(
                            "%s can neither %s (%s) nor be written to a temporary folder (%s): %s",
                            name, refused, reason, e, EngineCache.SETTING),
                    e);
        }
    }

    private boolean isRight(Path file) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && OwnFiles.fileProblem(file) == null
                    && digest(Files.readAllBytes(file)).equals(sha256);
        } catch (IOException e) {
            logger.debug("{} cannot be read and will be replaced", file, e);
            return false;
        }
    }

    private byte[] content() throws IOException {
        try (InputStream in = ExtractedFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("the resource " + resource + " is missing");
            }
            byte[] content = in.readAllBytes();
            String found = digest(content);
            if (!found.equals(sha256)) {
                throw new IOException(
                        "the resource "
                                + resource
                                + " is damaged: its SHA-256 is "
                                + found
                                + ", expected "
                                + sha256);
            }
            return content;
        }
    }

    /** Writes a sibling file and moves it, so that nobody ever sees a partial file. */
    private void write(byte[] content, Path file) throws IOException {
        // not createTempFile, whose files are readable by their owner only
        Path written = file.resolveSibling(name + '.' + UUID.randomUUID() + ".tmp");
        Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            try (OutputStream out =
                    Channels.newOutputStream(
                            Files.newByteChannel(written, options, OwnFiles.file()))) {
                out.write(content);
            }
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Windows does not replace a library that another JVM has just extracted and loaded
            if (!isRight(file)) {
                throw FileErrors.naming(written, e);
            }
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
