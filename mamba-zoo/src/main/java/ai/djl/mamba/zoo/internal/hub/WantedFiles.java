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

import ai.djl.mamba.zoo.internal.files.ModelFiles;
import ai.djl.mamba.zoo.internal.files.TokenizerFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Selects the files of a repository to download: files at its top level with known names. All other
 * files that a server lists are ignored, so that no answer can name a path outside the folder.
 *
 * @param place the subfolder of the cache
 * @param required the names of files that a repository must have
 * @param optional the names of files that are downloaded if they exist
 * @param weights the names of files of which the first that exists is downloaded, as a single file
 *     or as shards; empty for none
 */
record WantedFiles(
        String place, List<String> required, List<String> optional, List<String> weights) {

    /** A model with its tokenizer. */
    static final WantedFiles MODEL =
            new WantedFiles(
                    "model/hub",
                    List.of(ModelFiles.CONFIG),
                    List.of(
                            ModelFiles.GENERATION,
                            TokenizerFiles.JSON,
                            "tokenizer_config.json",
                            "special_tokens_map.json",
                            TokenizerFiles.ALPHABET),
                    List.of("model.safetensors", "pytorch_model.bin"));

    /** A tokenizer alone. */
    static final WantedFiles TOKENIZER =
            new WantedFiles(
                    "tokenizer/hub",
                    List.of(TokenizerFiles.JSON),
                    List.of("tokenizer_config.json", "special_tokens_map.json"),
                    List.of());

    private static final Pattern SHARD =
            Pattern.compile("(model|pytorch_model)-(\\d{5})-of-(\\d{5})(\\.safetensors|\\.bin)");

    /** Returns whether a file with this name may be wanted. */
    boolean isWanted(String file) {
        return required.contains(file)
                || optional.contains(file)
                || isWeights(file)
                || (!weights.isEmpty() && SHARD.matcher(file).matches());
    }

    /** Returns whether these are all required files. */
    boolean isComplete(Collection<String> files) {
        return files.containsAll(required)
                && (weights.isEmpty() || files.stream().anyMatch(this::isWeights));
    }

    private boolean isWeights(String file) {
        return weights.stream().anyMatch(w -> file.equals(w) || file.equals(w + ".index.json"));
    }

    /** Selects from the names that the server lists; {@code where} starts the error messages. */
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
                        + ": the repository has no readable weights, neither "
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
                            + ": the repository has "
                            + shards.size()
                            + " of the "
                            + count
                            + " shards of "
                            + whole);
        }
        return shards;
    }
}
