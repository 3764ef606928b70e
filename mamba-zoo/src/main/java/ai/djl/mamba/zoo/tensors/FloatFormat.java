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
package ai.djl.mamba.zoo.tensors;

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The floating-point types of the safetensors format, and how each is brought to Java's. */
enum FloatFormat {
    /** IEEE 754 double precision. */
    F64(DataType.FLOAT64) {
        @Override
        double get(ByteBuffer stored, int index) {
            return stored.getDouble(8 * index);
        }
    },
    /** IEEE 754 single precision. */
    F32(DataType.FLOAT32) {
        @Override
        double get(ByteBuffer stored, int index) {
            return stored.getFloat(4 * index);
        }
    },
    /** IEEE 754 half precision. */
    F16(null) {
        @Override
        double get(ByteBuffer stored, int index) {
            return halfToFloat(stored.getShort(2 * index));
        }
    },
    /** The upper half of a single. */
    BF16(null) {
        @Override
        double get(ByteBuffer stored, int index) {
            return Float.intBitsToFloat(stored.getShort(2 * index) << 16);
        }
    };

    /** The type whose bytes are the same, or {@code null}. */
    private final DataType sameBytes;

    FloatFormat(DataType sameBytes) {
        this.sameBytes = sameBytes;
    }

    /** Reads one number; every type here fits a double. */
    abstract double get(ByteBuffer stored, int index);

    /** Returns the format of a name, or {@code null} where it is none of these. */
    static FloatFormat of(String dtype) {
        for (FloatFormat format : values()) {
            if (format.name().equals(dtype)) {
                return format;
            }
        }
        return null;
    }

    /**
     * Brings stored numbers to another type.
     *
     * @param stored the stored bytes, little-endian
     * @param count how many numbers there are
     * @param type FLOAT32 or FLOAT64
     * @return the numbers, in a direct buffer; the given one where nothing had to change
     */
    ByteBuffer widen(ByteBuffer stored, int count, DataType type) {
        if (type == sameBytes && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            return stored;
        }
        ByteBuffer wide =
                ByteBuffer.allocateDirect(count * type.getNumOfBytes())
                        .order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            if (type == DataType.FLOAT64) {
                wide.putDouble(get(stored, i));
            } else {
                wide.putFloat((float) get(stored, i));
            }
        }
        return wide.flip();
    }

    /** Widens a half; the JDK has this from version 20 on. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0) { // zero or subnormal: a multiple of 2⁻²⁴
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wideExponent = exponent == 31 ? 255 : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wideExponent << 23 | fraction << 13);
    }
}
