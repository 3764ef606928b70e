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
package ai.djl.mamba.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * Replacements for DJL operations that drop or corrupt gradients. {@link NDArray#duplicate()} drops
 * the gradient on every engine, {@link NDArrays#concat} duplicates a single array, and multiplying
 * by a Java number may corrupt it (see {@link #scale}). There is no replacement for {@link
 * NDArray#toType} to another type, which drops the gradient on PyTorch.
 */
public final class Differentiable {

    private Differentiable() {}

    /**
     * Joins arrays along an axis.
     *
     * @param arrays the arrays, at least one
     * @param axis the axis
     * @return the joined array; a single array is returned as it is
     */
    public static NDArray concat(NDList arrays, int axis) {
        return arrays.size() == 1 ? arrays.get(0) : NDArrays.concat(arrays, axis);
    }

    /**
     * Multiplies an array by a number.
     *
     * <p>On a CPU with PyTorch, {@code NDArray.mul(Number)} wraps the number in an array backed by
     * Java memory that the autograd graph does not keep alive: after the next garbage collection,
     * gradients are computed from whatever that memory holds. Here the factor is copied to native
     * memory.
     *
     * @param array the array
     * @param factor the number
     * @return the product, attached to the manager of the array
     */
    public static NDArray scale(NDArray array, double factor) {
        NDManager manager = array.getManager();
        try (NDArray wrapped = HostArrays.create(manager, new double[] {factor}, new Shape(1));
                NDArray typed = wrapped.toType(array.getDataType(), false);
                NDArray own = typed.duplicate()) { // toType does not copy if the type is the same
            return array.mul(own);
        }
    }

    /**
     * Copies an array.
     *
     * @param array the array
     * @return an array with memory of its own
     */
    public static NDArray copy(NDArray array) {
        return array.add(0);
    }
}
