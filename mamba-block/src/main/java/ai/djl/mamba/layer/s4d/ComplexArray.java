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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

/**
 * Complex numbers as two real arrays of the same shape: not all engines have a complex type, and
 * DJL supports none but that of float64.
 *
 * <p>Nothing here multiplies by a Java number: DJL's PyTorch engine wraps it in an array whose
 * memory it releases at once, although a recorded backward pass still needs it.
 *
 * @param re the real parts
 * @param im the imaginary parts
 */
record ComplexArray(NDArray re, NDArray im) {

    /** Unpacks (…, 2H): the real parts, followed by the imaginary parts. */
    static ComplexArray unpack(NDArray packed) {
        NDList halves = packed.split(2, packed.getShape().dimension() - 1);
        return new ComplexArray(halves.get(0), halves.get(1));
    }

    /** Packs the parts as {@link #unpack} expects them, (…, 2H). */
    NDArray pack() {
        return re.concat(im, re.getShape().dimension() - 1);
    }

    /** Returns packed weights w such that the real dot product w · x.pack() is 2·Re(Σ this · x). */
    NDArray packWeights() {
        return new ComplexArray(re.add(re), im.add(im).neg()).pack();
    }

    ComplexArray add(ComplexArray other) {
        return new ComplexArray(re.add(other.re), im.add(other.im));
    }

    ComplexArray mul(ComplexArray other) {
        return new ComplexArray(
                re.mul(other.re).sub(im.mul(other.im)), re.mul(other.im).add(im.mul(other.re)));
    }

    ComplexArray mul(NDArray factor) {
        return new ComplexArray(re.mul(factor), im.mul(factor));
    }

    ComplexArray neg() {
        return new ComplexArray(re.neg(), im.neg());
    }

    /** Adds a real number. */
    ComplexArray add(double summand) {
        return new ComplexArray(re.add(summand), im);
    }

    ComplexArray exp() {
        NDArray radius = re.exp();
        return new ComplexArray(radius.mul(im.cos()), radius.mul(im.sin()));
    }

    ComplexArray reciprocal() {
        NDArray norm = re.mul(re).add(im.mul(im));
        return new ComplexArray(re.div(norm), im.div(norm).neg());
    }

    ComplexArray concat(ComplexArray other, int axis) {
        return new ComplexArray(re.concat(other.re, axis), im.concat(other.im, axis));
    }

    static ComplexArray concat(NDList re, NDList im, int axis) {
        if (re.size() == 1) { // DJL would duplicate it, which drops the gradient
            return new ComplexArray(re.get(0), im.get(0));
        }
        return new ComplexArray(NDArrays.concat(re, axis), NDArrays.concat(im, axis));
    }

    ComplexArray flip(int axis) {
        return new ComplexArray(re.flip(axis), im.flip(axis));
    }

    ComplexArray expandDims(int axis) {
        return new ComplexArray(re.expandDims(axis), im.expandDims(axis));
    }

    ComplexArray reshape(long... shape) {
        return new ComplexArray(re.reshape(shape), im.reshape(shape));
    }

    ComplexArray sum(int axis) {
        int[] axes = {axis};
        return new ComplexArray(re.sum(axes), im.sum(axes));
    }

    Shape shape() {
        return re.getShape();
    }
}
