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

import ai.djl.mamba.layer.Projection;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds parts of a model by their names. */
final class BlockParts {

    private BlockParts() {}

    /** All projections in a block by full name, in the order of the layers. */
    static Map<String, Projection> projections(Block block) {
        Map<String, Projection> found = new LinkedHashMap<>();
        addProjections("", block, found);
        return found;
    }

    private static void addProjections(String name, Block block, Map<String, Projection> found) {
        if (block instanceof Projection projection) {
            found.put(name, projection);
        }
        for (Pair<String, Block> child : block.getChildren()) {
            addProjections(fullName(name, child.getKey()), child.getValue(), found);
        }
    }

    /** The parameters that match a pattern or are part of a block that does. */
    static List<Parameter> parameters(Block block, NamePattern pattern) {
        List<Parameter> found = new ArrayList<>();
        addParameters("", block, pattern, found);
        return found;
    }

    private static void addParameters(
            String name, Block block, NamePattern pattern, List<Parameter> found) {
        for (Pair<String, Parameter> own : block.getDirectParameters()) {
            if (pattern.matches(own.getKey(), fullName(name, own.getKey()))) {
                found.add(own.getValue());
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            String childName = fullName(name, child.getKey());
            if (pattern.matches(plainName(childName), childName)) {
                found.addAll(child.getValue().getParameters().values());
            } else {
                addParameters(childName, child.getValue(), pattern, found);
            }
        }
    }

    private static String fullName(String parent, String name) {
        return parent.isEmpty() ? name : parent + "_" + name;
    }

    /** The name that a block has in its parent, without the number that DJL prepends. */
    static String plainName(String fullName) {
        return fullName.replaceFirst("^(.*_)?\\d{2,}", "");
    }
}
