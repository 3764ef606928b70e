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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.mamba.zoo.internal.tensors.TensorSource;
import java.util.Set;

/**
 * Finds the tensors of a file by the names that the transformers library gives them.
 *
 * <p>The file may use the original's name of the embedding, and it may hold a bare backbone, whose
 * names lack the prefix. Neither depends on the dialect of the configuration.
 */
final class TensorNames {

    private final Set<String> found;
    private final boolean isBare;

    TensorNames(TensorSource source) {
        found = source.tensors().keySet();
        isBare = found.contains(bare(ParameterNames.BACKBONE + "norm_f.weight"));
    }

    /** The name in the file for a name of transformers, whether the tensor is there or not. */
    String inFile(String name) {
        String own = isBare ? bare(name) : name;
        if (!found.contains(own) && name.equals(ParameterNames.embedding(Dialect.TRANSFORMERS))) {
            String other = ParameterNames.embedding(Dialect.ORIGINAL);
            other = isBare ? bare(other) : other;
            return found.contains(other) ? other : own;
        }
        return own;
    }

    private static String bare(String name) {
        return name.startsWith(ParameterNames.BACKBONE)
                ? name.substring(ParameterNames.BACKBONE.length())
                : name;
    }
}
