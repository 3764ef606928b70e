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

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Archives as torch.save writes them, with pickles made by hand, and the files that it wrote. */
final class TorchArchives {

    private TorchArchives() {}

    /** Finds a file of the folder {@code tensors} of the test resources. */
    static Path resource(String name) throws URISyntaxException {
        return Path.of(TorchArchives.class.getResource("/tensors/" + name).toURI());
    }

    /** Writes stored records. */
    static Path write(Path file, Map<String, byte[]> records) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> record : records.entrySet()) {
                ZipEntry entry = new ZipEntry(record.getKey());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(record.getValue().length);
                CRC32 crc = new CRC32();
                crc.update(record.getValue());
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(record.getValue());
            }
        }
        return file;
    }

    /** Reads all records. */
    static Map<String, byte[]> read(Path file) throws IOException {
        Map<String, byte[]> records = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    records.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        return records;
    }

    /** Returns a pickle, each character of the text a byte. */
    static byte[] pickle(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns the pickle of a text. */
    static String text(String value) {
        return "X" + (char) value.length() + "\0\0\0" + value;
    }

    /** Returns the pickle of an integer of 64 bits. */
    static String integer(long value) {
        StringBuilder pickle = new StringBuilder("\u008a\u0008");
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            pickle.append((char) (value >> shift & 0xff));
        }
        return pickle.toString();
    }

    /** Returns the pickle of a tensor of float32. */
    static String tensor(String key, long count, long offset, long[] sizes, long[] strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n(("
                + text("storage")
                + "ctorch\nFloatStorage\n"
                + text(key)
                + text("cpu")
                + integer(count)
                + "tQ"
                + integer(offset)
                + tuple(sizes)
                + tuple(strides)
                + "\u0089ccollections\nOrderedDict\n)RtR";
    }

    private static String tuple(long... values) {
        StringBuilder pickle = new StringBuilder("(");
        for (long value : values) {
            pickle.append(integer(value));
        }
        return pickle.append('t').toString();
    }
}
