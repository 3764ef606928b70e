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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Creates arrays from numbers in Java.
 *
 * <p>{@code NDManager.create} is not safe on MXNet: DJL 0.36.0 copies the numbers to direct memory
 * and passes MXNet the bare address, after which nothing refers to that memory. A garbage
 * collection at that moment frees it before MXNet has read it, and the first 16 bytes of the array
 * become whatever the allocator writes there. Here the memory is kept until the engine has it.
 */
public final class HostArrays {

    private HostArrays() {}

    /**
     * Creates an array of integers.
     *
     * @param manager the manager of the array
     * @param values the numbers
     * @param shape their shape
     * @return the array, INT64; on PyTorch it may use memory of Java, see {@link
     *     NDArray#duplicate()}
     */
    public static NDArray create(NDManager manager, long[] values, Shape shape) {
        ByteBuffer memory = allocate(manager, values.length, DataType.INT64);
        memory.asLongBuffer().put(values);
        return create(manager, memory, shape, DataType.INT64);
    }

    /**
     * Creates an array of numbers in single precision.
     *
     * @param manager the manager of the array
     * @param values the numbers
     * @param shape their shape
     * @return the array, FLOAT32; see the method for integers
     */
    public static NDArray create(NDManager manager, float[] values, Shape shape) {
        ByteBuffer memory = allocate(manager, values.length, DataType.FLOAT32);
        memory.asFloatBuffer().put(values);
        return create(manager, memory, shape, DataType.FLOAT32);
    }

    /**
     * Creates an array of numbers in double precision.
     *
     * @param manager the manager of the array
     * @param values the numbers
     * @param shape their shape
     * @return the array, FLOAT64; see the method for integers
     */
    public static NDArray create(NDManager manager, double[] values, Shape shape) {
        ByteBuffer memory = allocate(manager, values.length, DataType.FLOAT64);
        memory.asDoubleBuffer().put(values);
        return create(manager, memory, shape, DataType.FLOAT64);
    }

    /**
     * Creates an array of the numbers in direct memory.
     *
     * @param manager the manager of the array
     * @param memory the numbers, which PyTorch goes on to use
     * @param shape their shape
     * @param type their type
     * @return the array
     */
    public static NDArray create(NDManager manager, ByteBuffer memory, Shape shape, DataType type) {
        try {
            return manager.create(memory, shape, type);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private static ByteBuffer allocate(NDManager manager, int count, DataType type) {
        int bytes = Math.multiplyExact(count, type.getNumOfBytes());
        return manager.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
