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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.ndarray.types.Shape;

/**
 * The description of a tensor in a file.
 *
 * @param dtype the type of its elements, as named by the safetensors format: F32, BF16, I64 …
 * @param shape its shape
 * @param bytes the size of its elements in bytes
 */
public record TensorInfo(String dtype, Shape shape, long bytes) {

    /**
     * Returns whether the elements are floating-point numbers that a {@link TensorSource} can read.
     *
     * @return whether the type is F32, F16, BF16 or F64
     */
    public boolean isReadable() {
        return FloatFormat.of(dtype).isPresent();
    }
}
