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
package ai.djl.mamba.examples;

import ai.djl.mamba.examples.RoundRobin.Task;
import ai.djl.mamba.scan.ScanInput;
import ai.djl.mamba.scan.SelectiveScan;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;

/** Times scans of one input, forward and backward. */
final class BenchScan {

    private static final float SHORTEST_STEP = -6; // before softplus, as layers start
    private static final float LONGEST_STEP = -2;

    private final NDManager manager;
    private final NDList arrays; // u, Δ, A, B, C

    /**
     * Makes the input.
     *
     * @param manager the manager that owns it
     * @param type the type of the arrays
     * @param batch B
     * @param length L
     * @param channels E
     * @param states N
     */
    BenchScan(NDManager manager, DataType type, int batch, int length, int channels, int states) {
        this.manager = manager;
        Shape sequence = new Shape(batch, length, channels);
        Shape perState = new Shape(batch, length, states);
        NDArray row = manager.arange(1, states + 1).toType(type, false).neg().reshape(1, states);
        arrays =
                new NDList(
                        manager.randomNormal(sequence),
                        manager.randomUniform(SHORTEST_STEP, LONGEST_STEP, sequence),
                        row.broadcast(new Shape(channels, states)).mul(1),
                        manager.randomNormal(perState),
                        manager.randomNormal(perState));
        for (int i = 0; i < arrays.size(); i++) {
            arrays.set(i, arrays.get(i).toType(type, false));
        }
    }

    /** The forward pass of a scan, with nothing recorded. */
    Task forward(SelectiveScan scan) {
        return calls -> {
            try (NDManager scratch = manager.newSubManager()) {
                NDList leaves = leaves(scratch, false);
                NDList result = new NDList();
                long start = System.nanoTime();
                for (int i = 0; i < calls; i++) {
                    result.close();
                    result = scan.scan(input(leaves));
                }
                Background.await(result);
                return (System.nanoTime() - start) / 1e9;
            }
        };
    }

    /** The forward and the backward pass of a scan. */
    Task forwardBackward(SelectiveScan scan) {
        return calls -> {
            try (NDManager scratch = manager.newSubManager()) {
                List<NDList> leaves = new ArrayList<>();
                for (int i = 0; i < calls; i++) {
                    leaves.add(leaves(scratch, true));
                }
                try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                    long start = System.nanoTime();
                    for (int i = 0; i < calls - 1; i++) {
                        backward(collector, scan, leaves.get(i));
                        leaves.get(i).close(); // and with them the gradients
                    }
                    NDList last = leaves.get(calls - 1);
                    backward(collector, scan, last);
                    Background.await(gradients(last));
                    return (System.nanoTime() - start) / 1e9;
                }
            }
        };
    }

    private static void backward(GradientCollector collector, SelectiveScan scan, NDList leaves) {
        try (NDList result = scan.scan(input(leaves));
                NDArray loss = result.get(0).sum()) {
            collector.backward(loss);
        }
    }

    private static NDList gradients(NDList leaves) {
        NDList gradients = new NDList();
        for (NDArray leaf : leaves) {
            gradients.add(leaf.getGradient());
        }
        return gradients;
    }

    /** The input as new arrays on the same memory: gradients add up in an array that stays. */
    private NDList leaves(NDManager scratch, boolean withGradients) {
        NDList leaves = new NDList();
        for (NDArray array : arrays) {
            NDArray leaf = array.stopGradient();
            leaf.attach(scratch);
            leaf.setRequiresGradient(withGradients);
            leaves.add(leaf);
        }
        Background.await(leaves);
        return leaves;
    }

    private static ScanInput input(NDList leaves) {
        return new ScanInput(
                leaves.get(0),
                leaves.get(1),
                null,
                leaves.get(2),
                leaves.get(3),
                leaves.get(4),
                null,
                null,
                null,
                null,
                null,
                false);
    }
}
