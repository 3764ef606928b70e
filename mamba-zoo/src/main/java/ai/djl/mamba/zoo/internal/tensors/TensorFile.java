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

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Malformed;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The base of sources of tensors, once the position of each tensor is known. */
abstract class TensorFile implements TensorSource {

    private static final int COMPARE_BYTES = 1 << 18;

    /** What a small file may have in views that repeat it; a larger one, a few times its size. */
    private static final long MAX_REPEATED_BYTES = 1 << 26;

    private static final int MAX_REPEATS = 4;

    private final Path path;
    private final Map<String, StoredTensor> stored = new LinkedHashMap<>();
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final ArrayLoader loader = new ArrayLoader();

    TensorFile(Path path) {
        this.path = path;
    }

    /** Adds a tensor. */
    final void add(String name, StoredTensor tensor) {
        stored.put(name, tensor);
        infos.put(name, tensor.info());
    }

    /**
     * Checks that all tensors together are not much larger than their files: each may be a view of
     * the same bytes.
     *
     * @param fileBytes the size of the files
     */
    final void checkSum(long fileBytes) throws MalformedModelException {
        double sum = infos.values().stream().mapToDouble(TensorInfo::bytes).sum();
        if (sum > Math.max((double) MAX_REPEATS * fileBytes, MAX_REPEATED_BYTES)) {
            throw malformed(
                    String.format(
                            "the %d tensors have %.0f bytes, expected at most %d times the %d bytes"
                                    + " of the file: too many are views of the same bytes",
                            infos.size(), sum, MAX_REPEATS, fileBytes));
        }
    }

    /** Returns the stored tensors by name. */
    final Map<String, StoredTensor> stored() {
        return stored;
    }

    /** {@inheritDoc} */
    @Override
    public final Path path() {
        return path;
    }

    /** {@inheritDoc} */
    @Override
    public final Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(infos);
    }

    /** {@inheritDoc} */
    @Override
    public final NDArray read(NDManager manager, String name, DataType type)
            throws IOException, MalformedModelException {
        if (type != DataType.FLOAT32 && type != DataType.FLOAT64 && type != DataType.FLOAT16) {
            throw new IllegalArgumentException(
                    "Expected FLOAT32, FLOAT64 or FLOAT16 to read a tensor, got " + type);
        }
        StoredTensor tensor = stored.get(name);
        if (tensor == null) {
            throw malformed("there is no tensor " + name);
        }
        return loader.load(manager, name, tensor, FloatFormat.of(type).orElseThrow());
    }

    /** {@inheritDoc} */
    @Override
    public final boolean isSame(String first, String second) throws IOException {
        StoredTensor a = stored.get(first);
        StoredTensor b = stored.get(second);
        if (a == null || b == null) {
            throw new IllegalArgumentException(
                    path + ": there is no tensor " + (a == null ? first : second));
        }
        return a.info().equals(b.info())
                && (a.shares(b) || sameBytes(a.reader(first), b.reader(second), a.info().bytes()));
    }

    private static boolean sameBytes(ElementReader first, ElementReader second, long bytes)
            throws IOException {
        ByteBuffer a = ByteBuffer.allocate(COMPARE_BYTES);
        ByteBuffer b = ByteBuffer.allocate(COMPARE_BYTES);
        for (long position = 0; position < bytes; position += COMPARE_BYTES) {
            int count = (int) Math.min(COMPARE_BYTES, bytes - position);
            first.read(a.clear().limit(count));
            second.read(b.clear().limit(count));
            if (a.flip().mismatch(b.flip()) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Creates an exception that names the file. */
    final MalformedModelException malformed(String what) {
        return Malformed.of(path + ": " + what);
    }
}
