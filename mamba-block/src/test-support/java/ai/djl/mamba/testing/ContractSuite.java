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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.testng.Assert;

/** What the contract suites share: comparisons, gradients and finite differences. */
public abstract class ContractSuite extends EngineSuite {

    private static final double STEP = 1e-5;
    private static final int ELEMENTS = 2;

    protected ContractSuite(EngineSetup engine) {
        super(engine);
    }

    /** Asserts |actual − expected| ≤ tolerance · max |expected|, element by element. */
    protected static void assertClose(
            NDArray actual, double[] expected, double tolerance, String what) {
        double[] given = doubles(actual);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        Assert.assertEquals(given.length, expected.length, what + ": length");
        for (int i = 0; i < given.length; i++) {
            // not (error > bound): NaN must fail
            Assert.assertTrue(
                    Math.abs(given[i] - expected[i]) <= tolerance * scale,
                    what + "[" + i + "]: expected " + expected[i] + ", got " + given[i]);
        }
    }

    protected static void assertClose(
            NDArray actual, NDArray expected, double tolerance, String what) {
        Assert.assertEquals(actual.getShape(), expected.getShape(), what + ": shape");
        assertClose(actual, doubles(expected), tolerance, what);
    }

    protected static void assertAllNear(
            NDList actual, NDList expected, double tolerance, String what) {
        Assert.assertEquals(actual.size(), expected.size(), what + ": number of arrays");
        for (int i = 0; i < actual.size(); i++) {
            assertNear(actual.get(i), expected.get(i), tolerance, what + ", array " + i);
        }
    }

    protected static void assertAllEqual(NDList actual, NDList expected, String what) {
        assertAllNear(actual, expected, 0, what);
    }

    protected static void assertFinite(NDList arrays, String what) {
        for (NDArray array : arrays) {
            for (double value : doubles(array)) {
                Assert.assertTrue(Double.isFinite(value), what + ": " + value);
            }
        }
    }

    /** The tolerance for what must be equal but for the order of sums. */
    protected static double exact(DataType type) {
        return type == DataType.FLOAT64 ? 1e-12 : 1e-6;
    }

    /** A sum of all elements of all outputs with fixed random weights. */
    protected NDArray loss(NDList outputs) {
        NDArray total = null;
        for (int i = 0; i < outputs.size(); i++) {
            NDArray output = outputs.get(i);
            NDArray weight = normal(1000 + i, output.getDataType(), output.getShape().getShape());
            NDArray part = output.mul(weight).sum();
            total = total == null ? part : total.add(part);
        }
        return total;
    }

    /** The gradients of a loss with respect to the variables. */
    protected NDList gradients(NDList variables, Supplier<NDArray> loss) {
        variables.forEach(variable -> variable.setRequiresGradient(true));
        try (GradientCollector collector = record()) {
            collector.backward(loss.get());
        }
        NDList gradients = new NDList();
        for (NDArray variable : variables) {
            NDArray gradient = variable.getGradient();
            gradients.add(gradient.duplicate());
            gradient.muli(0); // PyTorch adds to what is there
        }
        return gradients;
    }

    /** Compares the gradients in float64 with central differences, along some directions. */
    protected void assertGradients(NDList variables, Supplier<NDArray> loss, String what) {
        NDList gradients = gradients(variables, loss);
        for (int i = 0; i < variables.size(); i++) {
            NDArray variable = variables.get(i);
            double[] gradient = doubles(gradients.get(i));
            double[] value = doubles(variable);
            for (double[] direction : directions(value.length, i)) {
                double difference =
                        (lossAt(variable, value, direction, STEP, loss)
                                        - lossAt(variable, value, direction, -STEP, loss))
                                / (2 * STEP);
                double product = 0;
                for (int k = 0; k < value.length; k++) {
                    product += gradient[k] * direction[k];
                }
                Assert.assertEquals(
                        product,
                        difference,
                        1e-7 * Math.max(1, Math.abs(difference)),
                        what + ", variable " + i + " of shape " + variable.getShape());
            }
            variable.set(value);
        }
    }

    /** A dense direction, which meets every element, and some single elements. */
    private static double[][] directions(int size, int seed) {
        Random random = new Random(seed);
        double[][] directions = new double[Math.min(size, ELEMENTS) + 1][size];
        for (int k = 0; k < size; k++) {
            directions[0][k] = random.nextGaussian() / Math.sqrt(size);
        }
        int[] elements = random.ints(0, size).distinct().limit(directions.length - 1L).toArray();
        for (int i = 0; i < elements.length; i++) {
            directions[i + 1][elements[i]] = 1;
        }
        return directions;
    }

    private double lossAt(
            NDArray variable,
            double[] value,
            double[] direction,
            double step,
            Supplier<NDArray> loss) {
        double[] moved = value.clone();
        for (int k = 0; k < moved.length; k++) {
            moved[k] += step * direction[k];
        }
        variable.set(moved);
        return doubles(loss.get())[0];
    }
}
