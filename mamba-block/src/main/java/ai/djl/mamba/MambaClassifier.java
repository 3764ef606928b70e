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
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.TokenIds;
import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import java.util.List;

/**
 * Classifies whole sequences: token ids (B, L), or vectors (B, L, F), → class logits (B, C).
 *
 * <p>Embedding (or a projection of the vectors), {@link MambaBackbone}, pooling over the tokens of
 * each row, dropout, linear layer. An optional second input gives a mask (B, L) or the lengths (B);
 * padding does not affect the result. A row is one document: rows with several segments are
 * rejected.
 */
public final class MambaClassifier extends SequenceBlock {

    private static final byte VERSION = 1;

    /** How the outputs of a row become one vector. */
    public enum Pooling {
        /** The output at the last token. */
        LAST {
            @Override
            public NDArray apply(NDArray hidden, Padding padding) {
                return Padding.last(hidden, padding).squeeze(1);
            }
        },
        /** The mean of the outputs at all tokens. */
        MEAN {
            @Override
            public NDArray apply(NDArray hidden, Padding padding) {
                if (padding == null) {
                    return hidden.mean(new int[] {1});
                }
                NDArray count = padding.mask().sum(new int[] {1}); // (B, 1)
                return hidden.mul(padding.mask()).sum(new int[] {1}).div(count);
            }
        };

        /**
         * Pools.
         *
         * @param hidden the outputs, (B, L, d)
         * @param padding which positions are tokens, or {@code null} for all
         * @return the pooled vectors, (B, d)
         */
        public abstract NDArray apply(NDArray hidden, Padding padding);
    }

    private final MambaConfig config;
    private final Pooling pooling;
    private final boolean bidirectional;
    private final int numClasses;
    private final Parameter embedding; // null for vectors
    private final Projection inputProjection; // null for token ids
    private final MambaBackbone backbone;
    private final Projection head;

    @SuppressWarnings("this-escape")
    MambaClassifier(Builder builder) {
        super(VERSION, false);
        config = builder.config;
        pooling = builder.pooling();
        bidirectional = builder.bidirectional;
        numClasses = builder.numClasses;
        if (builder.vectorInput) {
            embedding = null;
            inputProjection = addChildBlock("input_proj", new Projection(config.modelSize(), true));
        } else {
            embedding = addParameter(Parameters.of("embedding", new NormalInitializer(0.02f)));
            embedding.setShape(new Shape(config.paddedVocabSize(), config.modelSize()));
            inputProjection = null;
        }
        backbone = addChildBlock("backbone", new MambaBackbone(config, bidirectional, false));
        head = addChildBlock("head", new Projection(numClasses, builder.headBias));
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        Padding padding = input.padding();
        if (padding != null) {
            for (long length : padding.lengths()) {
                Checks.require(length > 0, "MambaClassifier", "a row without tokens has no class");
            }
            Checks.require(
                    padding.documents() == null,
                    "MambaClassifier",
                    "a row has one class, so its tokens must all have the same segment number");
        }
        try (NDList scratch = new NDList()) {
            NDArray h = embed(parameterStore, input.data(), training);
            scratch.add(h); // (B, L, d)
            SequenceInput inner = new SequenceInput(h, null, padding, null, false, false);
            scratch.addAll(backbone.forwardSequence(parameterStore, inner, training));
            NDArray hidden = scratch.get(1);
            NDArray pooled =
                    Scoped.array(
                            h.getManager(), () -> drop(pooling.apply(hidden, padding), training));
            scratch.add(pooled); // (B, d)
            return new NDList(head.apply(parameterStore, pooled, training));
        }
    }

    private NDArray embed(ParameterStore store, NDArray data, boolean training) {
        if (inputProjection != null) {
            return inputProjection.apply(store, data, training);
        }
        NDArray weight = store.getValue(embedding, data.getDevice(), training);
        return TokenIds.embed(data, weight, config.vocabSize(), this);
    }

    private NDArray drop(NDArray x, boolean training) {
        return training && config.dropout() > 0
                ? Dropout.dropout(x, config.dropout(), true).singletonOrThrow()
                : x;
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return head.getOutputShapes(
                new Shape[] {new Shape(inputShapes[0].get(0), config.modelSize())});
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return List.of();
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return backbone.dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return inputProjection == null
                ? 1
                : inputProjection.getWeight().getArray().getShape().get(1);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return config.modelSize();
    }

    /** {@inheritDoc} */
    @Override
    protected int inputRank() {
        return inputProjection == null ? 2 : 3;
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return false;
    }

    /** {@inheritDoc} */
    @Override
    protected boolean isPooled() {
        return true;
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape in = inputShapes[0];
        Shape hidden = new Shape(in.get(0), in.get(1), config.modelSize());
        if (inputProjection != null) {
            inputProjection.initialize(manager, dataType, in);
        }
        backbone.initialize(manager, dataType, hidden);
        head.initialize(manager, dataType, new Shape(in.get(0), config.modelSize()));
    }

    /**
     * Returns the configuration.
     *
     * @return the sizes and options of the stack
     */
    public MambaConfig getConfig() {
        return config;
    }

    /**
     * Returns the number of classes.
     *
     * @return C
     */
    public int getNumClasses() {
        return numClasses;
    }

    /**
     * Returns the pooling.
     *
     * @return how the outputs of a row become one vector
     */
    public Pooling getPooling() {
        return pooling;
    }

    /**
     * Returns whether each layer also reads the sequence backwards.
     *
     * @return whether the mixers are {@link BidirectionalBlock}s
     */
    public boolean isBidirectional() {
        return bidirectional;
    }

    /**
     * Returns the embedding.
     *
     * @return the weight, (V, d), or {@code null} if the input is vectors
     */
    public Parameter getEmbedding() {
        return embedding;
    }

    /**
     * Returns the projection of the input.
     *
     * @return the layer from (…, F) to (…, d), or {@code null} if the input is token ids
     */
    public Projection getInputProjection() {
        return inputProjection;
    }

    /**
     * Returns the head.
     *
     * @return the layer from the pooled vector (B, d) to the logits (B, C)
     */
    public Projection getHead() {
        return head;
    }

    /**
     * Returns the stack of layers.
     *
     * @return the layers and the final norm
     */
    public MambaBackbone getBackbone() {
        return backbone;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link MambaClassifier}. */
    public static final class Builder {

        MambaConfig config;
        int numClasses;
        Pooling pooling;
        boolean bidirectional;
        boolean vectorInput;
        boolean headBias = true;

        Builder() {}

        /**
         * Sets the <b>required</b> sizes and options of the stack.
         *
         * @param config the configuration; its vocabulary is used for token ids only
         * @return this builder
         */
        public Builder setConfig(MambaConfig config) {
            this.config = config;
            return this;
        }

        /**
         * Sets the <b>required</b> number of classes.
         *
         * @param numClasses C
         * @return this builder
         */
        public Builder setNumClasses(int numClasses) {
            this.numClasses = numClasses;
            return this;
        }

        /**
         * Sets the pooling (default: the last token, or the mean for a bidirectional model).
         *
         * @param pooling the pooling
         * @return this builder
         */
        public Builder optPooling(Pooling pooling) {
            this.pooling = pooling;
            return this;
        }

        /**
         * Sets whether each layer also reads the sequence backwards (default: false).
         *
         * @param bidirectional whether the layers are bidirectional
         * @return this builder
         */
        public Builder optBidirectional(boolean bidirectional) {
            this.bidirectional = bidirectional;
            return this;
        }

        /**
         * Sets whether the input is vectors (B, L, F) rather than token ids (default: false).
         *
         * @param vectorInput whether the input is vectors
         * @return this builder
         */
        public Builder optVectorInput(boolean vectorInput) {
            this.vectorInput = vectorInput;
            return this;
        }

        /**
         * Sets whether the head has a bias (default: true).
         *
         * @param headBias whether the head has a bias
         * @return this builder
         */
        public Builder optHeadBias(boolean headBias) {
            this.headBias = headBias;
            return this;
        }

        /**
         * Builds the model.
         *
         * @return the model
         * @throws IllegalArgumentException if a required option is missing
         */
        public MambaClassifier build() {
            Checks.require(config != null, "MambaClassifier", "setConfig is required");
            Checks.required("MambaClassifier", "numClasses", numClasses);
            Checks.size("MambaClassifier", "numClasses", numClasses);
            return new MambaClassifier(this);
        }

        /** The given pooling, or the one that suits the direction of reading. */
        private Pooling pooling() {
            Pooling suitable = bidirectional ? Pooling.MEAN : Pooling.LAST;
            return pooling == null ? suitable : pooling;
        }
    }
}
