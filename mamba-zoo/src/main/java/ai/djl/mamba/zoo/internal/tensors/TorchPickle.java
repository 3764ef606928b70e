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
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the pickle of an OrderedDict from names to tensors, in protocol 2 like PyTorch. */
final class TorchPickle {

    private static final String ORDERED_DICT = "ccollections\nOrderedDict\n)R";

    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

    TorchPickle() {
        opcodes("\u0080\u0002" + ORDERED_DICT + '(');
    }

    /**
     * Adds a tensor with contiguous elements.
     *
     * @param name its name
     * @param sizes its shape
     * @param format the format of its elements
     * @param storage the number of its storage, which it fills
     */
    void add(String name, long[] sizes, FloatFormat format, int storage) {
        text(name);
        opcodes("ctorch._utils\n_rebuild_tensor_v2\n((");
        text("storage");
        opcodes("ctorch\n" + storageClass(format) + '\n');
        text(Integer.toString(storage));
        text("cpu");
        integer(new Shape(sizes).size());
        opcodes("tQ"); // the id of the storage
        integer(0);
        integers(sizes);
        integers(StoredTensor.contiguous(sizes));
        opcodes("\u0089" + ORDERED_DICT + "tR"); // no gradient, no hooks
    }

    /** Returns the whole pickle. */
    byte[] end() {
        opcodes("u.");
        return pickle.toByteArray();
    }

    private static String storageClass(FloatFormat format) {
        return switch (format) {
            case F64 -> "DoubleStorage";
            case F32 -> "FloatStorage";
            case F16 -> "HalfStorage";
            case BF16 -> "BFloat16Storage";
        };
    }

    private void integers(long... values) {
        opcodes("(");
        for (long value : values) {
            integer(value);
        }
        opcodes("t");
    }

    private void integer(long value) {
        opcodes("\u008a\u0008"); // eight bytes
        pickle.writeBytes(
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array());
    }

    private void text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        opcodes("X");
        pickle.writeBytes(
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(bytes.length)
                        .array());
        pickle.writeBytes(bytes);
    }

    private void opcodes(String each) {
        pickle.writeBytes(each.getBytes(StandardCharsets.ISO_8859_1));
    }
}
