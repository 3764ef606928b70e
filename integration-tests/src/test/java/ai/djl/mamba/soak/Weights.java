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
package ai.djl.mamba.soak;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * The tensors of a checkpoint, each number exactly representable in the type of the file. They are
 * written as safetensors without any code of the library.
 */
final class Weights {

    /** The types that the tensors of a file can have. */
    enum Stored {
        F64(8) {
            @Override
            double round(double value) {
                return value;
            }

            @Override
            void put(ByteBuffer bytes, double value) {
                bytes.putDouble(value);
            }
        },
        F32(4) {
            @Override
            double round(double value) {
                return (float) value;
            }

            @Override
            void put(ByteBuffer bytes, double value) {
                bytes.putFloat((float) value);
            }
        },
        BF16(2) {
            @Override
            double round(double value) {
                return Float.intBitsToFloat(Float.floatToIntBits((float) value) & 0xffff0000);
            }

            @Override
            void put(ByteBuffer bytes, double value) {
                bytes.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
            }
        },
        F16(2) {
            @Override
            double round(double value) {
                if (Math.abs(value) < 0x1p-14) {
                    return 0; // no subnormal numbers
                }
                return Float.intBitsToFloat(Float.floatToIntBits((float) value) & 0xffffe000);
            }

            @Override
            void put(ByteBuffer bytes, double value) {
                int bits = Float.floatToIntBits((float) value);
                int exponent = value == 0 ? 0 : ((bits >>> 23) & 0xff) - 127 + 15;
                int mantissa = (bits >>> 13) & 0x3ff;
                bytes.putShort((short) ((bits >>> 31 << 15) | (exponent << 10) | mantissa));
            }
        };

        private final int size;

        Stored(int size) {
            this.size = size;
        }

        abstract double round(double value);

        abstract void put(ByteBuffer bytes, double value);
    }

    /** A tensor. */
    private static final class Tensor {

        final long[] shape;
        final double[] values;

        Tensor(long[] shape, double[] values) {
            this.shape = shape;
            this.values = values;
        }
    }

    private final Stored type;
    private final Random random;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    Weights(Stored type, Random random) {
        this.type = type;
        this.random = random;
    }

    /** Adds a tensor of normal numbers with a given standard deviation. */
    void normal(String name, double deviation, long... shape) {
        draw(name, () -> deviation * random.nextGaussian(), shape);
    }

    /** Adds a tensor of uniform numbers. */
    void uniform(String name, double min, double max, long... shape) {
        draw(name, () -> min + (max - min) * random.nextDouble(), shape);
    }

    private void draw(String name, DoubleSupplier source, long... shape) {
        int size = Math.toIntExact(Arrays.stream(shape).reduce(1, (x, y) -> x * y));
        double[] values = new double[size];
        Arrays.setAll(values, i -> type.round(source.getAsDouble()));
        tensors.put(name, new Tensor(shape, values));
    }

    /** Adds a second name of the numbers of a tensor. */
    void copy(String name, String from) {
        tensors.put(name, tensors.get(from));
    }

    boolean has(String name) {
        return tensors.containsKey(name);
    }

    double[] get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("No " + name + " among " + tensors.keySet());
        }
        return tensor.values;
    }

    /** Writes one file, or shards with an index. */
    void write(Path folder, int shards) throws IOException {
        List<String> names = List.copyOf(tensors.keySet());
        if (shards == 1) {
            write(folder.resolve("model.safetensors"), names);
            return;
        }
        JsonObject map = new JsonObject();
        for (int shard = 0; shard < shards; shard++) {
            List<String> part =
                    names.subList(
                            names.size() * shard / shards, names.size() * (shard + 1) / shards);
            String file = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
            write(folder.resolve(file), part);
            part.forEach(name -> map.addProperty(name, file));
        }
        JsonObject index = new JsonObject();
        index.add("metadata", new JsonObject());
        index.add("weight_map", map);
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    }

    private void write(Path file, List<String> names) throws IOException {
        JsonObject header = new JsonObject();
        int end = 0;
        for (String name : names) {
            Tensor tensor = tensors.get(name);
            JsonArray shape = new JsonArray();
            Arrays.stream(tensor.shape).forEach(shape::add);
            JsonArray offsets = new JsonArray();
            offsets.add(end);
            end += tensor.values.length * type.size;
            offsets.add(end);
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", type.name());
            entry.add("shape", shape);
            entry.add("data_offsets", offsets);
            header.add(name, entry);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (String name : names) {
            for (double value : tensors.get(name).values) {
                type.put(bytes, value);
            }
        }
        Files.write(file, bytes.array());
    }
}
