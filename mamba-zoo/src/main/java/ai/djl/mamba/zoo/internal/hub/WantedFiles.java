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
package ai.djl.mamba.zoo.internal.hub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which files of a repository are taken: plain names at its top, all known here. Whatever else a
 * server lists is ignored, so that no answer can name a path outside the folder.
 *
 * @param place the folder below the cache's
 * @param required the names without which a repository is refused
 * @param optional the names that are taken where they are
 * @param weights the names of which the first is taken that is there, whole or as shards; none if
 *     the list is empty
 */
record WantedFiles(
        String place, List<String> required, List<String> optional, List<String> weights) {

    /** A model with its tokenizer. */
    static final WantedFiles MODEL =
            new WantedFiles(
                    "model/hub",
                    List.of("config.json"),
                    List.of(
                            "generation_config.json",
                            "tokenizer.json",
                            "tokenizer_config.json",
                            "special_tokens_map.json"),
                    List.of("model.safetensors", "pytorch_model.bin"));

    /** A tokenizer alone. */
    static final WantedFiles TOKENIZER =
            new WantedFiles(
                    "tokenizer/hub",
                    List.of("tokenizer.json"),
                    List.of("tokenizer_config.json", "special_tokens_map.json"),
                    List.of());

    private static final Pattern SHARD =
            Pattern.compile("(model|pytorch_model)-(\\d{5})-of-(\\d{5})(\\.safetensors|\\.bin)");

    /** Whether a file of this name can be wanted. */
    boolean isWanted(String file) {
        return required.contains(file)
                || optional.contains(file)
                || isWeights(file)
                || (!weights.isEmpty() && SHARD.matcher(file).matches());
    }

    /** Whether these are all files that are needed. */
    boolean isComplete(Collection<String> files) {
        return files.containsAll(required)
                && (weights.isEmpty() || files.stream().anyMatch(this::isWeights));
    }

    private boolean isWeights(String file) {
        return weights.stream().anyMatch(w -> file.equals(w) || file.equals(w + ".index.json"));
    }

    /** Chooses from the names that the server lists; {@code where} begins the complaints. */
    List<String> select(Set<String> listed, String where) throws IOException {
        List<String> files = new ArrayList<>();
        for (String file : required) {
            if (!listed.contains(file)) {
                throw new IOException(where + ": the repository has no " + file);
            }
            files.add(file);
        }
        optional.stream().filter(listed::contains).forEach(files::add);
        if (!weights.isEmpty()) {
            files.addAll(selectWeights(listed, where));
        }
        return files;
    }

    private List<String> selectWeights(Set<String> listed, String where) throws IOException {
        for (String file : weights) {
            String index = file + ".index.json";
            if (listed.contains(file)) {
                return List.of(file);
            }
            if (listed.contains(index)) {
                List<String> files = new ArrayList<>(List.of(index));
                files.addAll(shards(file, listed, where));
                return files;
            }
        }
        throw new IOException(
                where
                        + ": the repository has no weights that can be read, neither "
                        + String.join(" nor ", weights)
                        + ", nor an index of shards");
    }

    private static Set<String> shards(String whole, Set<String> listed, String where)
            throws IOException {
        int dot = whole.indexOf('.');
        Set<String> shards = new TreeSet<>();
        int count = 0;
        for (String file : listed) {
            Matcher matcher = SHARD.matcher(file);
            if (matcher.matches()
                    && matcher.group(1).equals(whole.substring(0, dot))
                    && matcher.group(4).equals(whole.substring(dot))) {
                shards.add(file);
                count = Math.max(count, Integer.parseInt(matcher.group(3)));
            }
        }
        if (shards.isEmpty() || shards.size() != count) {
            throw new IOException(
                    where
                            + ": of the "
                            + count
                            + " shards of "
                            + whole
                            + " the repository has "
                            + shards.size());
        }
        return shards;
    }
}
