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

import ai.djl.mamba.internal.Printable;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A zip archive of texts, whose entries are held to what the archive says of them: the headers in
 * its directory and before the entries agree, and the content has that size and that checksum.
 * Encrypted entries, and those of other methods than deflate, are refused by {@link #folders}.
 */
final class TextArchive implements Closeable {

    private static final int HEADER_BYTES = 30; // before the name of the entry
    private static final int HEADER_MAGIC = 0x04034b50; // "PK", 3, 4
    private static final int FLAGS_AT = 6;
    private static final int CHECKSUM_AT = 14;
    private static final int PACKED_AT = 18;
    private static final int SIZE_AT = 22;
    private static final int SIZES_FOLLOW = 1 << 3; // of the flags: the header may have zeros
    private static final long SIZE_IS_ELSEWHERE = 0xffffffffL; // in a field for 64 bits

    private final Path file;
    private final FileChannel channel;
    private final ZipFile zip;

    /**
     * Opens an archive.
     *
     * @param file the archive
     * @throws IOException if it cannot be read or is not a zip archive
     */
    TextArchive(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            zip =
                    ZipFile.builder()
                            .setSeekableByteChannel(channel)
                            .setIgnoreLocalFileHeader(true) // of all entries: read one by one
                            .get();
        } catch (IOException | IllegalArgumentException e) {
            channel.close();
            throw damaged(file, e);
        }
    }

    /** Whether a file is an archive, by its name. */
    static boolean isArchive(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".zip") || name.endsWith(".jar");
    }

    /**
     * Opens an archive as folders, to list them.
     *
     * @param file the archive
     * @return its folders and files, to be closed
     * @throws IOException if it cannot be read or is not a zip archive
     */
    static FileSystem folders(Path file) throws IOException {
        try {
            return FileSystems.newFileSystem(file);
        } catch (ProviderNotFoundException e) { // by a name in capitals
            throw damaged(file, e);
        } catch (IOException e) {
            throw String.valueOf(e.getMessage()).contains(file.toString()) ? e : damaged(file, e);
        }
    }

    private static IOException damaged(Path file, Exception cause) throws IOException {
        String message =
                String.format(
                        "%s: expected a zip archive of texts, found %d bytes that cannot be read as"
                                + " one: %s",
                        file, Files.size(file), cause.getMessage());
        return new IOException(Printable.lines(message), cause);
    }

    /**
     * Opens an entry.
     *
     * @param path its path, which begins with "/"
     * @return its content, which may fail at its end
     * @throws IOException if it cannot be read, or its headers contradict each other
     */
    InputStream open(String path) throws IOException {
        ZipArchiveEntry entry = zip.getEntry(path.substring(1));
        if (entry == null) {
            entry = zip.getEntry(path);
        }
        if (entry == null) {
            throw damaged(path, "an entry of this name", "none");
        }
        checkHeader(path, entry);
        try {
            InputStream content = zip.getInputStream(entry);
            return new CheckedEntry(content, entry.getSize(), entry.getCrc(), path);
        } catch (IOException | IllegalArgumentException e) { // it would reach beyond its end
            long packed = entry.getCompressedSize();
            String expected = packed + " compressed bytes by its size";
            throw damaged(path, expected, String.valueOf(e.getMessage()), e);
        }
    }

    private void checkHeader(String path, ZipArchiveEntry entry) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long position = entry.getLocalHeaderOffset();
        int read = 0;
        while (position >= 0 && header.hasRemaining() && read >= 0) {
            read = channel.read(header, position + header.position());
        }
        if (header.hasRemaining() || header.getInt(0) != HEADER_MAGIC) {
            throw damaged(path, "its header at the byte " + position, "other bytes");
        }
        check(path, "size", entry.getSize(), header, SIZE_AT);
        check(path, "compressed size", entry.getCompressedSize(), header, PACKED_AT);
        check(path, "checksum", entry.getCrc(), header, CHECKSUM_AT);
        if (entry.getMethod() == ZipEntry.STORED && entry.getSize() != entry.getCompressedSize()) {
            String stored = entry.getCompressedSize() + " bytes stored as they are";
            throw damaged(path, entry.getSize() + " bytes by its size", stored);
        }
    }

    private void check(String path, String what, long expected, ByteBuffer header, int at)
            throws IOException {
        long found = Integer.toUnsignedLong(header.getInt(at));
        boolean isElsewhere = found == SIZE_IS_ELSEWHERE && at != CHECKSUM_AT;
        boolean isLater = found == 0 && (header.getShort(FLAGS_AT) & SIZES_FOLLOW) != 0;
        if (found != expected && !isElsewhere && !isLater) {
            String format = at == CHECKSUM_AT ? "the %s %08x" : "the %s %d";
            throw damaged(
                    path,
                    String.format(format + ", as in the directory of the archive", what, expected),
                    String.format(format + " in the header of the entry", what, found));
        }
    }

    private IOException damaged(String path, String expected, String found) {
        return damaged(path, expected, found, null);
    }

    private IOException damaged(String path, String expected, String found, Exception cause) {
        String message =
                String.format("%s!%s: damaged: expected %s, found %s", file, path, expected, found);
        return new IOException(Printable.lines(message), cause);
    }

    @Override
    public void close() throws IOException {
        zip.close(); // closes the channel, too
    }

    /** The content of an entry; no more is returned than its size says. */
    private final class CheckedEntry extends InputStream {

        private final InputStream in;
        private final long size;
        private final long checksum;
        private final String path;
        private final CRC32 found = new CRC32();
        private long count;

        CheckedEntry(InputStream in, long size, long checksum, String path) {
            this.in = in;
            this.size = size;
            this.checksum = checksum;
            this.path = path;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read;
            try {
                read = in.read(target, offset, length);
            } catch (EOFException | ZipException e) {
                String problem = count + " bytes and then " + Damages.of(e);
                throw damaged(path, size + " bytes", problem, e);
            }
            if (read > 0) {
                found.update(target, offset, read);
                count += read;
            }
            if (count > size || (read < 0 && count < size)) {
                String bytes = (count > size ? "more: at least " : "") + count;
                throw damaged(path, size + " bytes", bytes);
            }
            if (read < 0 && found.getValue() != checksum) {
                throw damaged(
                        path,
                        String.format("the checksum %08x", checksum),
                        String.format("%08x", found.getValue()));
            }
            return read;
        }

        @Override
        public int available() { // asked for by gzip, to look for another part
            return (int) Math.min(Integer.MAX_VALUE, size - count);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
