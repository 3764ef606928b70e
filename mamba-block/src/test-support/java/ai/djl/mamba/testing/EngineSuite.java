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
package ai.djl.mamba.testing;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.ops.Ops;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** What every contract suite needs: an engine, a manager for each test, and comparisons. */
public abstract class EngineSuite {

    /** The system property with the device of the tests, such as gpu0 (default: cpu). */
    private static final String DEVICE = "ai.djl.mamba.test.device";

    protected final String engineName;
    private final EngineSetup engine;
    protected NDManager manager;

    protected EngineSuite(EngineSetup engine) {
        this.engine = engine;
        engineName = engine.engineName();
    }

    @BeforeMethod
    public void openManager() {
        System.setProperty(Ops.NATIVE_PROPERTY, engine.nativeOperators());
        manager = NDManager.newBaseManager(device(), engineName);
        manager.getEngine().setRandomSeed(42);
    }

    @AfterMethod(alwaysRun = true)
    public void closeManager() {
        System.clearProperty(Ops.NATIVE_PROPERTY);
        if (manager != null) {
            manager.close();
        }
    }

    protected Device device() {
        return Device.fromName(System.getProperty(DEVICE, "cpu"), engine());
    }

    protected Engine engine() {
        return Engine.getEngine(engineName);
    }

    protected GradientCollector record() {
        return engine().newGradientCollector();
    }

    /** Normal numbers that are the same on every engine. */
    protected NDArray normal(long seed, DataType type, long... shape) {
        Random random = new Random(seed);
        double[] values = random.doubles(new Shape(shape).size()).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        // not closed: in PyTorch, toType to the same type shares its memory even as a copy
        return HostArrays.create(manager, values, new Shape(shape)).toType(type, false);
    }

    public static double[] doubles(NDArray array) {
        try (NDArray converted = array.toType(DataType.FLOAT64, true)) {
            return converted.toDoubleArray();
        }
    }

    /** Asserts |actual − expected| ≤ tolerance · max(1, max |expected|), element by element. */
    public static void assertNear(NDArray actual, NDArray expected, double tolerance, String what) {
        Assert.assertEquals(actual.getShape(), expected.getShape(), what + ": shape");
        assertNear(doubles(actual), doubles(expected), tolerance, what);
    }

    public static void assertNear(
            double[] actual, double[] expected, double tolerance, String what) {
        Assert.assertEquals(actual.length, expected.length, what + ": length");
        double scale = 1;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            // not (error > bound): NaN must fail
            Assert.assertTrue(
                    error <= tolerance * scale,
                    what + "[" + i + "]: expected " + expected[i] + ", got " + actual[i]);
        }
    }

    /** Collects what nothing keeps, and writes something else to where it was. */
    protected void spoilFreedMemory() {
        for (int round = 0; round < 3; round++) {
            System.gc();
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (int size : new int[] {1, 2, 8, 70, 140, 420}) {
            for (int i = 0; i < 300; i++) {
                double[] junk = new double[size];
                Arrays.fill(junk, Double.NaN);
                manager.create(junk);
            }
        }
    }
}
