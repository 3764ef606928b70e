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
package ai.djl.mamba.integration;

import ai.djl.mamba.scan.ScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** The selective scan as a plain loop over float64 numbers. */
final class ReferenceScan {

    private final int rows;
    private final int length;
    private final int channels;
    private final int states;
    private final ScanInput in;
    private final double[] u;
    private final double[] delta;
    private final double[] a;
    private final double[] b;
    private final double[] c;
    private final double[] mask;
    private final double[] resets;

    /** The output, (B, L, E), 0 at padding. */
    final double[] y;

    /** The state after the last step, (B, E, N). */
    final double[] state;

    ReferenceScan(ScanInput in) {
        Shape shape = in.u().getShape();
        rows = (int) shape.get(0);
        length = (int) shape.get(1);
        channels = (int) shape.get(2);
        states = (int) in.a().getShape().get(1);
        this.in = in;
        u = EngineSuite.doubles(in.u());
        delta = EngineSuite.doubles(in.delta());
        a = EngineSuite.doubles(in.a());
        b = EngineSuite.doubles(in.b());
        c = EngineSuite.doubles(in.c());
        mask = optional(in.mask(), rows * length, 1);
        resets = optional(in.resets(), rows * length, 0);
        y = new double[rows * length * channels];
        state = optional(in.initialState(), rows * channels * states, 0);
        scan();
    }

    private static double[] optional(NDArray array, int size, double otherwise) {
        if (array != null) {
            return EngineSuite.doubles(array);
        }
        double[] values = new double[size];
        Arrays.fill(values, otherwise);
        return values;
    }

    private void scan() {
        double[] bias = optional(in.deltaBias(), channels, 0);
        double[] d = optional(in.d(), channels, 0);
        double[] z = in.gate() == null ? null : EngineSuite.doubles(in.gate());
        for (int row = 0; row < rows; row++) {
            for (int step = 0; step < length; step++) {
                int t = row * length + (in.reverse() ? length - 1 - step : step);
                for (int e = 0; e < channels; e++) {
                    int i = t * channels + e;
                    double dt = mask[t] * softplus(delta[i] + bias[e]);
                    double sum = d[e] * u[i] + step(row, t, e, dt, u[i]);
                    y[i] = mask[t] * (z == null ? sum : sum * z[i] / (1 + Math.exp(-z[i])));
                }
            }
        }
    }

    private double step(int row, int t, int e, double dt, double input) {
        double sum = 0;
        for (int n = 0; n < states; n++) {
            int s = (row * channels + e) * states + n;
            double decay = Math.exp(dt * a[e * states + n]);
            double before = resets[t] == 0 ? state[s] : 0;
            state[s] = decay * before + dt * b[t * states + n] * input;
            sum += c[t * states + n] * state[s];
        }
        return sum;
    }

    private static double softplus(double x) {
        return x > 20 ? x : Math.log1p(Math.exp(x));
    }
}
