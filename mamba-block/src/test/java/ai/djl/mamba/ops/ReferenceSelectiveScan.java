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

/** The selective scan as a plain loop over float64 numbers. */
final class ReferenceSelectiveScan extends ReferenceScan {

    private final int states;
    private final double[] u;
    private final double[] delta;
    private final double[] bias;
    private final double[] a;
    private final double[] b;
    private final double[] c;
    private final double[] d;
    private final double[] z; // null without a gate

    ReferenceSelectiveScan(SelectiveScanInput in) {
        super(in.u(), in.mask(), in.resets(), in.initialState(), (int) in.a().size(), in.reverse());
        states = (int) in.a().getShape().get(1);
        u = EngineSuite.doubles(in.u());
        delta = EngineSuite.doubles(in.delta());
        bias = optional(in.deltaBias(), channels, 0);
        a = EngineSuite.doubles(in.a());
        b = EngineSuite.doubles(in.b());
        c = EngineSuite.doubles(in.c());
        d = optional(in.d(), channels, 0);
        z = in.gate() == null ? null : EngineSuite.doubles(in.gate());
        scan();
    }

    @Override
    void step(int row, int t, double token) {
        for (int e = 0; e < channels; e++) {
            int i = t * channels + e;
            double dt = token * softplus(delta[i] + bias[e]);
            double sum = d[e] * u[i];
            for (int n = 0; n < states; n++) {
                int s = (row * channels + e) * states + n;
                double decay = Math.exp(dt * a[e * states + n]);
                state[s] = decay * state[s] + dt * b[t * states + n] * u[i];
                sum += c[t * states + n] * state[s];
            }
            y[i] = z == null ? sum : sum * z[i] / (1 + Math.exp(-z[i]));
        }
    }
}
