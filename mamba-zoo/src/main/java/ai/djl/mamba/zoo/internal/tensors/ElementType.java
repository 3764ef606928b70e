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

import java.util.Optional;

/** The element types, with their names in the safetensors format. */
enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    F8_E4M3(1),
    F8_E5M2(1),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U64(8),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Returns the size of an element in bytes. */
    int bytes() {
        return bytes;
    }

    /** Returns the type with a name. */
    static Optional<ElementType> of(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the size of a tensor in bytes.
     *
     * @param sizes the shape, without negative sizes
     * @return the number of bytes
     * @throws ArithmeticException if the product of all sizes other than 0 exceeds 64 bits
     */
    long bytes(long... sizes) {
        long product = bytes;
        boolean empty = false;
        for (long size : sizes) {
            product = Math.multiplyExact(product, Math.max(size, 1));
            empty |= size == 0;
        }
        return empty ? 0 : product;
    }
}
