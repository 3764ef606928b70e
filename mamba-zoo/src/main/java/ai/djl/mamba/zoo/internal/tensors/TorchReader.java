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
import ai.djl.mamba.zoo.internal.tensors.Unpickler.Dictionary;
import ai.djl.mamba.zoo.internal.tensors.Unpickler.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the tensors of a file written by {@code torch.save}, such as {@code pytorch_model.bin}: a
 * dictionary from names to tensors, or a dictionary that has it as {@code state_dict} or {@code
 * model}.
 *
 * <p>Such a file is a zip archive (PyTorch 1.6 and newer) with a pickle, a program that could do
 * anything. Here nothing is executed: whatever is not needed to describe tensors is rejected.
 * Values other than tensors, such as numbers and strings, are skipped. Tensors may be views: they
 * are read as they appear in Python. A single tensor is limited to 2 GiB.
 */
public final class TorchReader extends TensorFile {

    /** Enough for some 20,000 tensors; objects in memory may be larger than their pickle. */
    private static final int MAX_PICKLE_BYTES = 1 << 22;

    private static final int MAX_NAMED = 20;
    private static final List<String> WRAPPERS = List.of("state_dict", "model");

    private final TorchArchive archive;

    /**
     * Opens a file and finds its tensors.
     *
     * @param file the file
     * @throws IOException if the file cannot be read
     * @throws MalformedModelException if it is not such a file, truncated or inconsistent, or its
     *     pickle needs more than tensors do
     */
    public TorchReader(Path file) throws IOException, MalformedModelException {
        super(file);
        archive = new TorchArchive(file);
        try {
            ByteBuffer pickle = archive.read(TorchArchive.PICKLE, MAX_PICKLE_BYTES);
            addAll(unwrap(Unpickler.load(file, pickle, new TorchObjects(archive))));
            checkSum(archive.bytes().size());
        } catch (IOException | MalformedModelException | RuntimeException e) {
            archive.close();
            throw e;
        }
    }

    private Dictionary unwrap(Object value) throws MalformedModelException {
        if (!(value instanceof Dictionary dictionary)) {
            throw malformed("does not contain a dictionary of tensors");
        }
        if (hasTensors(dictionary) || dictionary.pairs().isEmpty()) {
            return dictionary;
        }
        List<Dictionary> wrapped = new ArrayList<>();
        Set<Object> wrappers = new HashSet<>();
        for (Pair pair : dictionary.pairs()) {
            if (!(pair.key() instanceof String key) || !WRAPPERS.contains(key)) {
                continue;
            }
            if (!wrappers.add(key)) { // otherwise many could refer to one large dictionary
                throw malformed(key + " occurs twice");
            }
            if (pair.value() instanceof Dictionary inner && hasTensors(inner)) {
                wrapped.add(inner);
            }
        }
        if (wrapped.size() != 1) {
            throw malformed(
                    String.format(
                            "contains %d dictionaries of tensors, expected one, at the top level or"
                                    + " as one of %s; its keys are %s",
                            wrapped.size(), WRAPPERS, keys(dictionary)));
        }
        return wrapped.get(0);
    }

    private static boolean hasTensors(Dictionary dictionary) {
        return dictionary.pairs().stream().anyMatch(pair -> pair.value() instanceof StoredTensor);
    }

    private static String keys(Dictionary dictionary) {
        return dictionary.pairs().stream()
                .map(pair -> pair.key() instanceof String text ? text : "(not a string)")
                .limit(MAX_NAMED)
                .collect(Collectors.joining(", "));
    }

    private void addAll(Dictionary dictionary) throws MalformedModelException {
        for (Pair pair : dictionary.pairs()) {
            if (!(pair.value() instanceof StoredTensor tensor)) {
                continue;
            }
            if (!(pair.key() instanceof String name)) {
                throw malformed("contains a tensor whose name is not a string");
            }
            if (stored().containsKey(name)) {
                throw malformed("tensor " + name + " occurs twice");
            }
            add(name, tensor);
        }
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        archive.close();
    }
}
