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
import java.io.IOException;
import java.util.Set;

/**
 * Finds the tensors of a file by the names that the transformers library gives them.
 *
 * <p>The file may use the original's name of the embedding, and it may hold a bare backbone, whose
 * names lack the prefix. Neither depends on the dialect of the configuration.
 */
final class TensorNames {

    private static final String EMBEDDING = ParameterNames.embedding(Dialect.TRANSFORMERS);

    private final TensorSource source;
    private final Set<String> found;
    private final boolean isBare;
    private Boolean isHeadSame; // null until compared, which reads both

    TensorNames(TensorSource source) {
        this.source = source;
        found = source.tensors().keySet();
        isBare = found.contains(bare(ParameterNames.BACKBONE + "norm_f.weight"));
    }

    TensorSource source() {
        return source;
    }

    /** The name in the file for a name of transformers, whether the tensor is there or not. */
    String inFile(String name) {
        String own = isBare ? bare(name) : name;
        if (!found.contains(own) && name.equals(EMBEDDING)) {
            String other = ParameterNames.embedding(Dialect.ORIGINAL);
            other = isBare ? bare(other) : other;
            return found.contains(other) ? other : own;
        }
        return own;
    }

    /** Whether there is both a head and an embedding. */
    boolean hasHeadAndEmbedding() {
        return found.contains(ParameterNames.HEAD) && found.contains(inFile(EMBEDDING));
    }

    /** Whether a head is there that is not the embedding once more. */
    boolean hasOtherHead() throws IOException {
        if (!hasHeadAndEmbedding()) {
            return false;
        }
        if (isHeadSame == null) {
            isHeadSame = source.isSame(ParameterNames.HEAD, inFile(EMBEDDING));
        }
        return !isHeadSame;
    }

    /** The name in the file of a weight that is both embedding and head. */
    String tied() {
        String embedding = inFile(EMBEDDING);
        return found.contains(embedding) || !found.contains(ParameterNames.HEAD)
                ? embedding
                : ParameterNames.HEAD;
    }

    private static String bare(String name) {
        return name.startsWith(ParameterNames.BACKBONE)
                ? name.substring(ParameterNames.BACKBONE.length())
                : name;
    }
}
