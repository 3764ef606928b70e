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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Writes the elements of arrays in pieces, in little-endian order. */
final class ArrayStorer {

    private static final int PIECE = 1 << 18;

    private ArrayStorer() {}

    /** Returns the format of the elements of an array. */
    static FloatFormat format(String name, NDArray array) {
        return switch (array.getDataType()) {
            case FLOAT16 -> FloatFormat.F16;
            case FLOAT32 -> FloatFormat.F32;
            case FLOAT64 -> FloatFormat.F64;
            default ->
                    throw new IllegalArgumentException(
                            "Tensor "
                                    + name
                                    + " has type "
                                    + array.getDataType()
                                    + ", expected float32, float64 or float16");
        };
    }

    /**
     * Writes an array.
     *
     * @param out the channel to write to
     * @param name the name of the tensor, for messages
     * @param array the array
     * @param to the format to write
     * @throws IOException if writing fails
     * @throws IllegalArgumentException if a finite number is out of the range of the format
     */
    static void store(WritableByteChannel out, String name, NDArray array, FloatFormat to)
            throws IOException {
        FloatFormat from = format(name, array);
        if (array.isEmpty()) {
            return; // an engine may have no memory for it
        }
        // if the engine has to copy, it attaches the copy to the manager of the array
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            ByteBuffer memory = array.toByteBuffer(true);
            if (from == to && memory.order() == ByteOrder.LITTLE_ENDIAN) {
                writeFully(out, memory);
            } else {
                convert(out, name, memory, from, to);
            }
        }
    }

    private static void convert(
            WritableByteChannel out,
            String name,
            ByteBuffer memory,
            FloatFormat from,
            FloatFormat to)
            throws IOException {
        Converter converter = new Converter(from, to, memory.order());
        ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        ElementReader elements = target -> target.put(next(memory, target.remaining()));
        while (memory.hasRemaining()) {
            int first = memory.position() / from.bytes();
            int count = Math.min(PIECE / to.bytes(), memory.remaining() / from.bytes());
            int beyond = converter.convert(elements, piece.clear().limit(count * to.bytes()));
            if (beyond >= 0) {
                throw new IllegalArgumentException(
                        String.format(
                                "Tensor %s has a finite number out of the range of %s, at index %d",
                                name, to, first + beyond / to.bytes()));
            }
            writeFully(out, piece.flip());
        }
    }

    private static ByteBuffer next(ByteBuffer memory, int bytes) {
        ByteBuffer next = memory.slice(memory.position(), bytes);
        memory.position(memory.position() + bytes);
        return next;
    }

    /** Writes all remaining bytes, in pieces because the JDK caches a copy of each write. */
    static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            ByteBuffer piece = next(bytes, Math.min(PIECE, bytes.remaining()));
            while (piece.hasRemaining()) {
                out.write(piece);
            }
        }
    }
}
