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

/** The scan of a state space dual layer as a plain loop over float64 numbers. */
final class ReferenceSSDScan extends ReferenceScan {

    private final SSDScanInput in;
    private final int heads;
    private final int size;
    private final int states;
    private final double[] x;
    private final double[] delta;
    private final double[] bias;
    private final double[] a;
    private final double[] b;
    private final double[] c;
    private final double[] d;

    ReferenceSSDScan(SSDScanInput in) {
        super(
                in.x(),
                in.mask(),
                in.resets(),
                in.initialState(),
                (int) (in.x().getShape().get(2) * in.b().getShape().get(2) / in.groups()),
                in.reverse());
        this.in = in;
        heads = (int) in.a().size();
        size = channels / heads;
        states = (int) (in.b().getShape().get(2) / in.groups());
        x = EngineSuite.doubles(in.x());
        delta = EngineSuite.doubles(in.delta());
        bias = optional(in.deltaBias(), heads, 0);
        a = EngineSuite.doubles(in.a());
        b = EngineSuite.doubles(in.b());
        c = EngineSuite.doubles(in.c());
        d = optional(in.d(), heads, 0);
        scan();
    }

    @Override
    void step(int row, int t, double token) {
        for (int head = 0; head < heads; head++) {
            double raw = softplus(delta[t * heads + head] + bias[head]);
            double dt =
                    token * Math.min(in.timeStepLimitMax(), Math.max(in.timeStepLimitMin(), raw));
            double decay = Math.exp(dt * a[head]);
            int group = t * in.groups() + head * in.groups() / heads;
            for (int p = 0; p < size; p++) {
                int e = head * size + p;
                double input = x[t * channels + e];
                double sum = d[d.length == heads ? head : e] * input;
                for (int n = 0; n < states; n++) {
                    int s = (row * channels + e) * states + n;
                    state[s] = decay * state[s] + dt * input * b[group * states + n];
                    sum += c[group * states + n] * state[s];
                }
                y[t * channels + e] = sum;
            }
        }
    }
}
