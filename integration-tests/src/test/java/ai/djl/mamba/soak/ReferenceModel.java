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
package ai.djl.mamba.soak;

import ai.djl.mamba.soak.RandomCheckpoint.Sizes;
import ai.djl.mamba.zoo.checkpoint.Dialect;
import java.util.Arrays;

/**
 * The language models in float64, one token after the other and in the plainest form (Gu and Dao
 * 2023, algorithm 2; Dao and Gu 2024, section 2; Gu et al. 2022, section 3), written apart from the
 * library. A sequence is a double[L][size].
 */
final class ReferenceModel {

    private final Sizes sizes;
    private final Weights weights;
    private final String embedding;

    ReferenceModel(RandomCheckpoint checkpoint) {
        sizes = checkpoint.sizes;
        weights = checkpoint.weights;
        embedding = embedding(checkpoint.dialect);
    }

    static String embedding(Dialect dialect) {
        return dialect == Dialect.TRANSFORMERS
                ? "backbone.embeddings.weight"
                : "backbone.embedding.weight";
    }

    /** Returns the logits, (L, V). */
    double[][] logits(long[] ids) {
        double[] table = weights.get(embedding);
        int d = sizes.d();
        double[][] hidden = new double[ids.length][];
        Arrays.setAll(
                hidden, t -> Arrays.copyOfRange(table, (int) ids[t] * d, ((int) ids[t] + 1) * d));
        for (int i = 0; i < sizes.layers(); i++) {
            String layer = "backbone.layers." + i;
            double[][] mixed = mix(layer + ".mixer.", each(hidden, layer + ".norm", this::norm));
            for (int t = 0; t < hidden.length; t++) {
                for (int j = 0; j < d; j++) {
                    hidden[t][j] += mixed[t][j];
                }
            }
        }
        double[][] normed = each(hidden, "backbone.norm_f", this::norm);
        String head = sizes.tied() ? embedding : "lm_head.weight";
        return each(normed, head, (name, x) -> multiply(weights.get(name), x));
    }

    private interface Step {
        double[] apply(String name, double[] x);
    }

    private static double[][] each(double[][] sequence, String name, Step step) {
        return Arrays.stream(sequence).map(x -> step.apply(name, x)).toArray(double[][]::new);
    }

    private double[] norm(String name, double[] x) {
        double mean = sizes.rms() ? 0 : Arrays.stream(x).average().orElseThrow();
        double square = 0;
        for (double value : x) {
            square += (value - mean) * (value - mean) / x.length;
        }
        double factor = 1 / Math.sqrt(square + sizes.epsilon());
        double[] scale = weights.get(name + ".weight");
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) * factor * scale[i];
            if (!sizes.rms()) {
                y[i] += weights.get(name + ".bias")[i];
            }
        }
        return y;
    }

    private static double[] multiply(double[] matrix, double[] x) {
        double[] y = new double[matrix.length / x.length];
        for (int i = 0; i < matrix.length; i++) {
            y[i / x.length] += matrix[i] * x[i % x.length];
        }
        return y;
    }

    private double[] linear(String name, double[] x) {
        double[] y = multiply(weights.get(name + ".weight"), x);
        if (weights.has(name + ".bias")) {
            double[] bias = weights.get(name + ".bias");
            for (int i = 0; i < y.length; i++) {
                y[i] += bias[i];
            }
        }
        return y;
    }

    private double[][] mix(String mixer, double[][] sequence) {
        double[][] projected = each(sequence, mixer + "in_proj", this::linear);
        double[][] y =
                switch (sizes.family()) {
                    case MAMBA, S4D -> gatedScan(mixer, projected);
                    case MAMBA2 -> mamba2(mixer, projected);
                };
        return each(y, mixer + "out_proj", this::linear);
    }

    /** Mamba's block, [x | z] with an SSM on x. */
    private double[][] gatedScan(String mixer, double[][] projected) {
        int inner = sizes.inner();
        double[][] x = convolve(mixer, columns(projected, 0, inner));
        double[][] y = sizes.family() == Family.S4D ? s4d(mixer, x) : selective(mixer, x);
        if (sizes.gated()) {
            for (int t = 0; t < y.length; t++) {
                for (int e = 0; e < inner; e++) {
                    y[t][e] *= silu(projected[t][inner + e]);
                }
            }
        }
        return y;
    }

    private double[][] convolve(String mixer, double[][] x) {
        double[] taps = weights.get(mixer + "conv1d.weight");
        int kernel = sizes.kernel();
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int e = 0; e < y[t].length; e++) {
                double sum = sizes.convBias() ? weights.get(mixer + "conv1d.bias")[e] : 0;
                for (int k = 0; k < kernel; k++) {
                    int from = t - kernel + 1 + k;
                    sum += from < 0 ? 0 : taps[e * kernel + k] * x[from][e];
                }
                y[t][e] = silu(sum);
            }
        }
        return y;
    }

    private double[][] selective(String mixer, double[][] x) {
        int n = sizes.n();
        int rank = sizes.rank();
        double[] aLog = weights.get(mixer + "A_log");
        double[] skip = weights.get(mixer + "D");
        double[] state = new double[aLog.length];
        double[][] y = new double[x.length][sizes.inner()];
        for (int t = 0; t < x.length; t++) {
            double[] dbc = linear(mixer + "x_proj", x[t]);
            double[] raw = linear(mixer + "dt_proj", Arrays.copyOf(dbc, rank));
            for (int i = 0; i < state.length; i++) {
                int e = i / n;
                double dt = softplus(raw[e]);
                double b = dbc[rank + i % n];
                double c = dbc[rank + n + i % n];
                state[i] = Math.exp(-dt * Math.exp(aLog[i])) * state[i] + dt * b * x[t][e];
                y[t][e] += c * state[i];
            }
            for (int e = 0; e < sizes.inner(); e++) {
                y[t][e] += skip[e] * x[t][e];
            }
        }
        return y;
    }

    private double[][] s4d(String mixer, double[][] x) {
        int pairs = sizes.n() / 2;
        double[] logDecay = weights.get(mixer + "ssm.log_A_real");
        double[] frequency = weights.get(mixer + "ssm.A_imag");
        double[] c = weights.get(mixer + "ssm.C");
        double[] logDt = weights.get(mixer + "ssm.log_dt");
        double[] skip = weights.get(mixer + "ssm.D");
        double[][] y = new double[x.length][sizes.inner()];
        for (int i = 0; i < logDecay.length; i++) {
            int e = i / pairs;
            double dt = Math.exp(logDt[e]);
            double re = -Math.exp(logDecay[i]);
            double im = frequency[i];
            double decayRe = Math.exp(dt * re) * Math.cos(dt * im);
            double decayIm = Math.exp(dt * re) * Math.sin(dt * im);
            double norm = re * re + im * im; // (Ā − 1) / A
            double inRe = ((decayRe - 1) * re + decayIm * im) / norm;
            double inIm = (decayIm * re - (decayRe - 1) * im) / norm;
            double stateRe = 0;
            double stateIm = 0;
            for (int t = 0; t < x.length; t++) {
                double newRe = decayRe * stateRe - decayIm * stateIm + inRe * x[t][e];
                stateIm = decayRe * stateIm + decayIm * stateRe + inIm * x[t][e];
                stateRe = newRe;
                y[t][e] += 2 * (c[2 * i] * stateRe - c[2 * i + 1] * stateIm);
            }
        }
        for (int t = 0; t < x.length; t++) {
            for (int e = 0; e < sizes.inner(); e++) {
                y[t][e] += skip[e] * x[t][e];
            }
        }
        return y;
    }

    /** Mamba-2's block, [z | x | B | C | Δ]. */
    private double[][] mamba2(String mixer, double[][] projected) {
        int inner = sizes.inner();
        int channels = inner + 2 * sizes.groups() * sizes.n();
        double[][] xbc = convolve(mixer, columns(projected, inner, inner + channels));
        double[][] y = new double[xbc.length][inner];
        double[][] states = new double[inner][sizes.n()];
        for (int t = 0; t < y.length; t++) {
            for (int e = 0; e < inner; e++) {
                double raw = projected[t][inner + channels + e / sizes.headSize()];
                y[t][e] = mamba2Step(mixer, e, raw, xbc[t], states[e]);
            }
            double[] z = Arrays.copyOf(projected[t], inner);
            y[t] = gate(mixer, y[t], z);
        }
        return y;
    }

    private double mamba2Step(String mixer, int e, double rawDt, double[] xbc, double[] state) {
        int n = sizes.n();
        int head = e / sizes.headSize();
        int group = head / (sizes.heads() / sizes.groups());
        int b = sizes.inner() + group * n;
        int c = b + sizes.groups() * n;
        double dt = softplus(rawDt + weights.get(mixer + "dt_bias")[head]);
        dt = Math.min(Math.max(dt, sizes.limitMin()), sizes.limitMax());
        double decay = Math.exp(-dt * Math.exp(weights.get(mixer + "A_log")[head]));
        double y = weights.get(mixer + "D")[sizes.channelSkip() ? e : head] * xbc[e];
        for (int i = 0; i < n; i++) {
            state[i] = decay * state[i] + dt * xbc[b + i] * xbc[e];
            y += xbc[c + i] * state[i];
        }
        return y;
    }

    private double[] gate(String mixer, double[] y, double[] z) {
        String rule = sizes.gatedNorm();
        double[] gate = Arrays.stream(z).map(ReferenceModel::silu).toArray();
        double[] out = y;
        if (!"before_gate".equals(rule)) {
            out = product(out, gate);
        }
        if (!"none".equals(rule)) {
            out = groupNorm(mixer, out);
        }
        return "before_gate".equals(rule) ? product(out, gate) : out;
    }

    private double[] groupNorm(String mixer, double[] x) {
        double[] weight = weights.get(mixer + "norm.weight");
        int size = x.length / sizes.groups();
        double[] y = new double[x.length];
        for (int start = 0; start < x.length; start += size) {
            double square = 0;
            for (int i = start; i < start + size; i++) {
                square += x[i] * x[i] / size;
            }
            for (int i = start; i < start + size; i++) {
                y[i] = x[i] / Math.sqrt(square + sizes.epsilon()) * weight[i];
            }
        }
        return y;
    }

    private static double[] product(double[] x, double[] y) {
        double[] result = x.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] *= y[i];
        }
        return result;
    }

    private static double[][] columns(double[][] sequence, int from, int to) {
        return Arrays.stream(sequence)
                .map(x -> Arrays.copyOfRange(x, from, to))
                .toArray(double[][]::new);
    }

    private static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }

    private static double softplus(double x) {
        return x > 20 ? x : Math.log1p(Math.exp(x));
    }
}
