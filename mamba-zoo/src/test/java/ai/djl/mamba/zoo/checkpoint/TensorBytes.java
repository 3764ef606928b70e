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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.zoo.internal.tensors.TensorFiles;
import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bytes of a tensor, from which tests put checkpoints together that nothing here writes.
 *
 * @param dtype the type in the words of the safetensors format
 * @param shape the shape
 * @param bytes the elements, little-endian
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TensorBytes(String dtype, Shape shape, byte[] bytes) {

    /** Reads the tensors of a folder as float32. */
    static Map<String, TensorBytes> read(Path folder, NDManager manager) throws Exception {
        Map<String, TensorBytes> tensors = new LinkedHashMap<>();
        try (TensorSource source = TensorFiles.open(folder)) {
            for (String name : source.tensors().keySet()) {
                try (NDArray array = source.read(manager, name, DataType.FLOAT32)) {
                    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(4 * array.size()));
                    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(array.toFloatArray());
                    tensors.put(name, new TensorBytes("F32", array.getShape(), bytes.array()));
                }
            }
        }
        return tensors;
    }

    private float[] floats() {
        float[] floats = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    private interface Narrowing {
        int bits(int single);
    }

    private TensorBytes narrow(String type, Narrowing narrowing) {
        ByteBuffer narrow = ByteBuffer.allocate(bytes.length / 2).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : floats()) {
            narrow.putShort((short) narrowing.bits(Float.floatToRawIntBits(value)));
        }
        return new TensorBytes(type, shape, narrow.array());
    }

    /** Cuts float32 off to bfloat16. */
    TensorBytes toBfloat16() {
        return narrow("BF16", bits -> bits >>> 16);
    }

    /** Cuts float32 off to float16; what is too small becomes 0. */
    TensorBytes toFloat16() {
        return narrow(
                "F16",
                bits -> {
                    int sign = bits >>> 16 & 0x8000;
                    int exponent = (bits >>> 23 & 0xff) - 112;
                    return exponent <= 0 ? sign : sign | exponent << 10 | (bits >>> 13 & 0x3ff);
                });
    }

    /** The numbers of a narrow type in float32 again. */
    double[] values() {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[Math.toIntExact(shape.size())];
        Arrays.setAll(
                values,
                i ->
                        switch (dtype) {
                            case "F32" -> buffer.getFloat(4 * i);
                            case "BF16" -> Float.intBitsToFloat(buffer.getShort(2 * i) << 16);
                            case "F16" -> half(buffer.getShort(2 * i));
                            default -> throw new IllegalStateException(dtype);
                        });
        return values;
    }

    private static double half(short bits) {
        int exponent = bits >>> 10 & 0x1f;
        double magnitude = exponent == 0 ? 0 : (1024 + (bits & 0x3ff)) * Math.pow(2, exponent - 25);
        return bits < 0 ? -magnitude : magnitude;
    }

    /** Writes a safetensors file. */
    static void write(Path file, Map<String, TensorBytes> tensors) throws IOException {
        JsonObject header = new JsonObject();
        long end = 0;
        for (Map.Entry<String, TensorBytes> entry : tensors.entrySet()) {
            TensorBytes tensor = entry.getValue();
            JsonObject info = new JsonObject();
            info.addProperty("dtype", tensor.dtype);
            JsonArray sizes = new JsonArray();
            Arrays.stream(tensor.shape.getShape()).forEach(sizes::add);
            info.add("shape", sizes);
            JsonArray offsets = new JsonArray();
            offsets.add(end);
            end += tensor.bytes.length;
            offsets.add(end);
            info.add("data_offsets", offsets);
            header.add(entry.getKey(), info);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            out.write(length.putLong(json.length).array());
            out.write(json);
            for (TensorBytes tensor : tensors.values()) {
                out.write(tensor.bytes);
            }
        }
    }
}
