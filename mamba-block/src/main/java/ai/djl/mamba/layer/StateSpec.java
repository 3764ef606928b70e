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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * Describes one of the arrays that make up the state of a {@link SequenceBlock}, which lists them
 * in {@link SequenceBlock#getStateSpecs}.
 *
 * @param name what the array holds, such as {@code window} or {@code keys}
 * @param rowShape its shape without the first axis, which counts the rows B; an axis of size −1
 *     grows with the tokens read and is empty at the start of a sequence. It has at least two axes:
 *     an input array with fewer than three axes is a mask or lengths
 */
public record StateSpec(String name, Shape rowShape) {

    /** Checks the shape. */
    public StateSpec {
        Checks.given("StateSpec", "name", name);
        Checks.given("StateSpec", "rowShape", rowShape);
        Checks.require(
                rowShape.dimension() >= 2,
                "StateSpec",
                "expected at least two axes in a row of %s, got %s",
                name,
                rowShape);
    }

    /**
     * Returns the shape at the start of a sequence.
     *
     * @param batchSize the number of rows B
     * @return (B, …), in which growing axes have size 0
     */
    public Shape startShape(long batchSize) {
        long[] sizes = new long[rowShape.dimension() + 1];
        sizes[0] = batchSize;
        for (int i = 1; i < sizes.length; i++) {
            sizes[i] = Math.max(0, rowShape.get(i - 1));
        }
        return new Shape(sizes);
    }

    /**
     * Returns whether an array can be this part of a state.
     *
     * @param shape the shape of the array
     * @param batchSize the number of rows B
     * @return whether all axes that do not grow have the expected sizes
     */
    public boolean accepts(Shape shape, long batchSize) {
        if (shape.dimension() != rowShape.dimension() + 1 || shape.get(0) != batchSize) {
            return false;
        }
        for (int i = 0; i < rowShape.dimension(); i++) {
            if (rowShape.get(i) >= 0 && rowShape.get(i) != shape.get(i + 1)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether the array grows with the tokens read.
     *
     * @return whether an axis has size −1
     */
    public boolean grows() {
        return Arrays.stream(rowShape.getShape()).anyMatch(size -> size < 0);
    }

    /**
     * Describes the array for a message.
     *
     * @param batchSize the number of rows B
     * @return the name and the shape, with −1 for axes of any size
     */
    String describe(long batchSize) {
        return name + " " + new Shape(batchSize).addAll(rowShape);
    }
}
