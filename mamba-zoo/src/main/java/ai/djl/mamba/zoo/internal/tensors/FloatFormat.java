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

import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Optional;

/** The floating-point types of tensor files, with conversions from and to double. */
enum FloatFormat {
    /** IEEE 754 double precision. */
    F64(DataType.FLOAT64) {
        @Override
        void decode(ByteBuffer stored, double[] values, int count) {
            stored.asDoubleBuffer().get(values, 0, count);
        }

        @Override
        int encode(double[] values, int count, ByteBuffer stored) {
            stored.asDoubleBuffer().put(values, 0, count);
            return -1;
        }
    },
    /** IEEE 754 single precision. */
    F32(DataType.FLOAT32) {
        @Override
        void decode(ByteBuffer stored, double[] values, int count) {
            FloatBuffer singles = stored.asFloatBuffer();
            for (int i = 0; i < count; i++) {
                values[i] = singles.get(i);
            }
        }

        @Override
        int encode(double[] values, int count, ByteBuffer stored) {
            FloatBuffer singles = stored.asFloatBuffer();
            for (int i = 0; i < count; i++) {
                float single = (float) values[i];
                if (Float.isInfinite(single) && !Double.isInfinite(values[i])) {
                    return i;
                }
                singles.put(i, single);
            }
            return -1;
        }
    },
    /** IEEE 754 half precision. */
    F16(DataType.FLOAT16) {
        @Override
        void decode(ByteBuffer stored, double[] values, int count) {
            ShortBuffer halves = stored.asShortBuffer();
            for (int i = 0; i < count; i++) {
                values[i] = halfToFloat(halves.get(i));
            }
        }

        @Override
        int encode(double[] values, int count, ByteBuffer stored) {
            return encodeShorts(values, count, stored, 10, 15);
        }
    },
    /** The upper half of an IEEE 754 single. */
    BF16(DataType.BFLOAT16) {
        @Override
        void decode(ByteBuffer stored, double[] values, int count) {
            ShortBuffer halves = stored.asShortBuffer();
            for (int i = 0; i < count; i++) {
                values[i] = Float.intBitsToFloat(halves.get(i) << 16);
            }
        }

        @Override
        int encode(double[] values, int count, ByteBuffer stored) {
            return encodeShorts(values, count, stored, 7, 127);
        }
    };

    private final DataType type;

    FloatFormat(DataType type) {
        this.type = type;
    }

    /** Returns DJL's type with the same bytes. */
    DataType type() {
        return type;
    }

    /** Returns the size of an element in bytes. */
    int bytes() {
        return type.getNumOfBytes();
    }

    /** Returns the format with a name, if there is one. */
    static Optional<FloatFormat> of(String dtype) {
        for (FloatFormat format : values()) {
            if (format.name().equals(dtype)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** Returns the format with the same bytes as a type, if there is one. */
    static Optional<FloatFormat> of(DataType type) {
        for (FloatFormat format : values()) {
            if (format.type == type) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /**
     * Reads numbers; doubles can represent all values of these types.
     *
     * @param stored the numbers, from the position on, which does not change
     * @param values the array to fill, from index 0
     * @param count the number of numbers
     */
    abstract void decode(ByteBuffer stored, double[] values, int count);

    /**
     * Writes numbers, rounded to the nearest number of this format, ties to even.
     *
     * @param values the numbers
     * @param count the number of numbers
     * @param stored the buffer to write to, from the position on, which does not change
     * @return the index of the first finite number out of the range of this format, where writing
     *     stops, or −1
     */
    abstract int encode(double[] values, int count, ByteBuffer stored);

    private static int encodeShorts(
            double[] values, int count, ByteBuffer stored, int fractionBits, int bias) {
        ShortBuffer codes = stored.asShortBuffer();
        for (int i = 0; i < count; i++) {
            int code = narrow(values[i], fractionBits, bias);
            if (code < 0) {
                return i;
            }
            codes.put(i, (short) code);
        }
        return -1;
    }

    /** Returns the 16 bits of a number in a format, or −1 for a finite number out of its range. */
    private static int narrow(double value, int fractionBits, int bias) {
        int sign = (int) (Double.doubleToRawLongBits(value) >>> 63) << 15;
        int infinity = (2 * bias + 1) << fractionBits;
        if (Double.isNaN(value)) {
            return sign | infinity | 1 << (fractionBits - 1);
        }
        if (Double.isInfinite(value)) {
            return sign | infinity;
        }
        // in units of the format at this exponent, which is at least that of subnormals
        double magnitude = Math.abs(value);
        int exponent = Math.max(Math.getExponent(magnitude), 1 - bias);
        int steps = (int) Math.rint(magnitude * powerOfTwo(fractionBits - exponent));
        // the leading bit of a normal number, or a carry from rounding, is added to the exponent
        int code = ((exponent + bias - 1) << fractionBits) + steps;
        return code < infinity ? sign | code : -1;
    }

    private static double powerOfTwo(int exponent) {
        return Double.longBitsToDouble((long) (exponent + 1023) << 52);
    }

    /** Converts a half to a float, which the JDK supports from version 20. */
    private static float halfToFloat(short half) {
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
