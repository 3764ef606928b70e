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

import ai.djl.mamba.MambaBlock;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.ResidualBlock;
import ai.djl.mamba.SelectiveSSM;
import ai.djl.mamba.nn.Projection;
import ai.djl.mamba.nn.RMSNorm;
import ai.djl.mamba.nn.SequenceBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The names that the parameters of a model have in checkpoints of the transformers library. */
final class TransformersNames {

    static final String EMBEDDING = "backbone.embeddings.weight";
    static final String HEAD = "lm_head.weight";

    private final Map<String, Parameter> names = new LinkedHashMap<>();

    private TransformersNames() {}

    /**
     * Names all parameters of a model.
     *
     * @param model the model, initialized or not
     * @return the parameters by name, first layer first
     */
    static Map<String, Parameter> of(MambaLanguageModel model) {
        TransformersNames mapping = new TransformersNames();
        mapping.add(EMBEDDING, model.getEmbedding());
        List<ResidualBlock> layers = model.getBackbone().getLayers();
        for (int i = 0; i < layers.size(); i++) {
            String prefix = "backbone.layers." + i;
            mapping.addNorm(prefix + ".norm", layers.get(i).getNorm());
            mapping.addMixer(prefix + ".mixer", (MambaBlock) layers.get(i).getMixer());
        }
        mapping.addNorm("backbone.norm_f", model.getBackbone().getNorm());
        if (model.getHead() != null) {
            mapping.add(HEAD, model.getHead().getWeight());
        }
        return mapping.names;
    }

    private void addMixer(String prefix, MambaBlock mixer) {
        addProjection(prefix + ".in_proj", mixer.getInputProjection());
        add(prefix + ".conv1d.weight", mixer.getConvolution().getWeight());
        add(prefix + ".conv1d.bias", mixer.getConvolution().getBias());
        addSsm(prefix, mixer.getSsm());
        addProjection(prefix + ".out_proj", mixer.getOutputProjection());
    }

    private void addSsm(String prefix, SequenceBlock ssm) {
        if (ssm instanceof SelectiveSSM selective) {
            addProjection(prefix + ".x_proj", selective.getInputProjection());
            addProjection(prefix + ".dt_proj", selective.getTimeStepProjection());
            add(prefix + ".A_log", selective.getALog());
            add(prefix + ".D", selective.getSkip());
        } else { // transformers has no other: the names are ours
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
