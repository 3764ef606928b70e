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
import java.io.DataInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads arrays that {@link NDArray#encode()} wrote. DJL's own decoder believes the sizes that it
 * reads, and engines multiply them in {@code int}: shape, type and number of bytes are checked here
 * before anything is allocated by them, and all bytes are read before an engine sees one.
 */
public final class EncodedArray {

    private static final String MAGIC = "NDAR";
    private static final int NEWEST_VERSION = 3;
    private static final int VERSION_WITH_NAME = 2;
    private static final int VERSION_WITH_ORDER = 3;
    private static final int MAX_AXES = 32;
    private static final int CHUNK = 1 << 16;
    private static final int MAX_SHOWN = 32;

    private EncodedArray() {}

    /** Decides by its header whether an array is read. */
    @FunctionalInterface
    public interface Check {

        /**
         * Checks a header, which agrees with itself.
         *
         * @param type the type of the array
         * @param shape its shape, of fewer than 2<sup>31</sup> bytes
         * @throws IOException if this is not the array expected
         */
        void check(DataType type, Shape shape) throws IOException;
    }

    /**
     * Reads an array.
     *
     * @param manager the manager that owns it
     * @param in the stream
     * @param check what is expected
     * @return the array
     * @throws IOException if it cannot be read, contradicts itself, or is not the one expected
     */
    public static NDArray read(NDManager manager, DataInputStream in, Check check)
            throws IOException {
        String magic = in.readUTF();
        require(
                MAGIC.equals(magic),
                "expected an array, which begins with \"%s\", found %s",
                MAGIC,
                shown(magic));
        int version = in.readInt();
        require(
                version > 0 && version <= NEWEST_VERSION,
                "expected an array of version 1 to %d, found %d",
                NEWEST_VERSION,
                version);
        String name = version >= VERSION_WITH_NAME && in.readByte() == 1 ? in.readUTF() : null;
        in.readUTF(); // of which sparse format it was: DJL writes all arrays dense
        DataType type = readType(in);
        Shape shape = readShape(in);
        ByteOrder order = ByteOrder.nativeOrder();
        if (version >= VERSION_WITH_ORDER) {
            order = in.readByte() == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }
        long expected = bytes(type, shape);
        int length = in.readInt();
        require(
                length == expected,
                "expected %d bytes of an array of type %s and shape %s, found %d",
                expected,
                type,
                shape,
                length);
        check.check(type, shape);
        ByteBuffer data = readBytes(manager, in, length).order(order);
        NDArray array = HostArrays.create(manager, data, shape, type);
        array.setName(name);
        return array;
    }

    private static DataType readType(DataInputStream in) throws IOException {
        String name = in.readUTF();
        for (DataType type : DataType.values()) {
            if (type.name().equals(name) && type != DataType.STRING && type.getNumOfBytes() > 0) {
                return type;
            }
        }
        throw new StreamCorruptedException("expected the type of an array, found " + shown(name));
    }

    private static String shown(String text) {
        boolean isLong = text.length() > MAX_SHOWN;
        return isLong
                ? String.format("a text of %d characters", text.length())
                : '"' + Printable.of(text) + '"';
    }

    private static Shape readShape(DataInputStream in) throws IOException {
        int axes = in.readInt();
        require(
                axes >= 0 && axes <= MAX_AXES,
                "expected at most %d axes, found %d",
                MAX_AXES,
                axes);
        long[] sizes = new long[axes];
        for (int i = 0; i < axes; i++) {
            sizes[i] = in.readLong();
        }
        int layout = in.readInt();
        require(layout == axes, "expected a layout of %d axes, found %d", axes, layout);
        in.skipNBytes((long) Character.BYTES * axes);
        for (long size : sizes) {
            require(size >= 0, "expected no negative sizes, found %d", size);
        }
        return new Shape(sizes);
    }

    /** The number of bytes; the sizes that are not 0 are to fit as well, for engines use them. */
    private static long bytes(DataType type, Shape shape) throws IOException {
        long bytes = type.getNumOfBytes();
        boolean isEmpty = false;
        for (long size : shape.getShape()) {
            isEmpty |= size == 0;
            // neither factor is above 2^31: the product is exact
            bytes = size <= Integer.MAX_VALUE ? bytes * Math.max(1, size) : Long.MAX_VALUE;
            require(bytes <= Integer.MAX_VALUE, "expected less than 2 GiB, found shape %s", shape);
        }
        return isEmpty ? 0 : bytes;
    }

    /** Reads bytes into memory that grows with those that are there. */
    private static ByteBuffer readBytes(NDManager manager, DataInputStream in, int length)
            throws IOException {
        int known = in.available() >= length ? length : Math.min(length, CHUNK);
        ByteBuffer data = manager.allocateDirect(known);
        byte[] chunk = new byte[Math.min(length, CHUNK)];
        while (data.position() < length) {
            int count = Math.min(chunk.length, length - data.position());
            in.readFully(chunk, 0, count);
            if (data.remaining() < count) {
                int more = (int) Math.min(length, 2L * data.capacity());
                data = manager.allocateDirect(more).put(data.flip());
            }
            data.put(chunk, 0, count);
        }
        return data.rewind();
    }

    private static void require(boolean condition, String message, Object... args)
            throws IOException {
        if (!condition) {
            throw new StreamCorruptedException(String.format(message, args));
        }
    }
}
