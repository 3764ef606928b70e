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
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes safetensors files, one tensor in memory at a time. */
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * Writes a file in which each tensor keeps its type. The file is written atomically.
     *
     * @param file the file, replaced if it exists
     * @param tensors the tensors by name, of type FLOAT32, FLOAT64 or FLOAT16
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a tensor has another type
     */
    public static void write(Path file, Map<String, NDArray> tensors) throws IOException {
        Map<String, FloatFormat> formats = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> formats.put(name, ArrayStorer.format(name, tensor)));
        write(file, tensors, formats);
    }

    /**
     * Writes a file with all tensors of one type. Numbers are rounded to the nearest, ties to even.
     * The file is written atomically.
     *
     * @param file the file, replaced if it exists
     * @param tensors the tensors by name, of type FLOAT32, FLOAT64 or FLOAT16
     * @param type the type in the file: FLOAT32, FLOAT64, FLOAT16 or BFLOAT16
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if the type or that of a tensor is not supported, or a
     *     finite number is out of the range of the type
     */
    public static void write(Path file, Map<String, NDArray> tensors, DataType type)
            throws IOException {
        FloatFormat format =
                FloatFormat.of(type)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "Expected a floating-point type for the file, got "
                                                        + type));
        Map<String, FloatFormat> formats = new LinkedHashMap<>();
        tensors.keySet().forEach(name -> formats.put(name, format));
        write(file, tensors, formats);
    }

    private static void write(
            Path file, Map<String, NDArray> tensors, Map<String, FloatFormat> formats)
            throws IOException {
        byte[] header = header(tensors, formats);
        ByteBuffer start =
                ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        start.putLong(header.length).put(header).flip();
        TemporarySibling.write(
                file,
                channel -> {
                    ArrayStorer.writeFully(channel, start);
                    for (Map.Entry<String, NDArray> tensor : tensors.entrySet()) {
                        String name = tensor.getKey();
                        ArrayStorer.store(channel, name, tensor.getValue(), formats.get(name));
                    }
                });
    }

    private static byte[] header(Map<String, NDArray> tensors, Map<String, FloatFormat> formats) {
        JsonObject json = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt"); // required by transformers
        json.add("__metadata__", metadata);
        long position = 0;
        for (Map.Entry<String, NDArray> entry : tensors.entrySet()) {
            NDArray tensor = entry.getValue();
            FloatFormat format = formats.get(entry.getKey());
            long end = position + tensor.size() * format.bytes();
            JsonObject info = new JsonObject();
            info.addProperty("dtype", format.name());
            info.add("shape", array(tensor.getShape().getShape()));
            info.add("data_offsets", array(position, end));
            json.add(entry.getKey(), info);
            position = end;
        }
        String text = json.toString();
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        // trailing spaces align the data
        String padding = " ".repeat(Math.floorMod(-bytes, ALIGNMENT));
        return (text + padding).getBytes(StandardCharsets.UTF_8);
    }

    private static JsonArray array(long... values) {
        JsonArray array = new JsonArray();
        for (long value : values) {
            array.add(value);
        }
        return array;
    }
}
