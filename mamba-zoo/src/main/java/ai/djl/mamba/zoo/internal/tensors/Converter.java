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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Converts numbers from one format to another, a few thousand at a time. */
final class Converter {

    /** The number of elements per chunk, small enough for the cache of a core. */
    private static final int CHUNK = 16_384;

    private final FloatFormat from;
    private final FloatFormat to;
    private final double[] values = new double[CHUNK];
    private final ByteBuffer source;

    /**
     * Creates a converter.
     *
     * @param from the format to read
     * @param to the format to write
     * @param order the byte order to read
     */
    Converter(FloatFormat from, FloatFormat to, ByteOrder order) {
        this.from = from;
        this.to = to;
        source = ByteBuffer.allocate(CHUNK * from.bytes()).order(order);
    }

    /**
     * Converts numbers.
     *
     * @param elements the source of the numbers
     * @param target the buffer to fill, in its byte order
     * @return the position in the target of the first finite number out of the range of the format,
     *     where the conversion stops, or −1
     * @throws IOException if the numbers cannot be read
     */
    int convert(ElementReader elements, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            int count = Math.min(CHUNK, target.remaining() / to.bytes());
            elements.read(source.clear().limit(count * from.bytes()));
            from.decode(source.flip(), values, count);
            int beyond = to.encode(values, count, target);
            if (beyond >= 0) {
                return target.position() + beyond * to.bytes();
            }
            target.position(target.position() + count * to.bytes());
        }
        return -1;
    }
}
