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
package ai.djl.mamba;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Mixer.Layer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.mamba.MambaOptions;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The sizes and options of a model: a stack of layers, each with its own mixer. Symbols: V
 * vocabulary, d model size.
 *
 * @param vocabSize the number of token ids, V
 * @param padVocabMultiple the embedding and the logits are rounded up to a multiple of this; padded
 *     ids have logits but are not tokens
 * @param modelSize d
 * @param layers the mixers, first layer first, fitted to the model size
 * @param norm the norm before each mixer and after the last layer
 * @param tiedHead whether the head shares the weight of the embedding
 * @param dropout the dropout rate on the output of each mixer in training, in [0, 1)
 */
public record MambaConfig(
        int vocabSize,
        int padVocabMultiple,
        int modelSize,
        List<Mixer> layers,
        Norm norm,
        boolean tiedHead,
        float dropout) {

    /** No model has more layers; a number in a damaged file must not allocate memory. */
    static final int MAX_LAYERS = 1 << 16;

    /**
     * Checks the sizes and {@linkplain Mixer#forModelSize fits} the mixers to the model size.
     *
     * @throws IllegalArgumentException if a size is out of range, or an option contradicts another
     */
    public MambaConfig {
        String name = "MambaConfig";
        Checks.positive(name, "vocabSize", vocabSize);
        Checks.positive(name, "padVocabMultiple", padVocabMultiple);
        Checks.positive(name, "modelSize", modelSize);
        checkMixers(layers);
        Checks.require(norm != null, name, "norm must not be null");
        Checks.dropout(name, dropout);
        Checks.require(
                (long) vocabSize + padVocabMultiple <= Checks.MAX_SIZE,
                name,
                "the padded vocabulary is too large: %d, padded to a multiple of %d",
                vocabSize,
                padVocabMultiple);
        Checks.size(name, "modelSize", modelSize);
        int size = modelSize;
        layers = layers.stream().map(mixer -> mixer.forModelSize(size)).toList();
        Checks.elements(name, "the embedding", vocabSize, modelSize);
    }

    private static void checkMixers(List<? extends Mixer> layers) {
        String name = "MambaConfig";
        Checks.require(layers != null, name, "layers must not be null");
        Checks.require(
                !layers.isEmpty() && layers.size() <= MAX_LAYERS,
                name,
                "expected between 1 and %d layers, got %d",
                MAX_LAYERS,
                layers.size());
        Checks.require(
                layers.stream().allMatch(Objects::nonNull),
                name,
                "the mixer of a layer must not be null");
    }

    /**
     * Returns the number of layers.
     *
     * @return the number of layers
     */
    public int numLayers() {
        return layers.size();
    }

    /**
     * Returns the distinct mixers.
     *
     * @return each mixer once, in the order of first occurrence; a single one if all layers are
     *     alike
     */
    public Set<Mixer> mixers() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(layers));
    }

    /**
     * Returns the number of rows of the embedding and of columns of the logits.
     *
     * @return {@link #vocabSize} rounded up to a multiple of {@link #padVocabMultiple}
     */
    public int paddedVocabSize() {
        return (vocabSize + padVocabMultiple - 1) / padVocabMultiple * padVocabMultiple;
    }

    /**
     * Returns a configuration that differs in its head only.
     *
     * @param tied whether the head shares the weight of the embedding
     * @return this configuration with {@link #tiedHead} as given
     */
    public MambaConfig withTiedHead(boolean tied) {
        return new MambaConfig(vocabSize, padVocabMultiple, modelSize, layers, norm, tied, dropout);
    }

    /** What the blocks of the layers need to know about the model. */
    Layer layer() {
        return new Layer(modelSize, numLayers(), norm);
    }

    /**
     * Returns this configuration as one line of JSON, the form in which it is saved: default values
     * are left out, so equal configurations have equal texts, in later versions as well.
     *
     * @return the text, which {@link #parse} reads
     */
    public String toJson() {
        return ConfigJson.write(this);
    }

    /**
     * Reads a configuration from {@link #toJson} or from a file of version 0.1.
     *
     * @param text the text
     * @return the configuration
     * @throws IllegalArgumentException if the text does not describe a configuration; the message
     *     says what is wrong
     */
    public static MambaConfig parse(String text) {
        Checks.require(text != null, "MambaConfig", "text must not be null");
        return LegacyConfig.isLegacy(text) ? LegacyConfig.parse(text) : ConfigJson.read(text);
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link MambaConfig}. */
    public static final class Builder {

        private int vocabSize;
        private int padVocabMultiple = 1;
        private int modelSize;
        private int numLayers;
        private Mixer mixer;
        private List<Mixer> layers;
        private Norm norm = Norm.DEFAULT;
        private boolean tiedHead = true;
        private float dropout;

        Builder() {}

        /**
         * Sets the <b>required</b> number of token ids.
         *
         * @param vocabSize V
         * @return this builder
         */
        public Builder setVocabSize(int vocabSize) {
            this.vocabSize = vocabSize;
            return this;
        }

        /**
         * Sets the <b>required</b> model size.
         *
         * @param modelSize d
         * @return this builder
         */
        public Builder setModelSize(int modelSize) {
            this.modelSize = modelSize;
            return this;
        }

        /**
         * Sets the number of layers, all with the mixer of {@link #optMixer}. This or {@link
         * #setLayers} is <b>required</b>.
         *
         * @param numLayers the number of layers
         * @return this builder
         */
        public Builder setNumLayers(int numLayers) {
            this.numLayers = numLayers;
            return this;
        }

        /**
         * Sets the mixer of all layers (default: Mamba with the options of the published models).
         *
         * @param mixer the options of the mixer
         * @return this builder
         * @throws IllegalArgumentException if the mixer is null
         */
        public Builder optMixer(Mixer mixer) {
            Checks.require(mixer != null, "MambaConfig", "optMixer must not be null");
            this.mixer = mixer;
            return this;
        }

        /**
         * Sets the mixer of each layer, instead of {@link #setNumLayers} and {@link #optMixer}.
         *
         * @param layers the mixers, first layer first
         * @return this builder
         * @throws IllegalArgumentException if there is none, or one is null
         */
        public Builder setLayers(List<? extends Mixer> layers) {
            checkMixers(layers);
            this.layers = List.copyOf(layers);
            return this;
        }

        /**
         * Sets the multiple to which the vocabulary is padded (default: 1).
         *
         * @param multiple the multiple
         * @return this builder
         */
        public Builder optPadVocabMultiple(int multiple) {
            padVocabMultiple = multiple;
            return this;
        }

        /**
         * Sets the norm before each mixer and after the last layer (default: {@link Norm#DEFAULT}).
         *
         * @param norm the norm
         * @return this builder
         */
        public Builder optNorm(Norm norm) {
            this.norm = norm;
            return this;
        }

        /**
         * Sets whether the head shares the weight of the embedding (default: true).
         *
         * @param tiedHead whether the weight is shared
         * @return this builder
         */
        public Builder optTiedHead(boolean tiedHead) {
            this.tiedHead = tiedHead;
            return this;
        }

        /**
         * Sets the dropout rate on the output of each mixer in training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(float dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws IllegalArgumentException if a size is missing or out of range, or an option
         *     contradicts another
         */
        public MambaConfig build() {
            String name = "MambaConfig";
            Checks.required(name, "vocabSize", vocabSize);
            Checks.required(name, "modelSize", modelSize);
            return new MambaConfig(
                    vocabSize, padVocabMultiple, modelSize, mixers(name), norm, tiedHead, dropout);
        }

        private List<Mixer> mixers(String name) {
            if (layers != null) {
                Checks.require(
                        numLayers == 0 && mixer == null,
                        name,
                        "setLayers sets the mixer of each layer: setNumLayers and optMixer"
                                + " cannot be combined with it");
                return layers;
            }
            Checks.require(numLayers != 0, name, "setNumLayers or setLayers is required");
            Checks.positive(name, "numLayers", numLayers);
            return Collections.nCopies(numLayers, mixer == null ? new MambaOptions() : mixer);
        }
    }
}
