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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Times scans of one input, forward and backward. */
final class BenchScan {

    private final NDManager manager;
    private final NDList arrays;

    /**
     * Prepares to measure.
     *
     * @param manager the manager that owns the input
     * @param arrays the input
     */
    BenchScan(NDManager manager, NDList arrays) {
        this.manager = manager;
        this.arrays = arrays;
    }

    /** The forward pass of a scan, with nothing recorded. */
    Task forward(Function<NDList, NDList> scan) {
        return calls -> {
            try (NDManager scratch = manager.newSubManager()) {
                NDList leaves = leaves(scratch, false);
                NDList result = new NDList();
                long start = System.nanoTime();
                for (int i = 0; i < calls; i++) {
                    result.close();
                    result = scan.apply(leaves);
                }
                Background.await(result);
                return (System.nanoTime() - start) / 1e9;
            }
        };
    }

    /** The forward and the backward pass of a scan. */
    Task forwardBackward(Function<NDList, NDList> scan) {
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

    private static void backward(
            GradientCollector collector, Function<NDList, NDList> scan, NDList leaves) {
        try (NDList result = scan.apply(leaves);
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

    /** The input as new arrays on the same memory: in one that is reused gradients would add up. */
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
}
