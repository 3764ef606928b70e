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
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.internal.Malformed;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Loads stored tensors into arrays: directly into the memory of the array if the engine exposes it,
 * otherwise through a buffer shared by all tensors.
 */
final class ArrayLoader {

    /** For engines that do not expose their memory; as large as the largest tensor so far. */
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);

    /**
     * Reads a tensor.
     *
     * @param manager the manager that owns the array
     * @param name the name of the tensor, for messages
     * @param tensor the tensor
     * @param to the format of the type of the array
     * @return the array, with memory of its own
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if the tensor cannot be converted to that format
     */
    NDArray load(NDManager manager, String name, StoredTensor tensor, FloatFormat to)
            throws IOException, MalformedModelException {
        TensorInfo info = tensor.info();
        FloatFormat from =
                FloatFormat.of(info.dtype())
                        .orElseThrow(
                                () ->
                                        malformed(
                                                name,
                                                tensor,
                                                "has dtype "
                                                        + info.dtype()
                                                        + ", expected F32, F16, BF16 or F64"));
        long bytes = info.bytes() / from.bytes() * to.bytes();
        if (Math.max(bytes, info.bytes()) > Integer.MAX_VALUE) {
            throw malformed(name, tensor, "is larger than 2 GiB");
        }
        if (bytes > 0 && !exposesMemory(manager)) {
            ByteBuffer values = staging((int) bytes);
            fill(values, name, tensor, from, to);
            return copy(manager, values.flip(), info.shape(), to.type());
        }
        NDArray array = manager.create(info.shape(), to.type());
        try {
            if (bytes > 0) { // for an empty array, an engine may have no memory
                fill(array.toByteBuffer(true), name, tensor, from, to);
            }
            return array;
        } catch (IOException | MalformedModelException | RuntimeException e) {
            array.close();
            throw e;
        }
    }

    /** Probes the memory by writing: some engines return a copy, which is a direct buffer, too. */
    private static boolean exposesMemory(NDManager manager) {
        byte probe = 42;
        // for an array on a GPU, a copy is attached to the manager of the array
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray array = manager.zeros(new Shape(1), DataType.FLOAT32);
            ByteBuffer memory = array.toByteBuffer(true);
            if (!memory.isDirect() || memory.isReadOnly()) {
                return false;
            }
            memory.put(0, probe);
            return array.toByteBuffer(true).get(0) == probe;
        }
    }

    private ByteBuffer staging(int bytes) {
        if (staging.capacity() < bytes) {
            staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        }
        return staging.clear().limit(bytes);
    }

    private static void fill(
            ByteBuffer memory, String name, StoredTensor tensor, FloatFormat from, FloatFormat to)
            throws IOException, MalformedModelException {
        ElementReader elements = tensor.reader(name);
        if (from == to && memory.order() == ByteOrder.LITTLE_ENDIAN) {
            elements.read(memory);
            return;
        }
        Converter converter = new Converter(from, to, ByteOrder.LITTLE_ENDIAN);
        int beyond = converter.convert(elements, memory);
        if (beyond >= 0) {
            throw malformed(
                    name,
                    tensor,
                    "has a finite number out of the range of "
                            + to.type()
                            + ", at index "
                            + beyond / to.bytes());
        }
    }

    /** Copies the values, because an engine may use the buffer as the memory of the array. */
    private static NDArray copy(NDManager manager, ByteBuffer values, Shape shape, DataType type) {
        try (NDArray source = HostArrays.create(manager, values, shape, type)) {
            return source.duplicate();
        }
    }

    private static MalformedModelException malformed(
            String name, StoredTensor tensor, String what) {
        return Malformed.of(tensor.file().file() + ": tensor " + name + " " + what);
    }
}
