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
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;

/** Compares what a sequence gives in one call with what it gives in two, with the state between. */
public final class Causality {

    /** The largest accepted difference, relative to the largest value. */
    private static final double TOLERANCE = 1e-3;

    private static final double HALF_TOLERANCE = 5e-2;

    private Causality() {}

    /**
     * Compares two results, beyond rounding.
     *
     * @param what what they are, for the message
     * @param parts the result of two calls
     * @param whole the result of one call
     * @return how they differ, or {@code null} if they do not
     */
    public static String difference(String what, NDArray parts, NDArray whole) {
        if (!parts.getShape().equals(whole.getShape())) {
            return String.format(
                    "the %s of two calls has the shape %s, that of one call %s",
                    what, parts.getShape(), whole.getShape());
        }
        DataType type = whole.getDataType();
        boolean half = type == DataType.FLOAT16 || type == DataType.BFLOAT16;
        double difference;
        double size;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            difference = largest(parts.sub(whole));
            size = largest(whole);
        }
        return difference > size * (half ? HALF_TOLERANCE : TOLERANCE)
                ? String.format(
                        "the %s of one call differs by up to %.3g, of %.3g, from that of two calls"
                                + " with the state between",
                        what, difference, size)
                : null;
    }

    private static double largest(NDArray array) {
        return array.toType(DataType.FLOAT32, false).abs().max().getFloat();
    }
}
