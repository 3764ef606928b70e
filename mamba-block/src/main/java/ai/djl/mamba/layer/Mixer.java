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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Checks;
import com.google.gson.JsonObject;
import java.util.Set;

/**
 * The options of a mixer, as a value: which block a {@link ResidualBlock} of a model contains, such
 * as a Mamba block, and its sizes.
 *
 * <p>A kind of mixer is a record that implements this interface. Each component is an {@code int},
 * {@code long}, {@code float}, {@code double}, {@code boolean}, {@code String}, enum, or a record
 * of these, so that {@link #toJson} can save it. The record checks its components in its
 * constructor, and has a public constructor without parameters that sets the defaults. Java's
 * {@link java.util.ServiceLoader} finds the kind: a line in {@code
 * META-INF/services/ai.djl.mamba.layer.Mixer} registers it.
 */
public interface Mixer {

    /**
     * Returns the name of this kind of mixer, which identifies it in saved configurations.
     *
     * @return a short name in lower case, such as {@code mamba}
     */
    String kind();

    /**
     * Creates the block of one layer.
     *
     * @param layer the model around the block
     * @return a new block, (B, L, d) → (B, L, d), without a gate input
     */
    SequenceBlock newBlock(Layer layer);

    /**
     * Fits these options to a model: checks that they can be used in it and fills in the options
     * that are derived from its size.
     *
     * @param modelSize d
     * @return complete options of the same kind
     * @throws IllegalArgumentException if the options contradict the model size
     */
    default Mixer forModelSize(int modelSize) {
        return this;
    }

    /**
     * Writes these options as JSON, leaving out those with default values.
     *
     * @return the kind and the options
     */
    default JsonObject toJson() {
        return Mixers.toJson(this);
    }

    /**
     * Reads options that {@link #toJson} wrote.
     *
     * @param json the kind and the options
     * @param others keys that are not options but belong to the caller
     * @return the options
     * @throws IllegalArgumentException if the kind or an option is unknown, or a value is wrong
     */
    static Mixer fromJson(JsonObject json, String... others) {
        return Mixers.fromJson(json, others);
    }

    /**
     * Returns the names of all kinds of mixers: those listed in {@code
     * META-INF/services/ai.djl.mamba.layer.Mixer} by any jar on the class path.
     *
     * @return the names, in alphabetical order
     */
    static Set<String> kinds() {
        return Mixers.kinds();
    }

    /**
     * Returns the default options of a kind.
     *
     * @param kind the name of the kind, see {@link #kind}
     * @return the options
     * @throws IllegalArgumentException if there is no such kind
     */
    static Mixer defaults(String kind) {
        return Mixers.defaults(kind);
    }

    /**
     * What a {@link Mixer} needs to know about the model around its block.
     *
     * @param modelSize d
     * @param numLayers the number of layers in the model
     * @param norm the norm that the model uses
     */
    record Layer(int modelSize, int numLayers, Norm norm) {

        /** Checks the sizes. */
        public Layer {
            Checks.positive("Mixer.Layer", "modelSize", modelSize);
            Checks.positive("Mixer.Layer", "numLayers", numLayers);
            Checks.given("Mixer.Layer", "norm", norm);
        }

        /**
         * Returns the factor on the initial weight of the projection back to the residual stream,
         * which keeps the variance of a deep stack in check (Gu and Dao 2023, appendix E.2, after
         * GPT-2).
         *
         * @return 1/√numLayers
         */
        public double outputScale() {
            return 1 / Math.sqrt(numLayers);
        }
    }
}
