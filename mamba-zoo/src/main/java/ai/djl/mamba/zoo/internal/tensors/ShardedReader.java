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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads tensors that are sharded over several files, as listed by an index: {@code
 * model.safetensors.index.json} or {@code pytorch_model.bin.index.json}.
 *
 * <p>The index and the files must agree on every tensor. The files must be in the folder of the
 * index, where they may be symbolic links, as in the cache of the Hugging Face hub.
 */
final class ShardedReader extends TensorFile {

    private static final int MAX_NAMED = 20;

    private final Set<String> optional;
    private final Map<String, TensorFile> shards = new LinkedHashMap<>();

    /**
     * Opens an index and all its files.
     *
     * @param index the index; if its name ends with {@code .safetensors.index.json}, its files are
     *     in the safetensors format, otherwise in that of PyTorch
     * @param optional the tensors that the index may list although no file has them
     * @throws NoSuchFileException if files are missing; the message lists them
     * @throws IOException if a file cannot be read
     * @throws MalformedModelException if the index or a file is malformed, or if they disagree
     */
    ShardedReader(Path index, Set<String> optional) throws IOException, MalformedModelException {
        super(index);
        this.optional = optional;
        Map<String, String> weightMap = ShardIndex.read(index);
        checkPresence(weightMap);
        try {
            openShards(weightMap);
            addAll(weightMap);
            checkSum(
                    stored().values().stream()
                            .map(StoredTensor::file)
                            .distinct()
                            .mapToLong(FileBytes::size)
                            .sum());
        } catch (IOException | MalformedModelException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void checkPresence(Map<String, String> weightMap) throws NoSuchFileException {
        List<String> missing =
                new LinkedHashSet<>(weightMap.values())
                        .stream().filter(name -> isMissing(path().resolveSibling(name))).toList();
        if (!missing.isEmpty()) {
            throw new NoSuchFileException(
                    path().toString(), null, "files of the index are missing: " + list(missing));
        }
    }

    /** Something like a pipe is not missing: opening it tells what it is. */
    private static boolean isMissing(Path file) {
        return !Files.exists(file) || Files.isDirectory(file);
    }

    private void openShards(Map<String, String> weightMap)
            throws IOException, MalformedModelException {
        boolean safetensors = TensorFiles.isSafetensors(path());
        for (String name : new LinkedHashSet<>(weightMap.values())) {
            Path file = path().resolveSibling(name);
            shards.put(name, safetensors ? new SafetensorsReader(file) : new TorchReader(file));
        }
    }

    /**
     * Adds the tensors in the order of the index. Names of wrappers do not matter: the index may
     * have them where the files do not.
     */
    private void addAll(Map<String, String> weightMap) throws MalformedModelException {
        List<String> problems = new ArrayList<>();
        Map<String, Map<String, String>> left = new HashMap<>(); // by shard, then stripped name
        shards.forEach((shard, file) -> left.put(shard, names(file, problems)));
        weightMap.forEach(
                (name, shard) -> {
                    String stored = left.get(shard).remove(WrapperNames.strip(name));
                    if (stored != null) {
                        add(stored, shards.get(shard).stored().get(stored));
                    } else if (!optional.contains(WrapperNames.strip(name))) {
                        problems.add(name + " is not in " + shard);
                    }
                });
        for (String shard : shards.keySet()) {
            for (String name : left.get(shard).values()) {
                problems.add(name + " is in " + shard + ", unlike in the index");
            }
        }
        if (!problems.isEmpty()) {
            throw malformed("the files disagree with the index: " + list(problems));
        }
    }

    /** The names in a file by what they are without those of wrappers. */
    private static Map<String, String> names(TensorFile file, List<String> problems) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : file.stored().keySet()) {
            String other = names.put(WrapperNames.strip(name), name);
            if (other != null) {
                problems.add(
                        String.format(
                                "%s and %s in %s both stand for %s",
                                other, name, file.path(), WrapperNames.strip(name)));
            }
        }
        return names;
    }

    private static String list(List<String> all) {
        int more = all.size() - MAX_NAMED;
        String named = String.join(", ", all.subList(0, Math.min(all.size(), MAX_NAMED)));
        return more > 0 ? named + " and " + more + " more" : named;
    }

    /** {@inheritDoc} */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (TensorFile shard : shards.values()) {
            try {
                shard.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
