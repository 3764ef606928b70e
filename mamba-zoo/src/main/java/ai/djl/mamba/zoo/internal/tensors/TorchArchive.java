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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** A zip archive as written by {@code torch.save}, with uncompressed records. */
final class TorchArchive implements AutoCloseable {

    /** The record with the pickle, which refers to the other records. */
    static final String PICKLE = "data.pkl";

    private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

    /** The start of files in the old format: a pickle of protocol 2 with PyTorch's magic number. */
    private static final byte[] LEGACY_MAGIC = {
        (byte) 0x80,
        2,
        (byte) 0x8a,
        10,
        0x6c,
        (byte) 0xfc,
        (byte) 0x9c,
        0x46,
        (byte) 0xf9,
        0x20,
        0x6a,
        (byte) 0xa8,
        0x50,
        0x19
    };

    private static final String CONVERT =
            ": load it with torch in Python and save its state_dict() again with torch.save or as"
                    + " safetensors";

    private final FileBytes bytes;
    private final ZipFile zip;
    private final Map<String, ZipArchiveEntry> records = new HashMap<>();

    /** The position of a record in the file. */
    record Extent(long position, long length) {}

    /**
     * Opens an archive and finds its records.
     *
     * @param file the file
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not such an archive
     */
    TorchArchive(Path file) throws IOException, MalformedModelException {
        bytes = FileBytes.open(file);
        try {
            checkMagic();
            zip = openZip();
            findRecords();
            checkKind();
        } catch (IOException | MalformedModelException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private void checkMagic() throws IOException, MalformedModelException {
        int length = (int) Math.min(bytes.size(), LEGACY_MAGIC.length);
        ByteBuffer start = bytes.read(0, length);
        if (start.equals(ByteBuffer.wrap(LEGACY_MAGIC))) {
            throw malformed("has the format of PyTorch before 1.6" + CONVERT);
        }
        if (length < ZIP_MAGIC.length
                || !start.slice(0, ZIP_MAGIC.length).equals(ByteBuffer.wrap(ZIP_MAGIC))) {
            String kind = FileKind.describe(bytes.file()).map(k -> ", it " + k).orElse("");
            throw malformed("is not a PyTorch file: it is not a zip archive" + kind);
        }
    }

    private ZipFile openZip() throws IOException, MalformedModelException {
        DirectoryChannel directory = new DirectoryChannel(bytes.channel());
        try {
            return ZipFile.builder().setSeekableByteChannel(directory).get();
        } catch (IOException | IllegalArgumentException e) {
            if (directory.hasFailed()) {
                throw new IOException(
                        bytes.file() + ": cannot read the zip archive: " + e.getMessage(), e);
            }
            Throwable cause = e;
            while (cause.getCause() != null) { // the outer ones say only that there is an error
                cause = cause.getCause();
            }
            throw new MalformedModelException(
                    bytes.file() + ": is not a valid zip archive: " + cause.getMessage(), e);
        }
    }

    private void findRecords() throws MalformedModelException {
        List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
        List<String> folders =
                entries.stream()
                        .map(ZipArchiveEntry::getName)
                        .filter(TorchArchive::isPickle)
                        .map(name -> name.substring(0, name.length() - PICKLE.length()))
                        .toList();
        if (folders.size() != 1) {
            throw malformed(
                    "has "
                            + folders.size()
                            + " records "
                            + PICKLE
                            + ", expected one: was it"
                            + " written by torch.save?");
        }
        String folder = folders.get(0);
        for (ZipArchiveEntry entry : entries) {
            String name = entry.getName();
            if (name.startsWith(folder)
                    && records.put(name.substring(folder.length()), entry) != null) {
                throw malformed("has two records " + name);
            }
        }
    }

    /** Returns whether a record is the pickle: all records are in one folder, or in none. */
    private static boolean isPickle(String name) {
        int slash = name.indexOf('/');
        return name.substring(slash + 1).equals(PICKLE);
    }

    private void checkKind() throws IOException, MalformedModelException {
        if (records.containsKey("constants.pkl")
                || records.keySet().stream().anyMatch(name -> name.startsWith("code/"))) {
            throw malformed("is a TorchScript program, not a file of tensors" + CONVERT);
        }
        if (records.containsKey("byteorder")) {
            String order = new String(read("byteorder", 16).array(), StandardCharsets.UTF_8);
            if (!order.strip().equals("little")) {
                throw malformed("has the byte order " + order.strip() + ", expected little");
            }
        }
    }

    /** Returns the file of the archive. */
    FileBytes bytes() {
        return bytes;
    }

    /**
     * Finds a record.
     *
     * @param name its name within the folder of the archive
     * @return its position, all within the file
     * @throws MalformedModelException if there is no such record, or it is compressed or encrypted
     */
    Extent find(String name) throws MalformedModelException {
        ZipArchiveEntry entry = records.get(name);
        if (entry == null) {
            throw malformed("has no record " + name);
        }
        long position = entry.getDataOffset();
        long length = entry.getSize();
        if (entry.getMethod() != ZipEntry.STORED || entry.getGeneralPurposeBit().usesEncryption()) {
            throw malformed("has a compressed or encrypted record " + name);
        }
        if (length != entry.getCompressedSize()) {
            throw malformed(
                    String.format(
                            "has a record %s of %d bytes which takes %d: its sizes contradict each"
                                    + " other",
                            name, length, entry.getCompressedSize()));
        }
        if (position < 0 || length < 0 || length > bytes.size() - position) {
            throw malformed("is truncated: the record " + name + " is beyond its end");
        }
        return new Extent(position, length);
    }

    /** Reads a record of limited length. */
    ByteBuffer read(String name, int maxBytes) throws IOException, MalformedModelException {
        Extent extent = find(name);
        if (extent.length() > maxBytes) {
            throw malformed(
                    String.format(
                            "has a record %s of %d bytes, expected at most %d",
                            name, extent.length(), maxBytes));
        }
        return bytes.read(extent.position(), (int) extent.length());
    }

    private MalformedModelException malformed(String what) {
        return Malformed.of(bytes.file() + ": " + what);
    }

    @Override
    public void close() throws IOException {
        zip.close(); // closes the channel, too
    }
}
