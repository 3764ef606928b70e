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
package ai.djl.mamba.internal;

import ai.djl.Device;
import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Arrays of numbers in Java hold these numbers, whatever the garbage collector does meanwhile. */
public class HostArraysTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public HostArraysTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void haveValuesTypeAndShape() {
        Shape shape = new Shape(1, 3);
        NDArray longs = HostArrays.create(manager, new long[] {1, -2, 1L << 40}, shape);
        Assert.assertEquals(longs.toLongArray(), new long[] {1, -2, 1L << 40});
        NDArray floats = HostArrays.create(manager, new float[] {1, -0.5f, 3e30f}, shape);
        Assert.assertEquals(floats.toFloatArray(), new float[] {1, -0.5f, 3e30f});
        NDArray doubles = HostArrays.create(manager, new double[] {1, 1e-300, -3}, shape);
        Assert.assertEquals(doubles.toDoubleArray(), new double[] {1, 1e-300, -3});
        Assert.assertEquals(longs.getDataType(), DataType.INT64);
        Assert.assertEquals(floats.getDataType(), DataType.FLOAT32);
        Assert.assertEquals(doubles.getDataType(), DataType.FLOAT64);
        for (NDArray array : new NDArray[] {longs, floats, doubles}) {
            Assert.assertEquals(array.getShape(), shape);
        }
    }

    @Test
    public void surviveGarbageCollections() throws Exception {
        ChildJvm jvm = new ChildJvm(Collections.class);
        Assert.assertEquals(jvm.run(engineName), List.of("0 arrays changed"));
    }

    /** Creates arrays while garbage is collected all the time, which takes a small heap. */
    public static final class Collections {

        private static final int COUNT = 8_000;
        private static final int UNTIL_COMPILED = 20_000;
        private static final int COLLECTIONS = 1_500;

        private Collections() {}

        /** Compiled code forgets a buffer once it has the address; interpreted code does not. */
        public static void main(String[] args) {
            try (NDManager manager = NDManager.newBaseManager(Device.cpu(), args[0])) {
                float[] ones = new float[COUNT];
                Arrays.fill(ones, 1);
                for (int i = 0; i < UNTIL_COMPILED; i++) {
                    HostArrays.create(manager, ones, new Shape(COUNT)).close();
                }
                Thread collector = new Thread(Collections::collect);
                collector.start();
                int changed = 0;
                while (collector.isAlive()) {
                    try (NDArray array = HostArrays.create(manager, ones, new Shape(COUNT))) {
                        changed += Arrays.equals(array.toFloatArray(), ones) ? 0 : 1;
                    }
                }
                System.out.println(changed + " arrays changed");
            }
        }

        private static void collect() {
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
                try {
                    Thread.sleep(1);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }
    }
}
