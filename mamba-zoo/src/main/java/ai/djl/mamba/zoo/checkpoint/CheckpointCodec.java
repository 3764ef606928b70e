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
import ai.djl.mamba.MambaConfig;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import java.util.Optional;
import java.util.Set;

/**
 * A family of models as checkpoints have it: which configurations describe it, how they are read
 * and written, and what its tensors are called.
 *
 * <p>Java's {@link java.util.ServiceLoader} finds the families: a class that implements this
 * interface, has a public constructor without parameters, and is listed in {@code
 * META-INF/services/ai.djl.mamba.zoo.checkpoint.CheckpointCodec} of any jar on the class path adds
 * one. {@link TransformersKeys} and {@link OriginalKeys} read and write the keys that do not depend
 * on the family.
 */
public interface CheckpointCodec {

    /**
     * What a configuration is written for.
     *
     * @param dialect the dialect
     * @param head how the name of the model's class ends in transformers, such as {@code
     *     ForCausalLM}
     * @param type the type of the stored numbers
     */
    record Form(Dialect dialect, String head, DataType type) {}

    /**
     * Returns what the family is called in {@code model_type} of transformers.
     *
     * @return the model types; none for a family that this dialect does not have
     */
    Set<String> modelTypes();

    /**
     * Returns what the family is called in {@code ssm_cfg.layer} of the original dialect.
     *
     * @return the layers; none for a family that this dialect does not have
     */
    Set<String> layers();

    /**
     * Tells whether a configuration describes a model of this family. Exactly one codec may claim a
     * configuration.
     *
     * @param config the configuration
     * @param dialect its dialect
     * @return whether {@link #read} can be called; by default this depends only on the model type
     *     or layer
     * @throws MalformedModelException if a value is not of its type
     */
    default boolean reads(ConfigFile config, Dialect dialect) throws MalformedModelException {
        return switch (dialect) {
            case TRANSFORMERS -> modelTypes().contains(TransformersKeys.modelType(config));
            case ORIGINAL -> layers().contains(OriginalKeys.layer(config));
        };
    }

    /**
     * Reads a configuration.
     *
     * @param config the configuration
     * @param dialect its dialect
     * @return the sizes and options of the model
     * @throws MalformedModelException if a value is missing or out of range, or describes a variant
     *     that is not supported; the message names the key
     * @throws IllegalArgumentException if the values contradict one another
     */
    MambaConfig read(ConfigFile config, Dialect dialect) throws MalformedModelException;

    /**
     * Tells whether this codec can write a configuration so that {@link #read} returns an equal
     * one.
     *
     * @param config the sizes and options of a model
     * @param dialect the dialect
     * @return whether {@link #write} can be called
     */
    boolean writes(MambaConfig config, Dialect dialect);

    /**
     * Writes a configuration.
     *
     * @param config the sizes and options of a model
     * @param form the dialect, and what else the file says
     * @return the content of {@code config.json}
     */
    JsonObject write(MambaConfig config, Form form);

    /**
     * Tells what the library that a dialect comes from does not have: it would load the files of
     * such a model and compute something else.
     *
     * @param config the sizes and options of a model
     * @param dialect the dialect
     * @return what the model has, such as "a norm before the gate"; empty if the library computes
     *     the model
     */
    default Optional<String> foreign(MambaConfig config, Dialect dialect) {
        return Optional.empty();
    }

    /**
     * Returns the name of a tensor in the files of this family.
     *
     * @param name its name after the blocks that contain it, such as {@code
     *     backbone.layers.0.mixer.ssm.A_log}
     * @param config the sizes and options of the model
     * @return the name in the files; by default a state space layer {@code ssm} has no name of its
     *     own: {@code backbone.layers.0.mixer.A_log}
     */
    default String tensorName(String name, MambaConfig config) {
        return name.replace(".ssm.", ".");
    }
}
