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

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes files that PyTorch (1.6 and newer) reads by {@code torch.load}, such as {@code
 * pytorch_model.bin}: an OrderedDict from names to tensors. One tensor is in memory at a time.
 */
public final class TorchWriter {

    private static final String FOLDER = "archive/";

    /** The alignment of tensors, as PyTorch maps files into memory. */
    private static final int ALIGNMENT = 64;

    /** A constant, the earliest time of zip, so that the same model gives the same file. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private TorchWriter() {}

    /**
     * Writes a file in which each tensor keeps its type. The file is written atomically.
     *
     * @param file the file, replaced if it exists
     * @param tensors the tensors by name, of type FLOAT32, FLOAT64 or FLOAT16; an array with
     *     several names is stored once, and shared when PyTorch loads it
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a tensor has another type
     */
    public static void write(Path file, Map<String, NDArray> tensors) throws IOException {
        IdentityHashMap<NDArray, Integer> storages = new IdentityHashMap<>();
        TorchPickle pickle = new TorchPickle();
        tensors.forEach(
                (name, tensor) -> {
                    storages.putIfAbsent(tensor, storages.size());
                    pickle.add(
                            name,
                            tensor.getShape().getShape(),
                            ArrayStorer.format(name, tensor),
                            storages.get(tensor));
                });
        TemporarySibling.write(
                file,
                channel -> {
                    // not closed, because this would close the channel before it is synced to disk
                    ZipArchiveOutputStream zip = new ZipArchiveOutputStream(channel);
                    record(zip, "data.pkl", pickle.end());
                    record(zip, "byteorder", "little".getBytes(StandardCharsets.UTF_8));
                    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
                        Integer key = storages.remove(tensor.getValue());
                        if (key != null) { // the first of several names
                            storage(zip, key, tensor.getKey(), tensor.getValue());
                        }
                    }
                    record(zip, "version", "3\n".getBytes(StandardCharsets.UTF_8));
                    zip.finish();
                });
    }

    private static void record(ZipArchiveOutputStream zip, String name, byte[] content)
            throws IOException {
        begin(zip, name, content.length);
        zip.write(content);
        zip.closeArchiveEntry();
    }

    private static void storage(ZipArchiveOutputStream zip, int key, String name, NDArray tensor)
            throws IOException {
        FloatFormat format = ArrayStorer.format(name, tensor);
        begin(zip, "data/" + key, tensor.size() * format.bytes());
        ArrayStorer.store(Channels.newChannel(zip), name, tensor, format);
        zip.closeArchiveEntry();
    }

    private static void begin(ZipArchiveOutputStream zip, String name, long size)
            throws IOException {
        ZipArchiveEntry entry = new ZipArchiveEntry(FOLDER + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(size);
        entry.setTimeLocal(TIME);
        entry.setAlignment(ALIGNMENT);
        zip.putArchiveEntry(entry);
    }
}
