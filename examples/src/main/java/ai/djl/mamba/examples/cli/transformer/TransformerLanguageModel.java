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
package ai.djl.mamba.examples.cli.transformer;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.TokenIds;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SegmentedBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A causal language model of DJL's transformer blocks, with which Mamba is compared: token ids (B,
 * L) → logits (B, L, V).
 *
 * <p>Embedding · √d plus sinusoidal positions, which do not limit the length of a sequence; the
 * layers; a head that shares the weight of the embedding. The inputs are those of a {@link
 * ai.djl.mamba.layer.SequenceBlock} without state: after the ids may come segments (B, L), 0 at
 * padding, or lengths (B). A token sees the tokens of its own document up to itself, and positions
 * count from the start of the document.
 *
 * <p>The layers are DJL's {@link TransformerEncoderBlock}s or, with {@link Builder#optPreNorm},
 * DJL's attention and feed-forward blocks with a LayerNorm before each. Note the batch norm of the
 * former: in training its statistics are those of all positions of the batch, including padding and
 * later tokens, so that only inference is causal.
 *
 * <p>DJL's attention computes all L² scores of each head at once. {@link #extend} reads further
 * tokens with the keys and values of earlier ones in a {@link KeyValueCache}: for decoding, and for
 * reading a long sequence in parts. Parameters are FLOAT32, as DJL's attention block makes them.
 */
public final class TransformerLanguageModel extends AbstractBlock implements SegmentedBlock {

    private static final byte VERSION = 1;
    private static final String NAME = "TransformerLanguageModel";

    private final TransformerSizes sizes;
    private final Parameter embedding;
    private final List<TransformerLayer> layers = new ArrayList<>();
    private final Block norm; // or null

    @SuppressWarnings("this-escape")
    private TransformerLanguageModel(TransformerSizes sizes) {
        super(VERSION);
        this.sizes = sizes;
        float scale = (float) (1 / Math.sqrt(sizes.modelSize()));
        embedding = addParameter(Parameters.of("embedding", new NormalInitializer(scale)));
        embedding.setShape(new Shape(sizes.vocabSize(), sizes.modelSize()));
        for (int i = 0; i < sizes.numLayers(); i++) {
            TransformerLayer layer =
                    sizes.preNorm() ? new PreNormLayer(sizes) : new EncoderLayer(sizes);
            layers.add(addChildBlock("layer", layer));
        }
        norm =
                sizes.preNorm()
                        ? addChildBlock("norm", LayerNorm.builder().axis(2).build())
                        : null; // DJL's layer ends with a norm
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray ids = checkedIds(inputs.get(0));
        Checks.require(
                inputs.size() <= 2, NAME, "expected ids and segments, got %d", inputs.size());
        TokenPlaces places =
                inputs.size() == 2
                        ? TokenPlaces.of(ids.getShape(), inputs.get(1))
                        : TokenPlaces.of(ids.getShape());
        NDManager manager = ids.getManager();
        NDArray weight = parameterStore.getValue(embedding, ids.getDevice(), training);
        NDArray x;
        try (NDArray positions = places.sinusoids(manager, sizes.modelSize())) {
            x = embed(ids, weight, positions);
        }
        try (NDArray offset = places.offset(manager)) {
            for (TransformerLayer layer : layers) {
                try (NDArray before = x) {
                    x = layer.forward(parameterStore, new NDList(before, offset), training).get(0);
                }
            }
        }
        return new NDList(logits(parameterStore, x, weight, training));
    }

    /**
     * Returns the number of attention heads.
     *
     * @return the number of heads
     */
    public int heads() {
        return sizes.heads();
    }

    private static NDArray checkedIds(NDArray ids) {
        Shape shape = ids.getShape();
        Checks.require(
                shape.dimension() == 2 && shape.size() > 0,
                NAME,
                "expected an input of shape (B, L) of token ids, got %s",
                shape);
        return ids;
    }

    private NDArray embed(NDArray ids, NDArray weight, NDArray positions) {
        try (NDArray vectors = TokenIds.embed(ids, weight, sizes.vocabSize(), this)) {
            float scale = (float) Math.sqrt(sizes.modelSize());
            return Scoped.array(
                    ids.getManager(),
                    () -> Differentiable.scale(vectors, scale).add(positions)); // (B, L, d)
        }
    }

    /** The logits of hidden vectors (B, T, d), which are closed. */
    private NDArray logits(ParameterStore store, NDArray x, NDArray weight, boolean training) {
        try (NDArray hidden = norm == null ? x : Scoped.apply(norm, store, x, training)) {
            return Projection.multiply(hidden, weight, null, training); // (B, T, V)
        } finally {
            x.close();
        }
    }

    /**
     * Creates an empty cache.
     *
     * @param manager the manager that owns it
     * @param batch the number of rows B
     * @param capacity the number of tokens of each row to reserve memory for, at least 1; it grows
     *     when they are exceeded
     * @return the cache, to be closed
     */
    public KeyValueCache newCache(NDManager manager, long batch, long capacity) {
        return new KeyValueCache(manager, sizes, batch, capacity);
    }

    /**
     * Reads tokens after those in the cache, and adds them to it; in inference the logits equal
     * those of one call with all tokens.
     *
     * @param parameterStore the parameter store
     * @param ids the tokens, (B, T)
     * @param cache the cache
     * @return the logits, (B, T, V), attached to the manager of the ids
     */
    public NDArray extend(ParameterStore parameterStore, NDArray ids, KeyValueCache cache) {
        checkedIds(ids);
        NDManager manager = ids.getManager();
        int count = Math.toIntExact(ids.getShape().get(1));
        long past = cache.length();
        cache.reserve(count);
        NDArray weight = parameterStore.getValue(embedding, ids.getDevice(), false);
        NDArray x;
        try (NDArray positions = TokenPlaces.sinusoids(manager, past, count, sizes.modelSize())) {
            x = embed(ids, weight, positions);
        }
        try (NDArray offset = TokenPlaces.offset(manager, past, count)) {
            for (int i = 0; i < layers.size(); i++) {
                try (NDArray before = x) {
                    x = extendLayer(parameterStore, i, before, offset, cache);
                }
            }
        }
        cache.advance(count);
        return logits(parameterStore, x, weight, false);
    }

    private NDArray extendLayer(
            ParameterStore store, int index, NDArray x, NDArray offset, KeyValueCache cache) {
        TransformerLayer layer = layers.get(index);
        CachedAttention attention =
                new CachedAttention(layer.attention(), sizes.heads(), cache, index);
        UnaryOperator<NDArray> attended = y -> attention.apply(store, y, offset);
        return layer.scoped(store, x, false, y -> layer.around(store, y, attended));
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Checks.require(
                dataType == DataType.FLOAT32,
                NAME,
                "DJL's attention block has parameters of type float32, got %s",
                dataType);
        Shape hidden = new Shape(inputShapes[0].get(0), inputShapes[0].get(1), sizes.modelSize());
        for (Block child : getChildren().values()) {
            child.initialize(manager, dataType, hidden);
        }
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0].add(sizes.vocabSize())};
    }

    /** {@inheritDoc} */
    @Override
    protected void saveMetadata(DataOutputStream os) throws IOException {
        super.saveMetadata(os);
        os.writeUTF(sizes.toString());
    }

    /** {@inheritDoc} */
    @Override
    protected void loadMetadata(byte loadVersion, DataInputStream is)
            throws IOException, MalformedModelException {
        super.loadMetadata(loadVersion, is);
        String saved = is.readUTF();
        if (!saved.equals(sizes.toString())) {
            throw new MalformedModelException(
                    "The parameters belong to another model: expected "
                            + sizes
                            + ", found "
                            + saved);
        }
    }

    /** The builder of a {@link TransformerLanguageModel}. */
    public static final class Builder {

        private int vocabSize;
        private int modelSize;
        private int numLayers;
        private int heads;
        private int hiddenSize;
        private float dropout;
        private boolean preNorm;

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
         * @param modelSize d, even
         * @return this builder
         */
        public Builder setModelSize(int modelSize) {
            this.modelSize = modelSize;
            return this;
        }

        /**
         * Sets the <b>required</b> number of layers.
         *
         * @param numLayers the number of layers
         * @return this builder
         */
        public Builder setNumLayers(int numLayers) {
            this.numLayers = numLayers;
            return this;
        }

        /**
         * Sets the number of attention heads (default: one for each 64 of d).
         *
         * @param heads the heads, a divisor of d
         * @return this builder
         */
        public Builder optHeads(int heads) {
            this.heads = heads;
            return this;
        }

        /**
         * Sets the width of the feed-forward blocks (default: 4 · d).
         *
         * @param hiddenSize the width
         * @return this builder
         */
        public Builder optHiddenSize(int hiddenSize) {
            this.hiddenSize = hiddenSize;
            return this;
        }

        /**
         * Sets the rate of dropout while training (default: 0).
         *
         * @param dropout the rate, in [0, 1)
         * @return this builder
         */
        public Builder optDropout(float dropout) {
            this.dropout = dropout;
            return this;
        }

        /**
         * Sets whether the layers are pre-norm layers with LayerNorm rather than DJL's encoder
         * blocks (default: false).
         *
         * @param preNorm whether they are
         * @return this builder
         */
        public Builder optPreNorm(boolean preNorm) {
            this.preNorm = preNorm;
            return this;
        }

        /**
         * Builds the model.
         *
         * @return the model
         * @throws IllegalArgumentException if a required size is missing or a size out of range
         */
        public TransformerLanguageModel build() {
            return new TransformerLanguageModel(
                    new TransformerSizes(
                            vocabSize,
                            modelSize,
                            numLayers,
                            heads == 0 ? heads(modelSize) : heads,
                            hiddenSize == 0 ? 4 * modelSize : hiddenSize,
                            dropout,
                            preNorm));
        }

        private static int heads(int modelSize) {
            int heads = Math.max(1, modelSize / 64);
            while (modelSize % heads != 0) {
                heads--;
            }
            return heads;
        }
    }
}
