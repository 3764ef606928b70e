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

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Named tensors in files, read one at a time. Not thread-safe. */
public interface TensorSource extends AutoCloseable {

    /**
     * Returns the path of the tensors, for messages.
     *
     * @return the file, or the index of several files
     */
    Path path();

    /**
     * Returns the descriptions of all tensors.
     *
     * @return the descriptions by name, in the order of the file; unmodifiable
     */
    Map<String, TensorInfo> tensors();

    /**
     * Reads a tensor. For a narrower type, numbers are rounded to the nearest, ties to even.
     *
     * @param manager the manager that owns the array and determines its engine and device
     * @param name the name of the tensor
     * @param type the type of the array: FLOAT32, FLOAT64 or FLOAT16
     * @return the array, of the shape in {@link #tensors}, with memory of its own
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if there is no such tensor, its type is not a floating-point
     *     type, a finite number is out of the range of the type of the array, or the array would
     *     exceed 2 GiB
     * @throws IllegalArgumentException if the type is another one
     */
    NDArray read(NDManager manager, String name, DataType type)
            throws IOException, MalformedModelException;

    /**
     * Compares two tensors, which may share their bytes.
     *
     * @param first the name of a tensor
     * @param second the name of another
     * @return whether shape, type and elements are equal
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if there is no such tensor
     */
    boolean isSame(String first, String second) throws IOException;

    /**
     * Closes the files; arrays that were read are not affected.
     *
     * @throws IOException if closing fails
     */
    @Override
    void close() throws IOException;
}
