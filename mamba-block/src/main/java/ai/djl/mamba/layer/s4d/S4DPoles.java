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

import java.util.Arrays;

/** The initial poles of S4D: one of each conjugate pair, −1/2 + i·λ, or −(n + 1) for S4D-Real. */
final class S4DPoles {

    private static final int MAX_SWEEPS = 60;

    private S4DPoles() {}

    /** The absolute values of the real parts, (pairs). */
    static double[] decays(S4D.Init init, int pairs) {
        double[] decays = new double[pairs];
        for (int n = 0; n < pairs; n++) {
            decays[n] = init == S4D.Init.REAL ? n + 1.0 : 0.5;
        }
        return decays;
    }

    /** The imaginary parts, (pairs), all non-negative. */
    static double[] frequencies(S4D.Init init, int pairs) {
        if (init == S4D.Init.LEGS) {
            return legsFrequencies(2 * pairs);
        }
        double[] frequencies = new double[pairs];
        for (int n = 0; n < pairs; n++) {
            double states = 2.0 * pairs;
            frequencies[n] =
                    switch (init) {
                        case LIN -> Math.PI * n;
                        case INV -> states / Math.PI * (states / (2 * n + 1) - 1);
                        case LEGS, REAL -> 0;
                    };
        }
        return frequencies;
    }

    /**
     * The positive imaginary parts of the eigenvalues of the normal part of HiPPO-LegS, ascending.
     *
     * <p>That part is −1/2 + S with S skew-symmetric, S_nk = ∓½√(2n+1)√(2k+1) below and above the
     * diagonal. The eigenvalues of S are ±iλ, so that the symmetric matrix S·Sᵀ has each λ² twice.
     *
     * @param size the number of states N, even
     * @return N/2 values
     */
    static double[] legsFrequencies(int size) {
        double[][] skew = legsSkew(size);
        double[][] product = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                for (int k = 0; k < size; k++) {
                    product[i][j] += skew[i][k] * skew[j][k];
                }
            }
        }
        double[] squares = eigenvalues(product);
        Arrays.sort(squares);
        double[] frequencies = new double[size / 2];
        for (int n = 0; n < frequencies.length; n++) {
            frequencies[n] = Math.sqrt((squares[2 * n] + squares[2 * n + 1]) / 2);
        }
        return frequencies;
    }

    /** The normal part of HiPPO-LegS plus 1/2. */
    static double[][] legsSkew(int size) {
        double[][] skew = new double[size][size];
        for (int n = 0; n < size; n++) {
            for (int k = 0; k < n; k++) {
                skew[n][k] = -0.5 * Math.sqrt((2 * n + 1.0) * (2 * k + 1.0));
                skew[k][n] = -skew[n][k];
            }
        }
        return skew;
    }

    /** The eigenvalues of a symmetric matrix, by Jacobi rotations; the matrix is overwritten. */
    private static double[] eigenvalues(double[][] m) {
        int size = m.length;
        double scale = 0;
        for (double[] row : m) {
            for (double value : row) {
                scale = Math.max(scale, Math.abs(value));
            }
        }
        for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
            double largest = 0;
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    largest = Math.max(largest, Math.abs(m[p][q]));
                    rotate(m, p, q);
                }
            }
            if (largest <= 1e-16 * scale) {
                break;
            }
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = m[i][i];
        }
        return values;
    }

    /** Zeroes m[p][q] by a rotation of rows and columns p and q. */
    private static void rotate(double[][] m, int p, int q) {
        if (m[p][q] == 0) {
            return;
        }
        double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
        double cos = 1 / Math.hypot(t, 1);
        double sin = t * cos;
        for (double[] row : m) {
            double atP = row[p];
            row[p] = cos * atP - sin * row[q];
            row[q] = sin * atP + cos * row[q];
        }
        for (int k = 0; k < m.length; k++) {
            double atP = m[p][k];
            m[p][k] = cos * atP - sin * m[q][k];
            m[q][k] = sin * atP + cos * m[q][k];
        }
    }
}
