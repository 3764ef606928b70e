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
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Tensors under other names than those in the file. */
public final class RenamedSource implements TensorSource {

    private final TensorSource source;
    private final Map<String, String> originals = new LinkedHashMap<>();
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();

    private RenamedSource(TensorSource source) {
        this.source = source;
    }

    /**
     * Renames tensors.
     *
     * @param source the tensors, closed with the result, or if renaming fails
     * @param rename returns the new name for that in the file
     * @return the same tensors by the new names
     * @throws IOException if closing fails
     * @throws MalformedModelException if two tensors get the same name; the message names all three
     */
    public static TensorSource of(TensorSource source, UnaryOperator<String> rename)
            throws IOException, MalformedModelException {
        RenamedSource renamed = new RenamedSource(source);
        for (Map.Entry<String, TensorInfo> tensor : source.tensors().entrySet()) {
            String original = tensor.getKey();
            String name = rename.apply(original);
            String other = renamed.originals.put(name, original);
            if (other != null) {
                try (source) {
                    throw Malformed.of(
                            String.format(
                                    "%s: the tensors %s and %s both stand for %s",
                                    source.path(), other, original, name));
                }
            }
            renamed.infos.put(name, tensor.getValue());
        }
        return renamed;
    }

    private String original(String name) {
        return originals.getOrDefault(name, name);
    }

    /** {@inheritDoc} */
    @Override
    public Path path() {
        return source.path();
    }

    /** {@inheritDoc} */
    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(infos);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray read(NDManager manager, String name, DataType type)
            throws IOException, MalformedModelException {
        return source.read(manager, original(name), type);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isSame(String first, String second) throws IOException {
        return source.isSame(original(first), original(second));
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        source.close();
    }
}
