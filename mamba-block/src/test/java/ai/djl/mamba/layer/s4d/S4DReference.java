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

import ai.djl.mamba.testing.EngineSuite;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;

/** S4D step by step in float64, written apart from the layer. */
final class S4DReference {

    final double[] y; // (B, L, E)
    final double[] state; // (B, E, N)

    private S4DReference(double[] y, double[] state) {
        this.y = y;
        this.state = state;
    }

    static S4DReference run(S4D block, S4D.Discretization rule, NDArray u, NDArray begin) {
        Shape shape = u.getShape();
        int batch = (int) shape.get(0);
        int length = (int) shape.get(1);
        int channels = (int) shape.get(2);
        int pairs = (int) block.getLogAReal().getArray().getShape().get(1);
        double[] in = EngineSuite.doubles(u);
        double[] y = new double[in.length];
        double[] state = new double[batch * channels * 2 * pairs];
        double[] before = begin == null ? state.clone() : EngineSuite.doubles(begin);
        double[] skip = block.getSkip() == null ? null : values(block.getSkip());
        double[][][] system = discretize(block, rule, pairs);
        for (int b = 0; b < batch; b++) {
            for (int e = 0; e < channels; e++) {
                for (int n = 0; n < pairs; n++) {
                    double[] s = system[e * pairs + n][0];
                    double[] f = system[e * pairs + n][1];
                    double[] c = system[e * pairs + n][2];
                    int at = (b * channels + e) * 2 * pairs + n;
                    double re = before[at];
                    double im = before[at + pairs];
                    for (int t = 0; t < length; t++) {
                        int i = (b * length + t) * channels + e;
                        double newRe = s[0] * re - s[1] * im + f[0] * in[i];
                        im = s[0] * im + s[1] * re + f[1] * in[i];
                        re = newRe;
                        y[i] += 2 * (c[0] * re - c[1] * im);
                    }
                    state[at] = re;
                    state[at + pairs] = im;
                }
            }
        }
        for (int i = 0; skip != null && i < y.length; i++) {
            y[i] += skip[i % channels] * in[i];
        }
        return new S4DReference(y, state);
    }

    /** For each channel and pair: Ā, B̄ and C. */
    private static double[][][] discretize(S4D block, S4D.Discretization rule, int pairs) {
        double[] logDecay = values(block.getLogAReal());
        double[] frequency =
                block.getAImag() == null ? new double[logDecay.length] : values(block.getAImag());
        double[] c = values(block.getC());
        double[] logDt = values(block.getLogTimeStep());
        double[][][] system = new double[logDecay.length][][];
        for (int i = 0; i < system.length; i++) {
            double dt = Math.exp(logDt[i / pairs]);
            double[] a = {-Math.exp(logDecay[i]), frequency[i]};
            double[] decay;
            double[] input;
            if (rule == S4D.Discretization.BILINEAR) {
                double[] below = {1 - dt * a[0] / 2, -dt * a[1] / 2};
                decay = divide(new double[] {1 + dt * a[0] / 2, dt * a[1] / 2}, below);
                input = divide(new double[] {dt, 0}, below);
            } else {
                double radius = Math.exp(dt * a[0]);
                decay = new double[] {radius * Math.cos(dt * a[1]), radius * Math.sin(dt * a[1])};
                input = divide(new double[] {decay[0] - 1, decay[1]}, a);
            }
            system[i] = new double[][] {decay, input, {c[2 * i], c[2 * i + 1]}};
        }
        return system;
    }

    private static double[] divide(double[] x, double[] by) {
        double norm = by[0] * by[0] + by[1] * by[1];
        return new double[] {
            (x[0] * by[0] + x[1] * by[1]) / norm, (x[1] * by[0] - x[0] * by[1]) / norm
        };
    }

    private static double[] values(Parameter parameter) {
        return EngineSuite.doubles(parameter.getArray());
    }
}
