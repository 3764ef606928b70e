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

import ai.djl.mamba.MambaBackbone;
import ai.djl.mamba.MambaClassifier;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that the parameters of a model have in checkpoints. The dialects differ in one of them,
 * that of the embedding.
 */
final class ParameterNames {

    /** What all names of a backbone begin with, if there is a head beside it. */
    static final String BACKBONE = "backbone.";

    static final String HEAD = "lm_head.weight";

    private final Map<String, Parameter> names = new LinkedHashMap<>();

    private ParameterNames() {}

    /** The name of the embedding. */
    static String embedding(Dialect dialect) {
        return switch (dialect) {
            case TRANSFORMERS -> BACKBONE + "embeddings.weight";
            case ORIGINAL -> BACKBONE + "embedding.weight";
        };
    }

    /**
     * Names all parameters of a language model.
     *
     * @param model the model, initialized or not
     * @param dialect the dialect of the names
     * @return the parameters by name, first layer first
     */
    static Map<String, Parameter> of(MambaLanguageModel model, Dialect dialect) {
        ParameterNames mapping = new ParameterNames();
        mapping.add(embedding(dialect), model.getEmbedding());
        mapping.addBackbone(model.getBackbone());
        if (model.getHead() != null) {
            mapping.add(HEAD, model.getHead().getWeight());
        }
        return mapping.names;
    }

    /**
     * Names all parameters of a classifier as transformers names them.
     *
     * @param model the model, initialized or not
     * @return the parameters by name, first layer first
     */
    static Map<String, Parameter> of(MambaClassifier model) {
        ParameterNames mapping = new ParameterNames();
        mapping.add(embedding(Dialect.TRANSFORMERS), model.getEmbedding());
        if (model.getInputProjection() != null) { // of vectors: the names are ours
            mapping.addProjection(BACKBONE + "input_proj", model.getInputProjection());
        }
        mapping.addBackbone(model.getBackbone());
        mapping.addProjection("score", model.getHead());
        return mapping.names;
    }

    private void addBackbone(MambaBackbone backbone) {
        List<ResidualBlock> layers = backbone.getLayers();
        for (int i = 0; i < layers.size(); i++) {
            String prefix = BACKBONE + "layers." + i;
            addNorm(prefix + ".norm", layers.get(i).getNorm());
            addMixer(prefix + ".mixer", layers.get(i).getMixer());
        }
        addNorm(BACKBONE + "norm_f", backbone.getNorm());
    }

    private void addMixer(String prefix, SequenceBlock mixer) {
        if (mixer instanceof BidirectionalBlock both) { // neither dialect has it: names of ours
            addMixer(prefix + ".forward", both.getForward());
            addMixer(prefix + ".backward", both.getBackward());
        } else if (mixer instanceof Mamba2Block block) {
            addBlock(prefix, block);
        } else {
            addBlock(prefix, (MambaBlock) mixer);
        }
    }

    private void addBlock(String prefix, Mamba2Block block) {
        addProjection(prefix + ".in_proj", block.getInputProjection());
        add(prefix + ".conv1d.weight", block.getConvolution().getWeight());
        add(prefix + ".conv1d.bias", block.getConvolution().getBias());
        add(prefix + ".dt_bias", block.getSsm().getTimeStepBias());
        add(prefix + ".A_log", block.getSsm().getALog());
        add(prefix + ".D", block.getSsm().getSkip());
        if (block.getNorm() != null) {
            add(prefix + ".norm.weight", block.getNorm().getWeight());
        }
        addProjection(prefix + ".out_proj", block.getOutputProjection());
    }

    private void addBlock(String prefix, MambaBlock block) {
        addProjection(prefix + ".in_proj", block.getInputProjection());
        add(prefix + ".conv1d.weight", block.getConvolution().getWeight());
        add(prefix + ".conv1d.bias", block.getConvolution().getBias());
        addSsm(prefix, block.getSsm());
        addProjection(prefix + ".out_proj", block.getOutputProjection());
    }

    private void addSsm(String prefix, SequenceBlock ssm) {
        if (ssm instanceof SelectiveSSM selective) {
            addProjection(prefix + ".x_proj", selective.getInputProjection());
            addProjection(prefix + ".dt_proj", selective.getTimeStepProjection());
            add(prefix + ".A_log", selective.getALog());
            add(prefix + ".D", selective.getSkip());
        } else { // neither dialect has another: the names are ours
            ssm.getParameters()
                    .forEach(pair -> add(prefix + ".ssm." + pair.getKey(), pair.getValue()));
        }
    }

    private void addProjection(String prefix, Projection projection) {
        add(prefix + ".weight", projection.getWeight());
        add(prefix + ".bias", projection.getBias());
    }

    private void addNorm(String prefix, Block norm) {
        if (norm instanceof RMSNorm rms) {
            add(prefix + ".weight", rms.getWeight());
        } else {
            add(prefix + ".weight", norm.getParameters().get("gamma"));
            add(prefix + ".bias", norm.getParameters().get("beta"));
        }
    }

    private void add(String name, Parameter parameter) {
        if (parameter != null) {
            names.put(name, parameter);
        }
    }
}
