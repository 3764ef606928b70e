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

import ai.djl.mamba.internal.HostArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The parameters of a discretized diagonal system: each of E channels has H complex states with s_t
 * = Ā s_{t−1} + B̄ u_t and the output 2·Re(Σ C s_t).
 *
 * @param decay Ā, (E, H)
 * @param input B̄, (E, H)
 * @param output C, (E, H)
 */
record DiagonalSystem(ComplexArray decay, ComplexArray input, ComplexArray output) {

    /**
     * Discretizes a continuous system with B = 1.
     *
     * @param a A, (E, H)
     * @param dt Δ, (E, 1)
     * @param c C, (E, H)
     * @param rule the discretization rule
     * @return the discrete system
     */
    static DiagonalSystem of(ComplexArray a, NDArray dt, ComplexArray c, S4D.Discretization rule) {
        ComplexArray step = a.mul(dt);
        if (rule == S4D.Discretization.BILINEAR) {
            ComplexArray inverse = step.neg().add(2).reciprocal();
            return new DiagonalSystem(step.add(2).mul(inverse), inverse.mul(dt.add(dt)), c);
        }
        ComplexArray decay = step.exp();
        return new DiagonalSystem(decay, decay.add(-1).mul(a.reciprocal()), c);
    }

    long channels() {
        return decay.shape().get(0);
    }

    /** The number of real values in the state of a channel, 2H. */
    long stateSize() {
        return 2 * decay.shape().get(1);
    }

    /**
     * Computes the powers of x from 0 to count − 1 in ⌈log₂ count⌉ products.
     *
     * @param x the base, (E, 1, H)
     * @param count the number of powers, rounded up to a power of two in the result
     * @return the powers, (E, count, H), and x^count, (E, 1, H)
     */
    static Powers powers(ComplexArray x, long count) {
        ComplexArray table = new ComplexArray(x.re().onesLike(), x.im().zerosLike());
        ComplexArray next = x;
        for (long size = 1; size < count; size *= 2) {
            table = table.concat(table.mul(next), 1);
            next = next.mul(next);
        }
        return new Powers(table, next);
    }

    record Powers(ComplexArray table, ComplexArray next) {}

    /**
     * Raises Ā to a different power for each row, by repeated squaring.
     *
     * @param manager the manager that creates the masks of the exponents' bits
     * @param exponents the exponent of each row, (B)
     * @return (E, B, H)
     */
    ComplexArray rowPowers(NDManager manager, long[] exponents) {
        ComplexArray square = decay.expandDims(1);
        ComplexArray result = null;
        long maxExponent = 0;
        for (long exponent : exponents) {
            maxExponent = Math.max(maxExponent, exponent);
        }
        for (int bit = 0; bit == 0 || maxExponent >> bit != 0; bit++) {
            if (bit > 0) {
                square = square.mul(square);
            }
            double[] chosen = new double[exponents.length];
            for (int row = 0; row < chosen.length; row++) {
                chosen[row] = exponents[row] >> bit & 1;
            }
            DataType type = square.re().getDataType();
            // a copy: the backward pass needs it after the created array, which PyTorch
            // backs with Java memory, is closed
            NDArray on =
                    HostArrays.create(manager, chosen, new Shape(1, chosen.length, 1))
                            .toType(type, false)
                            .duplicate();
            // the factor is 0·x + 1 where the bit is not set
            ComplexArray off = new ComplexArray(on.neg().add(1), on.zerosLike());
            ComplexArray factor = square.mul(on).add(off);
            result = result == null ? factor : result.mul(factor);
        }
        return result;
    }

    /** The weights, (E, 2H), whose dot product with packed x is 2·Re(Σ C x). */
    NDArray outputWeights() {
        return output.packWeights();
    }

    /** The shape of the state of B rows, channels first. */
    Shape stateShape(long batch) {
        return new Shape(channels(), batch, stateSize());
    }
}
