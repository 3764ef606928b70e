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
package ai.djl.mamba.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;

/**
 * Operations whose DJL counterparts cut the gradient: {@link NDArray#duplicate()} does so on every
 * engine, and {@link NDArrays#concat} of a single array duplicates it.
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
     * Copies an array.
     *
     * @param array the array
     * @return an array with memory of its own
     */
    public static NDArray copy(NDArray array) {
        return array.add(0);
    }
}
