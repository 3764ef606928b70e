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

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** A tensor in a file: element (i₀, i₁, …) is Σ iₖ·strideₖ elements after the first one. */
final class StoredTensor {

    private final TensorInfo info;
    private final ElementType type;
    private final FileBytes file;
    private final long position;
    private final long[] strides;

    /**
     * Creates a description of a tensor, all elements of which must be within the file.
     *
     * @param file the file
     * @param position the position of the first element
     * @param type the type of the elements
     * @param sizes the shape
     * @param strides the distance between neighbors on each axis, in elements; not negative
     */
    StoredTensor(FileBytes file, long position, ElementType type, long[] sizes, long[] strides) {
        this.info = new TensorInfo(type.name(), new Shape(sizes), type.bytes(sizes));
        this.type = type;
        this.file = file;
        this.position = position;
        this.strides = strides.clone();
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] < 2) {
                this.strides[i] = 0; // never used, and arbitrary in files
            }
        }
    }

    /** Returns the strides of contiguous elements. */
    static long[] contiguous(long... sizes) {
        long[] strides = new long[sizes.length];
        long stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= Math.max(sizes[i], 1);
        }
        return strides;
    }

    TensorInfo info() {
        return info;
    }

    FileBytes file() {
        return file;
    }

    /** Returns whether two tensors of the same shape and type are the same bytes of a file. */
    boolean shares(StoredTensor other) {
        return file.equals(other.file)
                && position == other.position
                && Arrays.equals(strides, other.strides);
    }

    /**
     * Creates a reader of the elements.
     *
     * @param name the name of the tensor, for messages
     */
    ElementReader reader(String name) throws IOException {
        if (isContiguous()) {
            return new ContiguousReader(file, position);
        }
        long bytes = span() * type.bytes();
        if (bytes > Integer.MAX_VALUE) {
            throw new IOException(
                    file.file()
                            + ": tensor "
                            + name
                            + " spans more than 2 GiB, too much to map at once");
        }
        return new StridedReader(
                file.channel().map(FileChannel.MapMode.READ_ONLY, position, bytes),
                type.bytes(),
                info.shape().getShape(),
                strides);
    }

    private boolean isContiguous() {
        long[] sizes = info.shape().getShape();
        long[] expected = contiguous(sizes);
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] > 1 && strides[i] != expected[i]) {
                return info.bytes() == 0;
            }
        }
        return true;
    }

    /** The number of elements from the first to the last one, if there are any. */
    private long span() {
        long last = 0;
        for (int i = 0; i < strides.length; i++) {
            last += (info.shape().get(i) - 1) * strides[i];
        }
        return last + 1;
    }
}
