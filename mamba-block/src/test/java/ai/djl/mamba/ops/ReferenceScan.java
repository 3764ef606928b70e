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
package ai.djl.mamba.ops;

import ai.djl.mamba.testing.EngineSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** A scan as a plain loop over float64 numbers. */
abstract class ReferenceScan {

    final int rows;
    final int length;
    final int channels;
    private final boolean reverse;
    private final double[] mask;
    private final double[] resets;

    /** The output, (B, L, E), 0 at padding. */
    final double[] y;

    /** The state after the last step. */
    final double[] state;

    /**
     * Prepares a scan; the subclass calls {@link #scan} where it knows the other arguments.
     *
     * @param sequence the sequence, (B, L, E)
     * @param mask 1 at tokens and 0 at padding, or {@code null}
     * @param resets 1 where the state that comes in is dropped, or {@code null}
     * @param state the state before the first step, or {@code null}
     * @param states the numbers in the state of a row
     * @param reverse whether the scan runs from the last step to the first
     */
    ReferenceScan(
            NDArray sequence,
            NDArray mask,
            NDArray resets,
            NDArray state,
            int states,
            boolean reverse) {
        Shape shape = sequence.getShape();
        rows = (int) shape.get(0);
        length = (int) shape.get(1);
        channels = (int) shape.get(2);
        this.reverse = reverse;
        this.mask = optional(mask, rows * length, 1);
        this.resets = optional(resets, rows * length, 0);
        this.state = optional(state, rows * states, 0);
        y = new double[rows * length * channels];
    }

    /** The numbers of an array, or as many of one value. */
    static double[] optional(NDArray array, int size, double otherwise) {
        if (array != null) {
            return EngineSuite.doubles(array);
        }
        double[] values = new double[size];
        Arrays.fill(values, otherwise);
        return values;
    }

    void scan() {
        int states = state.length / rows;
        for (int row = 0; row < rows; row++) {
            for (int step = 0; step < length; step++) {
                int t = row * length + (reverse ? length - 1 - step : step);
                if (resets[t] != 0) {
                    Arrays.fill(state, row * states, (row + 1) * states, 0);
                }
                step(row, t, mask[t]);
                for (int e = 0; e < channels; e++) {
                    y[t * channels + e] *= mask[t];
                }
            }
        }
    }

    /**
     * Changes the state and writes the output.
     *
     * @param row the row
     * @param t the position in (B, L)
     * @param token 1 at a token, 0 at padding, where the time step is 0
     */
    abstract void step(int row, int t, double token);

    static double softplus(double x) {
        return x > 20 ? x : Math.log1p(Math.exp(x));
    }
}
