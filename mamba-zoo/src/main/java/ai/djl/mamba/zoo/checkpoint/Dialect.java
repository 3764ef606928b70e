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

import ai.djl.MalformedModelException;
import java.util.Set;

/**
 * How a checkpoint is written: the keys of {@code config.json} and the names of the tensors.
 *
 * <p>The two differ in few names, and a model of one loads from files named as those of the other.
 */
public enum Dialect {
    /**
     * That of Hugging Face transformers: {@code hidden_size}, {@code backbone.embeddings.weight}.
     */
    TRANSFORMERS,
    /** That of {@code state-spaces/mamba}: {@code d_model}, {@code backbone.embedding.weight}. */
    ORIGINAL;

    /**
     * Recognizes the dialect of a configuration.
     *
     * <p>The model type decides first: checkpoints converted to the dialect of transformers often
     * keep the keys of the original beside their own.
     *
     * @throws MalformedModelException if it is the configuration of another model, which the
     *     message names
     */
    static Dialect of(ConfigFile config) throws MalformedModelException {
        String type = TransformersKeys.modelType(config);
        boolean isOriginal = OriginalKeys.isOriginal(config);
        Set<String> supported = Codecs.names(CheckpointCodec::modelTypes);
        if (type != null
                && !(isOriginal
                        && supported.contains(type)
                        && !TransformersKeys.isTransformers(config))) {
            if (!supported.contains(type)) {
                throw Relatives.unsupported(config, type, supported);
            }
            return TRANSFORMERS;
        }
        if (isOriginal) {
            return ORIGINAL;
        }
        throw config.malformed(
                "not the configuration of a Mamba model: there is neither the key \"model_type\""
                        + " nor \"d_model\" with \"n_layer\"");
    }
}
