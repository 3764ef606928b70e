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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The gradients of {@link S4D}. */
public class S4DGradientTest extends S4DFixture {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public S4DGradientTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void gradientsAreFiniteDifferences() {
        for (S4D.Mode mode : modes()) {
            for (S4D.Discretization rule : S4D.Discretization.values()) {
                checkGradients(S4D.Init.LIN, rule, mode, 70, null);
            }
            checkGradients(S4D.Init.LEGS, S4D.Discretization.ZERO_ORDER_HOLD, mode, 32, null);
            checkGradients(S4D.Init.REAL, S4D.Discretization.ZERO_ORDER_HOLD, mode, 1, null);
            checkGradients(
                    S4D.Init.INV,
                    S4D.Discretization.ZERO_ORDER_HOLD,
                    mode,
                    70,
                    new long[] {70, 33});
        }
    }

    private void checkGradients(
            S4D.Init init, S4D.Discretization rule, S4D.Mode mode, int length, long[] lengths) {
        S4D block =
                S4D.builder()
                        .optStateSize(4)
                        .optInit(init)
                        .optDiscretization(rule)
                        .optMode(mode)
                        .optReturnState(true)
                        .build();
        block.initialize(manager, DataType.FLOAT64, new Shape(1, 1, 2));
        NDArray u = normal(1, DataType.FLOAT64, 2, length, 2);
        NDArray begin = normal(2, DataType.FLOAT64, 2, 2, 4);
        NDList inputs = new NDList(u, begin);
        if (lengths != null) {
            inputs.add(1, manager.create(lengths));
        }
        NDArray[] weights = {
            normal(3, DataType.FLOAT64, 2, length, 2), normal(4, DataType.FLOAT64, 2, 2, 4)
        };
        if (lengths != null) { // outputs at padding have no meaning
            weights[0] =
                    steps(weights[0], 0, 33)
                            .concat(
                                    steps(weights[0], 33, length)
                                            .mul(
                                                    manager.create(new double[] {1, 0})
                                                            .reshape(2, 1, 1)),
                                    1);
        }
        List<String> names = new ArrayList<>(List.of("input", "begin state"));
        List<NDArray> leaves = new ArrayList<>(List.of(u, begin));
        for (var pair : block.getParameters()) {
            names.add(pair.getKey());
            leaves.add(pair.getValue().getArray());
        }
        leaves.forEach(leaf -> leaf.setRequiresGradient(true));
        try (GradientCollector collector = record()) {
            collector.backward(loss(block, inputs, weights));
        }
        List<double[]> gradients = new ArrayList<>();
        for (NDArray leaf : leaves) {
            gradients.add(doubles(leaf.getGradient()));
            leaf.setRequiresGradient(false);
        }
        for (int i = 0; i < leaves.size(); i++) {
            String what = names.get(i) + " of " + init + " " + rule + " " + mode + " L " + length;
            compareAlongDirections(block, inputs, weights, leaves.get(i), gradients.get(i), what);
        }
    }

    private void compareAlongDirections(
            S4D block,
            NDList inputs,
            NDArray[] weights,
            NDArray leaf,
            double[] gradient,
            String what) {
        double[] values = doubles(leaf);
        for (int seed = 0; seed < 2; seed++) {
            double[] direction = doubles(normal(seed, DataType.FLOAT64, values.length));
            double h = 1e-5;
            double expected =
                    (lossAt(block, inputs, weights, leaf, moved(values, direction, h))
                                    - lossAt(
                                            block,
                                            inputs,
                                            weights,
                                            leaf,
                                            moved(values, direction, -h)))
                            / (2 * h);
            double found = 0;
            double scale = 1;
            for (int i = 0; i < values.length; i++) {
                found += gradient[i] * direction[i];
                scale = Math.max(scale, Math.abs(gradient[i]));
            }
            Assert.assertEquals(found, expected, 1e-6 * scale, what);
        }
        leaf.set(values);
    }

    private double lossAt(
            S4D block, NDList inputs, NDArray[] weights, NDArray leaf, double[] values) {
        leaf.set(values);
        return loss(block, inputs, weights).getDouble();
    }

    private static double[] moved(double[] values, double[] direction, double by) {
        double[] moved = values.clone();
        for (int i = 0; i < moved.length; i++) {
            moved[i] += by * direction[i];
        }
        return moved;
    }

    /** PyTorch borrows memory from Java for created arrays: none of it may be needed later. */
    @Test
    public void gradientsOutliveGarbageCollection() {
        NDArray u = normal(1, DataType.FLOAT64, 2, 70, CHANNELS);
        NDArray begin = normal(2, DataType.FLOAT64, 2, CHANNELS, STATES);
        NDList inputs = new NDList(u, manager.create(new long[] {70, 33}), begin);
        NDArray[] weights = {
            normal(3, DataType.FLOAT64, 2, 70, CHANNELS),
            normal(4, DataType.FLOAT64, 2, CHANNELS, STATES)
        };
        for (S4D.Discretization rule : S4D.Discretization.values()) {
            S4D block = make(S4D.builder().optDiscretization(rule).optReturnState(true));
            block.getParameters()
                    .forEach(pair -> pair.getValue().getArray().setRequiresGradient(true));
            List<double[]> expected = gradients(block, inputs, weights, false);
            List<double[]> found = gradients(block, inputs, weights, true);
            for (int i = 0; i < expected.size(); i++) {
                String what = rule + " " + block.getParameters().keyAt(i);
                assertNear(found.get(i), expected.get(i), EXACT, what);
            }
        }
    }

    private List<double[]> gradients(S4D block, NDList inputs, NDArray[] weights, boolean disturb) {
        List<double[]> gradients = new ArrayList<>();
        try (GradientCollector collector = record()) {
            NDArray loss = loss(block, inputs, weights);
            if (disturb) {
                spoilFreedMemory();
            }
            collector.backward(loss);
        }
        for (var pair : block.getParameters()) {
            NDArray gradient = pair.getValue().getArray().getGradient();
            gradients.add(doubles(gradient));
            gradient.subi(gradient.duplicate()); // PyTorch accumulates
        }
        return gradients;
    }

    private NDArray loss(S4D block, NDList inputs, NDArray[] weights) {
        NDList outputs = call(block, inputs, true);
        return outputs.get(0).mul(weights[0]).sum().add(outputs.get(1).mul(weights[1]).sum());
    }
}
