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
package ai.djl.mamba.zoo.tensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Writes safetensors files, one tensor in memory at a time. */
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * Writes a file: first beside its place under another name, then moved there in one step, so
     * that no reader ever sees half a file.
     *
     * @param file the file, replaced if it exists
     * @param tensors the tensors by name, of type FLOAT32 or FLOAT64
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a tensor has another type
     */
    public static void write(Path file, Map<String, NDArray> tensors) throws IOException {
        byte[] header = header(tensors);
        Path temporary = TemporarySibling.of(file);
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                writeFully(channel, length.putLong(header.length).flip());
                writeFully(channel, ByteBuffer.wrap(header));
                for (NDArray tensor : tensors.values()) {
                    writeFully(channel, tensor.toByteBuffer());
                }
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static byte[] header(Map<String, NDArray> tensors) {
        JsonObject json = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt"); // transformers refuses a file without it
        json.add("__metadata__", metadata);
        long position = 0;
        for (Map.Entry<String, NDArray> entry : tensors.entrySet()) {
            NDArray tensor = entry.getValue();
            long end = position + tensor.size() * tensor.getDataType().getNumOfBytes();
            JsonObject info = new JsonObject();
            info.addProperty("dtype", dtype(entry.getKey(), tensor.getDataType()));
            info.add("shape", array(tensor.getShape().getShape()));
            info.add("data_offsets", array(position, end));
            json.add(entry.getKey(), info);
            position = end;
        }
        String text = json.toString();
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        // spaces at the end align the data
        String padding = " ".repeat(Math.floorMod(-bytes, ALIGNMENT));
        return (text + padding).getBytes(StandardCharsets.UTF_8);
    }

    private static String dtype(String name, DataType type) {
        return switch (type) {
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
            default ->
                    throw new IllegalArgumentException(
                            "Tensor "
                                    + name
                                    + " has type "
                                    + type
                                    + ", expected float32 or float64");
        };
    }

    private static JsonArray array(long... values) {
        JsonArray array = new JsonArray();
        for (long value : values) {
            array.add(value);
        }
        return array;
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
