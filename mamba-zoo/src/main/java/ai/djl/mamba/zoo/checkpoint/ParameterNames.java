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

import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.LowRankAdapter;
import ai.djl.mamba.layer.Projection;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The names that the parameters of a model have in checkpoints: those of the blocks around them and
 * their own, except where the codec of the family has others. The dialects differ in the name of
 * the embedding.
 */
final class ParameterNames {

    /** What all names of a backbone begin with, if there is a head beside it. */
    static final String BACKBONE = "backbone.";

    static final String HEAD = "lm_head.weight";

    /** The names of a tied weight: a file has it under one of them or several. */
    static final Set<String> TIED =
            Set.of(HEAD, embedding(Dialect.TRANSFORMERS), embedding(Dialect.ORIGINAL));

    private static final String LAYER = "layer";

    private final Map<String, Parameter> names = new LinkedHashMap<>();
    private final MambaConfig config;
    private final CheckpointCodec codec; // null for the names of the blocks

    private ParameterNames(MambaConfig config, CheckpointCodec codec) {
        this.config = config;
        this.codec = codec;
    }

    /** The name of the embedding. */
    static String embedding(Dialect dialect) {
        return switch (dialect) {
            case TRANSFORMERS -> BACKBONE + "embeddings.weight";
            case ORIGINAL -> BACKBONE + "embedding.weight";
        };
    }

    /**
     * Names all parameters of a language model, without those of adapters.
     *
     * @param model the model, initialized or not
     * @param dialect the dialect of the names
     * @param codec the codec of its family, or null if there is none
     * @return the parameters by name, first layer first
     */
    static Map<String, Parameter> of(
            MambaLanguageModel model, Dialect dialect, CheckpointCodec codec) {
        ParameterNames mapping = new ParameterNames(model.getConfig(), codec);
        mapping.add(embedding(dialect), model.getEmbedding());
        mapping.add(BACKBONE, model.getBackbone());
        if (model.getHead() != null) {
            mapping.add("lm_head.", model.getHead());
        }
        return mapping.names;
    }

    /**
     * Names all parameters of a classifier as transformers names them, without those of adapters.
     *
     * @param model the model, initialized or not
     * @param codec the codec of its family, or null if there is none
     * @return the parameters by name, first layer first
     */
    static Map<String, Parameter> of(MambaClassifier model, CheckpointCodec codec) {
        ParameterNames mapping = new ParameterNames(model.getConfig(), codec);
        if (model.getEmbedding() != null) {
            mapping.add(embedding(Dialect.TRANSFORMERS), model.getEmbedding());
        }
        if (model.getInputProjection() != null) { // of vectors: the names are ours
            mapping.add(BACKBONE + "input_proj.", model.getInputProjection());
        }
        mapping.add(BACKBONE, model.getBackbone());
        mapping.add("score.", model.getHead());
        return mapping.names;
    }

    /** Adds the parameters of the children of a block, and then its own. */
    private void add(String prefix, Block block) {
        int layer = 0;
        for (Pair<String, Block> child : block.getChildren()) {
            String name = child.getKey().replaceFirst("^\\d{2,}", ""); // DJL's number
            if (name.equals(LAYER)) {
                name = "layers." + layer++;
            }
            add(prefix + name + '.', child.getValue());
        }
        LowRankAdapter adapter =
                block instanceof Projection projection ? projection.getAdapter() : null;
        for (Pair<String, Parameter> own : block.getDirectParameters()) {
            Parameter parameter = own.getValue();
            if (adapter == null
                    || (parameter != adapter.getDown() && parameter != adapter.getUp())) {
                add(prefix + name(own.getKey()), parameter);
            }
        }
    }

    /** The names that DJL's LayerNorm gives to its parameters are its own. */
    private static String name(String parameter) {
        return switch (parameter) {
            case "gamma" -> "weight";
            case "beta" -> "bias";
            default -> parameter;
        };
    }

    private void add(String name, Parameter parameter) {
        names.put(codec == null ? name : codec.tensorName(name, config), parameter);
    }
}
