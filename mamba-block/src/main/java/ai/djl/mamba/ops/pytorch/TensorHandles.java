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
package ai.djl.mamba.ops.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;

/** Collects the arrays of an operator as the library expects them: in the order of its record. */
final class TensorHandles {

    /** The handle that DJL gives to string arrays, which are not tensors. */
    private static final long STRINGS = -1;

    private final long[] handles;
    private int count;

    /**
     * Creates a list.
     *
     * @param size the number of arrays of the operator, including absent ones
     */
    TensorHandles(int size) {
        handles = new long[size];
    }

    /**
     * Adds an array.
     *
     * @param name the name of the argument, for the message if the array cannot be used
     * @param array the array, or {@code null} if it is absent, which the library may reject
     * @return this list
     */
    TensorHandles add(String name, NDArray array) {
        handles[count++] = of(name, array);
        return this;
    }

    /**
     * Returns the handles.
     *
     * @return a handle for each array, 0 for absent ones
     */
    long[] toArray() {
        if (count != handles.length) {
            throw new IllegalStateException("expected " + handles.length + " arrays, got " + count);
        }
        return handles;
    }

    /** The handle of an argument, 0 if it is absent. */
    static long of(String name, NDArray array) {
        return array == null ? 0 : tensor(name, array).getHandle();
    }

    /** Returns a required argument as a PyTorch array. */
    static PtNDArray tensor(String name, NDArray array) {
        if (array == null) {
            throw new IllegalArgumentException(name + ": expected an array, got null");
        }
        if (!(array instanceof PtNDArray tensor)) {
            throw new IllegalArgumentException(
                    name + ": expected a PyTorch array, got a " + array.getClass().getName());
        }
        if (tensor.isReleased()) {
            throw new IllegalStateException(name + ": the array is closed");
        }
        if (tensor.getHandle() == STRINGS) {
            throw new IllegalArgumentException(name + ": expected numbers, got strings");
        }
        if (tensor.getDevice().isGpu()) {
            checkAxes(name, tensor.getShape());
        }
        return tensor;
    }

    /** The kernels of GPUs count along an axis in 32 bits. */
    static void checkAxes(String name, Shape shape) {
        for (long size : shape.getShape()) {
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        String.format(
                                "%s: expected axes of at most %d elements on a GPU, got the shape %s",
                                name, Integer.MAX_VALUE, shape));
            }
        }
    }
}
