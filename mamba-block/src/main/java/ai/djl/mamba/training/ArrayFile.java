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
package ai.djl.mamba.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Named arrays in a file, bit for bit. Meant for resuming a run on a machine of the same kind, not
 * for exchanging tensors.
 */
final class ArrayFile {

    private ArrayFile() {}

    /** Writes arrays by name. */
    static void write(DataOutputStream out, Map<String, NDArray> arrays) throws IOException {
        out.writeInt(arrays.size());
        for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
            NDArray array = entry.getValue();
            byte[] values = bytes(array);
            out.writeUTF(entry.getKey());
            out.writeUTF(array.getDataType().name());
            long[] shape = array.getShape().getShape();
            out.writeInt(shape.length);
            for (long size : shape) {
                out.writeLong(size);
            }
            out.writeInt(values.length);
            out.write(values);
        }
    }

    /** The bytes of an array as they are in memory. */
    static byte[] bytes(NDArray array) {
        // if the engine has to copy, it attaches the copy to the manager of the array
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            ByteBuffer memory = array.toByteBuffer(true);
            byte[] values = new byte[memory.remaining()];
            memory.get(values);
            return values;
        }
    }

    /**
     * Reads into existing arrays. They keep their memory, so that later computations do not depend
     * on whether the arrays were read.
     *
     * @param in what {@link #write} wrote
     * @param targets the arrays by name: exactly those in the file, with the same shapes and types
     * @throws IOException if it cannot be read or holds other arrays; the message says which
     */
    static void readInto(DataInputStream in, Map<String, NDArray> targets) throws IOException {
        Set<String> missing = new HashSet<>(targets.keySet());
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String name = readName(in, i, count);
            NDArray target = targets.get(name);
            if (!missing.remove(name)) {
                throw new IOException("unexpected array " + name);
            }
            try {
                readValues(in, name, target);
            } catch (EOFException e) {
                throw ending(e, "array " + name);
            }
        }
        if (!missing.isEmpty()) {
            throw new IOException("missing array " + missing.iterator().next());
        }
    }

    private static String readName(DataInputStream in, int index, int count) throws IOException {
        try {
            return in.readUTF();
        } catch (EOFException e) {
            throw ending(e, String.format("the name of array %d of %d", index + 1, count));
        }
    }

    private static EOFException ending(EOFException cause, String place) {
        String detail = cause.getMessage() == null ? "" : ": " + cause.getMessage();
        EOFException named = new EOFException("it ends in " + place + detail);
        named.initCause(cause);
        return named;
    }

    private static void readValues(DataInputStream in, String name, NDArray target)
            throws IOException {
        String type = in.readUTF();
        Shape expected = target.getShape();
        int axes = in.readInt();
        if (axes != expected.dimension()) {
            throw new IOException(
                    String.format(
                            "array %s has %d axes, expected %s %s",
                            name, axes, target.getDataType(), expected));
        }
        long[] sizes = new long[axes];
        for (int i = 0; i < axes; i++) {
            sizes[i] = in.readLong();
        }
        DataType expectedType = target.getDataType();
        if (!Arrays.equals(sizes, expected.getShape()) || !expectedType.name().equals(type)) {
            throw new IOException(
                    String.format(
                            "array %s is %s %s, expected %s %s",
                            name, type, Arrays.toString(sizes), expectedType, expected));
        }
        long bytes = expected.size() * expectedType.getNumOfBytes();
        int length = in.readInt();
        if (length != bytes) {
            throw new IOException(
                    String.format("array %s has %d bytes, expected %d", name, length, bytes));
        }
        byte[] values = in.readNBytes(length);
        if (values.length < length) {
            throw new EOFException("expected " + length + " bytes, found " + values.length);
        }
        set(target, values);
    }

    private static void set(NDArray target, byte[] values) {
        ByteBuffer direct = ByteBuffer.allocateDirect(values.length).order(ByteOrder.nativeOrder());
        direct.put(values).flip();
        try (NDManager scratch = target.getManager().newSubManager(target.getDevice())) {
            copy(scratch.create(direct, target.getShape(), target.getDataType()), target);
        }
    }

    /** Copies values into the memory of an array; a parameter keeps its gradient. */
    static void copy(NDArray source, NDArray target) {
        boolean hasGradient = target.hasGradient();
        if (hasGradient) { // engines refuse writes to arrays that they may be recording
            target.setRequiresGradient(false);
        }
        try (NDArray values = source.stopGradient()) {
            // not copyTo, which gives the array different memory on PyTorch
            target.set(new NDIndex().addAllDim(target.getShape().dimension()), values);
        }
        if (hasGradient) {
            target.setRequiresGradient(true);
        }
    }
}
