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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.Assert;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Numbers of every floating-point type in files and arrays, and the rounding between them. */
public class TensorTypesTest extends EngineSuite {

    private Path folder;

    public TensorTypesTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeMethod
    public void makeFolder() throws Exception {
        folder = TempFiles.folder("mamba-types");
    }

    private Path store(NDArray array, DataType type) throws Exception {
        Path file = folder.resolve(type + ".safetensors");
        SafetensorsWriter.write(file, Map.of("t", array), type);
        return file;
    }

    private NDArray read(Path file, String name, DataType type) throws Exception {
        try (TensorSource source = new SafetensorsReader(file)) {
            return source.read(manager, name, type);
        }
    }

    /** Returns the last bytes of a file as numbers of 16 bits. */
    private static short[] lastShorts(Path file, int count) throws Exception {
        byte[] all = Files.readAllBytes(file);
        ShortBuffer shorts =
                ByteBuffer.wrap(all, all.length - 2 * count, 2 * count)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer();
        short[] values = new short[count];
        shorts.get(values);
        return values;
    }

    @Test
    public void roundsAsTorchDoes() throws Exception {
        Path types = TorchArchives.resource("types.safetensors");
        NDArray wide = read(types, "float32", DataType.FLOAT32);
        for (DataType type : new DataType[] {DataType.FLOAT16, DataType.BFLOAT16}) {
            String name = type.toString();
            Assert.assertEquals(
                    doubles(read(store(wide, type), "t", DataType.FLOAT64)),
                    doubles(read(types, name, DataType.FLOAT64)),
                    name);
        }
        Assert.assertEquals(
                doubles(read(types, "float32", DataType.FLOAT16)),
                doubles(read(types, "float16", DataType.FLOAT64)));
    }

    @Test
    public void roundsToNearestEven() throws Exception {
        double[] values = {
            1 + 0x1p-11,
            1 + 0x3p-11,
            1 + 0x1p-11 + 0x1p-40,
            0x1p-25,
            0x1.8p-24,
            0x1.0001p-25,
            -0.0,
            65519.99,
            0x1p-14 - 0x1p-26,
            Double.NEGATIVE_INFINITY,
            Double.NaN,
            Double.MIN_VALUE
        };
        short[] halves = {
            0x3c00,
            0x3c02,
            0x3c01,
            0,
            2,
            1,
            (short) 0x8000,
            0x7bff,
            0x0400,
            (short) 0xfc00,
            0x7e00,
            0
        };
        NDArray array = manager.create(values);
        Assert.assertEquals(lastShorts(store(array, DataType.FLOAT16), halves.length), halves);
        double[] others = {1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-8 + 0x1p-40, 0x1p-133, 0x1p-134, 3e38};
        short[] brains = {0x3f80, 0x3f82, 0x3f81, 1, 0, 0x7f62};
        Path file = store(manager.create(others), DataType.BFLOAT16);
        Assert.assertEquals(lastShorts(file, brains.length), brains);
    }

    @Test
    public void keepsAllNumbersOf16Bits() throws Exception {
        int count = 1 << 16;
        for (DataType type : new DataType[] {DataType.FLOAT16, DataType.BFLOAT16}) {
            Path file = store(manager.zeros(new Shape(count)), type);
            byte[] all = Files.readAllBytes(file);
            ByteBuffer data = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                data.putShort(all.length - 2 * (count - i), (short) i);
            }
            Files.write(file, all);
            NDArray wide = read(file, "t", DataType.FLOAT32);
            float[] numbers = wide.toFloatArray();
            short[] stored = lastShorts(store(wide, type), count);
            for (int i = 0; i < count; i++) {
                Assert.assertTrue(
                        Float.isNaN(numbers[i]) || stored[i] == (short) i, type + " " + i);
            }
        }
    }

    @Test
    public void keepsTheBitsOfHalves() throws Exception {
        int count = 1 << 16;
        ByteBuffer bits = ByteBuffer.allocateDirect(2 * count).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            bits.putShort((short) i);
        }
        NDArray halves = manager.create(bits.flip(), new Shape(count), DataType.FLOAT16);
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter.write(file, Map.of("t", halves));
        NDArray read = read(file, "t", DataType.FLOAT16);
        Assert.assertEquals(read.toByteArray(), halves.toByteArray());
    }

    @Test
    public void refusesNumbersBeyondTheRange() throws Exception {
        NDArray array = manager.create(new double[] {1, 65520, 1e39});
        for (DataType type :
                new DataType[] {DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT32}) {
            IllegalArgumentException e =
                    Assert.expectThrows(IllegalArgumentException.class, () -> store(array, type));
            Assert.assertTrue(e.getMessage().contains("Tensor t"), e.getMessage());
        }
        try (Stream<Path> left = Files.list(folder)) {
            Assert.assertEquals(left.count(), 0, "no file, not even half a one");
        }
        Path file = store(array, DataType.FLOAT64);
        for (DataType type : new DataType[] {DataType.FLOAT16, DataType.FLOAT32}) {
            MalformedModelException e =
                    Assert.expectThrows(MalformedModelException.class, () -> read(file, "t", type));
            Assert.assertTrue(e.getMessage().contains("tensor t has a finite"), e.getMessage());
            Assert.assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        }
    }

    @Test
    public void refusesOtherTypes() throws Exception {
        NDArray integers = manager.create(new int[] {1});
        Path file = folder.resolve("a.safetensors");
        Assert.assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.write(file, Map.of("t", integers)));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> store(integers, DataType.FLOAT32));
        NDArray single = manager.ones(new Shape(1));
        Assert.assertThrows(IllegalArgumentException.class, () -> store(single, DataType.INT32));
        Path sound = store(single, DataType.FLOAT32);
        Assert.assertThrows(
                IllegalArgumentException.class, () -> read(sound, "t", DataType.BFLOAT16));
    }

    @DataProvider
    public Object[][] engines() {
        return new Object[][] {{"PyTorch"}, {"MXNet"}};
    }

    @Test(dataProvider = "engines")
    public void arraysHaveMemoryOfTheirOwn(String engine) throws Exception {
        // more than one piece of a conversion, and sizes that shrink and grow
        int[] sizes = {40_000, 3, 100_000};
        try (NDManager own = NDManager.newBaseManager(device(), engine)) {
            for (DataType stored : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
                Path file = folder.resolve("a.safetensors");
                NDArray[] arrays = new NDArray[sizes.length];
                for (int i = 0; i < sizes.length; i++) {
                    arrays[i] = normal(i, stored, sizes[i]);
                }
                SafetensorsWriter.write(
                        file, Map.of("0", arrays[0], "1", arrays[1], "2", arrays[2]));
                try (TensorSource source = new SafetensorsReader(file)) {
                    NDArray[] read = new NDArray[sizes.length];
                    for (int i = 0; i < sizes.length; i++) {
                        read[i] = source.read(own, Integer.toString(i), DataType.FLOAT32);
                    }
                    for (int i = 0; i < sizes.length; i++) {
                        NDArray expected = arrays[i].toType(DataType.FLOAT32, false);
                        Assert.assertEquals(read[i].toFloatArray(), expected.toFloatArray());
                        read[i].muli(2);
                    }
                }
            }
        }
    }

    @Test
    public void leavesNothingBehind() throws Exception {
        NDArray array = normal(1, DataType.FLOAT32, 6, 4);
        int before = manager.getManagedArrays().size();
        // a view whose elements do not follow each other: the engine copies it to show it
        try (NDArray transposed = array.transpose()) {
            Path file = store(transposed, DataType.FLOAT32);
            Assert.assertEquals(manager.getManagedArrays().size(), before + 1);
            try (NDArray read = read(file, "t", DataType.FLOAT32)) {
                Assert.assertEquals(read, transposed);
            }
        }
        Assert.assertEquals(manager.getManagedArrays().size(), before);
    }

    @Test
    public void readsBeyondTwoGigabytes() throws Exception {
        long far = 3L << 30;
        String header =
                String.format(
                        "{\"far\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]},"
                                + "\"near\":{\"dtype\":\"I8\",\"shape\":[%d],"
                                + "\"data_offsets\":[0,%d]}}",
                        far, far + 8, far, far);
        Path file = folder.resolve("sparse.safetensors");
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        try (var channel = new RandomAccessFile(file.toFile(), "rw").getChannel()) {
            ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(bytes.putLong(json.length).flip());
            channel.write(ByteBuffer.wrap(json));
            channel.write(bytes.clear().putFloat(1.5f).putFloat(-2).flip(), 8 + json.length + far);
            Assert.assertEquals(
                    read(file, "far", DataType.FLOAT32).toFloatArray(), new float[] {1.5f, -2});
        } finally {
            Files.delete(file);
        }
    }

    @Test
    public void readsHalvesOfTorch() throws Exception {
        Path file = TorchArchives.resource("types.bin");
        try (TensorSource source = new TorchReader(file)) {
            NDArray half = source.read(manager, "float16", DataType.FLOAT16);
            Assert.assertEquals(half.getDataType(), DataType.FLOAT16);
            Assert.assertEquals(
                    doubles(half), doubles(source.read(manager, "float16", DataType.FLOAT64)));
        }
    }
}
