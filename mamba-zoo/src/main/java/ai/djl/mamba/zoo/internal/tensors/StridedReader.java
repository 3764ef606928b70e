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

import java.nio.ByteBuffer;

/** Gathers the elements of a view: a transposed, sliced or broadcast tensor. */
final class StridedReader implements ElementReader {

    private final ByteBuffer bytes;
    private final int elementBytes;
    private final long[] sizes;
    private final long[] strides;
    private final long[] index;

    /**
     * Creates a reader that starts at the first element.
     *
     * @param bytes the bytes from the first element to the last one
     * @param elementBytes the size of an element: 1, 2, 4 or 8
     * @param sizes the shape; no size is 0
     * @param strides the distance between neighbors on each axis, in elements
     */
    StridedReader(ByteBuffer bytes, int elementBytes, long[] sizes, long[] strides) {
        this.bytes = bytes;
        this.elementBytes = elementBytes;
        this.sizes = sizes;
        this.strides = strides;
        index = new long[sizes.length];
    }

    /** {@inheritDoc} */
    @Override
    public void read(ByteBuffer target) {
        bytes.order(target.order()); // bytes are copied unchanged
        int last = sizes.length - 1;
        int step = Math.toIntExact(strides[last] * elementBytes);
        while (target.hasRemaining()) {
            int count = target.remaining() / elementBytes;
            count = (int) Math.min(count, sizes[last] - index[last]);
            copyRun(target, position(), step, count);
            advance(count);
        }
    }

    private int position() {
        long element = 0;
        for (int i = 0; i < index.length; i++) {
            element += index[i] * strides[i];
        }
        return Math.toIntExact(element * elementBytes);
    }

    private void copyRun(ByteBuffer target, int begin, int step, int count) {
        if (step == elementBytes) {
            target.put(bytes.slice(begin, count * elementBytes));
            return;
        }
        // by index, because the position after the last element may exceed an int
        for (int i = 0; i < count; i++) {
            int position = begin + i * step;
            switch (elementBytes) {
                case 1 -> target.put(bytes.get(position));
                case 2 -> target.putShort(bytes.getShort(position));
                case 4 -> target.putInt(bytes.getInt(position));
                default -> target.putLong(bytes.getLong(position));
            }
        }
    }

    private void advance(int count) {
        int axis = index.length - 1;
        index[axis] += count;
        while (axis > 0 && index[axis] == sizes[axis]) {
            index[axis] = 0;
            axis--;
            index[axis]++;
        }
    }
}
