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
package ai.djl.mamba.training;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Nearest;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Finds the parameters of a block by globs on their names.
 *
 * <p>DJL numbers the children of a block: a parameter of a language model has the name {@code
 * 01backbone_02layer_02mixer_03ssm_A_log}. A glob is matched against this name, against the one
 * without numbers, {@code backbone_layer_mixer_ssm_A_log}, and against every suffix of both that
 * follows an underscore. So {@code A_log} and {@code in_proj_weight} match those of all layers,
 * {@code norm*} all norms, {@code 02layer_*} everything in the second layer and {@code *} every
 * parameter; {@code ?} stands for a single character.
 */
final class ParameterNames {

    private static final Pattern NUMBER = Pattern.compile("(^|_)\\d{2,}(?=[A-Za-z])");
    private static final int MAX_SUGGESTIONS = 5;

    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final String owner;

    /**
     * Reads the names of a block's parameters.
     *
     * @param block the block; it need not be initialized
     * @param owner the class to name in messages
     */
    ParameterNames(Block block, String owner) {
        Checks.require(block != null, owner, "the block must not be null");
        for (Pair<String, Parameter> pair : block.getParameters()) {
            parameters.put(pair.getKey(), pair.getValue());
        }
        this.owner = owner;
    }

    /** Returns all parameters by name, in the order of the block. */
    Map<String, Parameter> all() {
        return parameters;
    }

    /**
     * Returns the parameters that a glob matches.
     *
     * @throws IllegalArgumentException if there is none
     */
    Map<String, Parameter> matching(String glob) {
        Pattern pattern = Pattern.compile("(?:.*_)?" + regex(glob));
        Map<String, Parameter> matches = new LinkedHashMap<>(parameters);
        matches.keySet()
                .removeIf(
                        name ->
                                !pattern.matcher(name).matches()
                                        && !pattern.matcher(withoutNumbers(name)).matches());
        Checks.require(
                !matches.isEmpty(),
                owner,
                "no parameter matches \"%s\"; similar names are %s",
                glob,
                nearest(glob));
        return matches;
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            regex.append(
                    switch (c) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(c));
                    });
        }
        return regex.toString();
    }

    private static String withoutNumbers(String name) {
        return NUMBER.matcher(name).replaceAll("$1");
    }

    private List<String> nearest(String glob) {
        String text = glob.replaceAll("[*?]", "");
        return parameters.keySet().stream()
                .sorted(Comparator.comparingInt(name -> distanceToSuffix(text, name)))
                .limit(MAX_SUGGESTIONS)
                .toList();
    }

    /** Returns the edit distance between a text and the nearest suffix of a name. */
    private static int distanceToSuffix(String text, String name) {
        String plain = withoutNumbers(name);
        int nearest = Math.min(Nearest.distance(text, name), Nearest.distance(text, plain));
        for (int i = plain.indexOf('_'); i >= 0; i = plain.indexOf('_', i + 1)) {
            nearest = Math.min(nearest, Nearest.distance(text, plain.substring(i + 1)));
        }
        return nearest;
    }
}
