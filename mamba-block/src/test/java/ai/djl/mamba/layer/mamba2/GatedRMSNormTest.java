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
package ai.djl.mamba.layer.mamba2;

import ai.djl.MalformedModelException;
import ai.djl.mamba.testing.ContractSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** {@link GatedRMSNorm} is what a plain loop computes, with the gate before and after the norm. */
public class GatedRMSNormTest extends ContractSuite {

    private static final int CHANNELS = 12;
    private static final double EPSILON = 1e-3;

    /** The norm is over the last axis of any number of axes, however it is computed. */
    private static final long[][] SHAPES = {
        {1, 1, CHANNELS}, {2, 5, CHANNELS}, {CHANNELS}, {3, CHANNELS}, {2, 1, 3, CHANNELS}
    };

    @Factory(dataProvider = "engines")
    public GatedRMSNormTest(EngineSetup engine) {
        super(engine);
    }

    @DataProvider
    public static Object[][] engines() {
        return Engines.eachAndComposed(new Object[][] {{}});
    }

    @DataProvider
    public Object[][] norms() {
        return new Object[][] {
            {1, false}, {1, true}, {3, false}, {3, true}, {CHANNELS, false}, {CHANNELS, true}
        };
    }

    private GatedRMSNorm norm(int groups, boolean normBeforeGate, DataType type) {
        GatedRMSNorm norm = new GatedRMSNorm(groups, EPSILON, normBeforeGate);
        Shape shape = new Shape(1, 1, CHANNELS);
        norm.initialize(manager, type, shape, shape);
        norm.getWeight().getArray().addi(normal(7, type, CHANNELS).mul(0.3));
        return norm;
    }

    private NDArray run(GatedRMSNorm norm, NDArray y, NDArray z, boolean training) {
        ParameterStore store = new ParameterStore(manager, false);
        return norm.forward(store, new NDList(y, z), training).singletonOrThrow();
    }

    private static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }

    private static double[] reference(
            NDArray input, NDArray gate, double[] weight, int groups, boolean normBeforeGate) {
        double[] y = doubles(input);
        double[] z = doubles(gate);
        double[] out = new double[y.length];
        int size = CHANNELS / groups;
        for (int start = 0; start < y.length; start += size) {
            double squares = 0;
            for (int i = start; i < start + size; i++) {
                double value = normBeforeGate ? y[i] : y[i] * silu(z[i]);
                squares += value * value / size;
            }
            for (int i = start; i < start + size; i++) {
                out[i] = y[i] * silu(z[i]) / Math.sqrt(squares + EPSILON) * weight[i % CHANNELS];
            }
        }
        return out;
    }

    @Test(dataProvider = "norms")
    public void isThePlainLoop(int groups, boolean normBeforeGate) {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
            GatedRMSNorm norm = norm(groups, normBeforeGate, type);
            double[] weight = doubles(norm.getWeight().getArray());
            for (long[] shape : SHAPES) {
                for (double scale : new double[] {1e-3, 1, 1e3}) {
                    NDArray y = normal(1, type, shape).mul(scale);
                    NDArray z = normal(2, type, shape).mul(3);
                    double[] expected = reference(y, z, weight, groups, normBeforeGate);
                    NDArray found = run(norm, y, z, false);
                    Assert.assertEquals(found.getDataType(), type);
                    assertClose(found, expected, exact(type), "scale " + scale);
                    assertAllNear(
                            new NDList(run(norm, y, z, true)),
                            new NDList(found),
                            exact(type),
                            "training");
                }
            }
        }
    }

    @Test(dataProvider = "norms")
    public void gradientsAgreeWithFiniteDifferences(int groups, boolean normBeforeGate) {
        GatedRMSNorm norm = norm(groups, normBeforeGate, DataType.FLOAT64);
        for (long[] shape : SHAPES) {
            NDArray y = normal(1, DataType.FLOAT64, shape);
            NDArray z = normal(2, DataType.FLOAT64, shape);
            assertGradients(
                    new NDList(y, z, norm.getWeight().getArray()),
                    () -> loss(new NDList(run(norm, y, z, true))),
                    "groups " + groups);
        }
    }

    @Test(dataProvider = "norms")
    public void staysFiniteAtZeroAndAtLargeNumbers(int groups, boolean normBeforeGate) {
        GatedRMSNorm norm = norm(groups, normBeforeGate, DataType.FLOAT32);
        for (double scale : new double[] {0, 1e-30, 1e15}) {
            NDArray y = normal(1, DataType.FLOAT32, 2, 3, CHANNELS).mul(scale);
            NDArray z = normal(2, DataType.FLOAT32, 2, 3, CHANNELS).mul(50);
            NDList all = new NDList(run(norm, y, z, false));
            NDList variables = new NDList(y, z, norm.getWeight().getArray());
            all.addAll(gradients(variables, () -> loss(new NDList(run(norm, y, z, true)))));
            assertFinite(all, "scale " + scale);
        }
    }

    @Test(dataProvider = "norms")
    public void keepsNothingButItsResult(int groups, boolean normBeforeGate) {
        GatedRMSNorm norm = norm(groups, normBeforeGate, DataType.FLOAT32);
        NDArray y = normal(1, DataType.FLOAT32, 2, 3, CHANNELS);
        NDArray z = normal(2, DataType.FLOAT32, 2, 3, CHANNELS);
        int before = manager.getManagedArrays().size();
        try (NDArray result = run(norm, y, z, true)) {
            Assert.assertSame(result.getManager(), y.getManager());
            Assert.assertEquals(manager.getManagedArrays().size(), before + 1);
        }
    }

    @Test
    public void savedWeightsAreLoaded() throws IOException, MalformedModelException {
        GatedRMSNorm norm = norm(3, true, DataType.FLOAT32);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        norm.saveParameters(new DataOutputStream(saved));
        GatedRMSNorm fresh = new GatedRMSNorm(3, EPSILON, true);
        fresh.loadParameters(
                manager, new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
        assertNear(fresh.getWeight().getArray(), norm.getWeight().getArray(), 0, "weight");
    }
}
