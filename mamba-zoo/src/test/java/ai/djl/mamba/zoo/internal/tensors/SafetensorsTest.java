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
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.TempFiles;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Reading and writing of the safetensors format, with files that are not what they say. */
public class SafetensorsTest extends EngineSuite {

    public SafetensorsTest() {
        super(EngineSetup.PYTORCH);
    }

    private static Path file(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int i = 0; i < dataBytes; i++) {
            bytes.put((byte) (i * 37));
        }
        return Files.write(TempFiles.file("mamba", ".safetensors"), bytes.array());
    }

    private static String tensor(String dtype, String shape, long begin, long end) {
        return String.format(
                "{\"t\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}}",
                dtype, shape, begin, end);
    }

    @DataProvider
    public Object[][] malformed() {
        String two = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        return new Object[][] {
            {"{\"t\":", 0, "JSON"},
            {"[]", 0, "JSON"},
            {"{} {}", 0, ""},
            {"{'t':1}", 0, "JSON"},
            {tensor("F32", "[2]", 0, 8), 4, "truncated"},
            {tensor("F32", "[2]", 0, 8), 12, "end at byte 8"},
            {tensor("F32", "[2]", 4, 12), 12, "gap"},
            {tensor("F32", "[2]", 0, 4), 4, "has 8 bytes"},
            {tensor("F32", "[2]", 8, 0), 8, "has 8 bytes"},
            {tensor("F32", "[-2]", 0, 8), 8, "negative"},
            {tensor("F32", "[1.5]", 0, 8), 8, "JSON"},
            {tensor("F32", "[4611686018427387904,4]", 0, 8), 8, "impossible"},
            {tensor("F32", "[2]", -8, 0), 0, "negative"},
            {tensor("X7", "[2]", 0, 8), 8, "unknown dtype"},
            {"{\"a\":" + two + ",\"b\":" + two + "}", 4, "overlap"},
            {"{\"a\":" + two + ",\"a\":" + two + "}", 4, "twice"},
            {"{\"a\":{\"dtype\":\"F32\"}}", 0, "must have dtype"},
            {"[".repeat(100_000), 0, ""},
        };
    }

    @Test(dataProvider = "malformed")
    public void refusesMalformedHeaders(String header, int dataBytes, String message)
            throws IOException {
        Path file = file(header, dataBytes);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> new SafetensorsReader(file).close());
        Assert.assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        Assert.assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    /** They take no bytes in the file, but memory. */
    @Test
    public void farMoreTensorsThanModelsHaveAreRefused() throws IOException {
        String header =
                IntStream.rangeClosed(0, 100_000)
                        .mapToObj(i -> "\"" + i + "\":{\"dtype\":\"F32\",\"shape\":[0],")
                        .collect(Collectors.joining("\"data_offsets\":[0,0]},", "{", ""));
        Path file = file(header + "\"data_offsets\":[0,0]}}", 0);
        MalformedModelException e =
                Assert.expectThrows(
                        MalformedModelException.class, () -> new SafetensorsReader(file).close());
        Assert.assertEquals(e.getMessage(), file + ": expected at most 100000 tensors, found more");
    }

    @Test
    public void refusesTruncatedFiles() throws IOException {
        byte[] whole = Files.readAllBytes(file(tensor("F32", "[2]", 0, 8), 8));
        for (int length = 0; length < whole.length; length++) {
            Path file = TempFiles.file("mamba", ".safetensors");
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            Assert.expectThrows(
                    MalformedModelException.class, () -> new SafetensorsReader(file).close());
        }
    }

    @Test
    public void namesTensorsItCannotRead() throws Exception {
        Path file = file(tensor("I64", "[1]", 0, 8), 8);
        try (SafetensorsReader reader = new SafetensorsReader(file)) {
            for (String name : new String[] {"t", "u"}) {
                MalformedModelException e =
                        Assert.expectThrows(
                                MalformedModelException.class,
                                () -> reader.read(manager, name, DataType.FLOAT32));
                Assert.assertTrue(e.getMessage().contains("tensor " + name), e.getMessage());
            }
        }
    }

    @Test
    public void widensHalfPrecision() throws Exception {
        short[] halves = {0x3c00, (short) 0xc000, 0x0001, 0x7bff, (short) 0x8000, 0x7c00, 0x3555};
        float[] expected = {1, -2, 0x1p-24f, 65504, -0f, Float.POSITIVE_INFINITY, 0.33325195f};
        Assert.assertEquals(readShorts("F16", halves), expected);
        short[] brains = {0x3f80, (short) 0xc000, 0x7f80, (short) 0x8000, 0x3eab};
        float[] wide = {1, -2, Float.POSITIVE_INFINITY, -0f, 0.33398438f};
        Assert.assertEquals(readShorts("BF16", brains), wide);
    }

    private float[] readShorts(String dtype, short[] values) throws Exception {
        int bytes = 2 * values.length;
        Path file = file(tensor(dtype, "[" + values.length + "]", 0, bytes), bytes);
        byte[] all = Files.readAllBytes(file);
        ByteBuffer.wrap(all, all.length - bytes, bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .put(values);
        Files.write(file, all);
        try (SafetensorsReader reader = new SafetensorsReader(file)) {
            return reader.read(manager, "t", DataType.FLOAT32).toFloatArray();
        }
    }

    @Test
    public void readsWhatItWrote() throws Exception {
        Path file = TempFiles.folder("mamba").resolve("a.safetensors");
        NDArray single = normal(1, DataType.FLOAT32, 3, 5);
        NDArray wide = normal(2, DataType.FLOAT64, 7);
        NDArray scalar = manager.create(2.5f);
        SafetensorsWriter.write(file, Map.of("single", single, "wide", wide, "ä", scalar));
        try (SafetensorsReader reader = new SafetensorsReader(file)) {
            NDArray read = reader.read(manager, "single", DataType.FLOAT32);
            Assert.assertEquals(read.getShape(), new Shape(3, 5));
            Assert.assertEquals(read.toFloatArray(), single.toFloatArray());
            NDArray doubles = reader.read(manager, "wide", DataType.FLOAT64);
            Assert.assertEquals(doubles.toDoubleArray(), wide.toDoubleArray());
            Assert.assertEquals(
                    reader.read(manager, "ä", DataType.FLOAT32).toFloatArray(), new float[] {2.5f});
            read.muli(2); // the array is memory of its own, not the read-only file
        }
    }
}
