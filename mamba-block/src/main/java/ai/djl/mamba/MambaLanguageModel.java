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

import ai.djl.MalformedModelException;
import ai.djl.inference.streaming.StreamingBlock;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.TokenIds;
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
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * A Mamba language model: token ids (B, L) → logits (B, L, V), where V is the padded vocabulary.
 *
 * <p>Embedding, {@link MambaBackbone}, head; the head shares the weight of the embedding unless the
 * configuration says otherwise. Ids are whole numbers of any type. Inputs, outputs and state are
 * those of a {@link SequenceBlock}; with the parameter {@link SequenceBlock#LAST_ONLY} the head is
 * applied to the last token of each row only.
 */
public final class MambaLanguageModel extends SequenceBlock implements StreamingBlock {

    private static final byte VERSION = 1;

    private MambaConfig config;
    private final Parameter embedding;
    private final MambaBackbone backbone;
    private Projection head; // null if it is tied

    /**
     * Creates a model that returns logits.
     *
     * @param config the sizes and options
     */
    public MambaLanguageModel(MambaConfig config) {
        this(config, false);
    }

    /**
     * Creates a model.
     *
     * @param config the sizes and options
     * @param returnState whether the outputs end with the state
     */
    @SuppressWarnings("this-escape")
    public MambaLanguageModel(MambaConfig config, boolean returnState) {
        super(VERSION, returnState);
        this.config = Checks.given("MambaLanguageModel", "config", config);
        embedding = addParameter(Parameters.of("embedding", new NormalInitializer(0.02f)));
        embedding.setShape(new Shape(config.paddedVocabSize(), config.modelSize()));
        backbone = addChildBlock("backbone", new MambaBackbone(config, false, returnState));
        head = config.tiedHead() ? null : addHead();
    }

    private Projection addHead() {
        return addChildBlock("lm_head", new Projection(config.paddedVocabSize(), false));
    }

    /**
     * Gives the head a weight of its own, so that it can differ from the embedding, and changes the
     * configuration accordingly. The weight starts as a copy of the embedding, frozen if that is,
     * so that the outputs stay what they are. A head that is not tied stays as it is.
     *
     * @param manager the manager that owns the weight if the model is initialized
     */
    public void untieHead(NDManager manager) {
        if (head != null) {
            return;
        }
        config = config.withTiedHead(false);
        head = addHead();
        if (!embedding.isInitialized()) {
            return;
        }
        Parameter weight = head.getWeight();
        Initializer usual = weight.getInitializer();
        weight.setInitializer((owner, shape, type) -> copyOfEmbedding(owner));
        weight.freeze(!embedding.requiresGradient());
        head.initialize(manager, dataType(), new Shape(1, 1, config.modelSize()));
        weight.setInitializer(usual);
    }

    private NDArray copyOfEmbedding(NDManager owner) {
        NDArray copy = embedding.getArray().duplicate();
        copy.attach(owner);
        return copy;
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray ids = input.data();
        NDArray weight = parameterStore.getValue(embedding, ids.getDevice(), training);
        try (NDList scratch = new NDList()) {
            NDArray embedded = TokenIds.embed(ids, weight, config.vocabSize(), this);
            scratch.add(embedded); // (B, L, d)
            NDList result =
                    backbone.forwardSequence(
                            parameterStore, input.cursor().next(backbone, embedded), training);
            NDArray hidden = result.get(0);
            scratch.add(hidden);
            if (input.lastOnly()) {
                hidden = Padding.last(hidden, input.padding()); // (B, 1, d)
                scratch.add(hidden);
            }
            result.set(0, logits(parameterStore, hidden, weight, training));
            return result;
        }
    }

    /**
     * Looks ids up in the embedding.
     *
     * @param parameterStore the parameter store
     * @param ids the ids, (B, L)
     * @return the input of {@link #getBackbone}, (B, L, d), attached to the manager of the ids
     * @throws IllegalArgumentException if an id is outside [0, vocabSize)
     */
    public NDArray embed(ParameterStore parameterStore, NDArray ids) {
        NDArray weight = parameterStore.getValue(embedding, ids.getDevice(), false);
        return TokenIds.embed(ids, weight, config.vocabSize(), this);
    }

    private NDArray logits(
            ParameterStore store, NDArray hidden, NDArray embeddingWeight, boolean training) {
        if (head != null) {
            return head.apply(store, hidden, training);
        }
        return Projection.multiply(hidden, embeddingWeight, null, training);
    }

    /**
     * Continues the input greedily, token by token, endlessly and in constant memory: each element
     * holds the logits (B, 1, V) of the next token, to be closed by the caller.
     *
     * @param parameterStore the parameter store
     * @param inputs the inputs as for {@code forward}; their manager owns the state while the
     *     stream runs, and closing it ends the stream
     * @param training whether this is a training forward pass
     * @param params unused
     * @return the logits, computed lazily
     * @throws IllegalArgumentException if the model does not return its state
     */
    @Override
    public Iterator<NDList> forwardStreamIter(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        Checks.require(
                returnsState(),
                "MambaLanguageModel",
                "only a model that returns its state can continue a sequence");
        return new GreedyStream(this, parameterStore, inputs, training);
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return backbone.getStateSpecs();
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return embedding.getArray().getDataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return 1;
    }

    /** {@inheritDoc} */
    @Override
    protected int inputRank() {
        return 2;
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return config.paddedVocabSize();
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        Shape hidden = new Shape(inputShapes[0].get(0), inputShapes[0].get(1), config.modelSize());
        backbone.initialize(manager, dataType, hidden);
        if (head != null) {
            head.initialize(manager, dataType, hidden);
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void saveMetadata(DataOutputStream os) throws IOException {
        super.saveMetadata(os);
        os.writeUTF(config.toJson());
    }

    /** {@inheritDoc} */
    @Override
    protected void loadMetadata(byte loadVersion, DataInputStream is)
            throws IOException, MalformedModelException {
        super.loadMetadata(loadVersion, is);
        MambaConfig saved = parse(is.readUTF());
        if (!saved.equals(config)) {
            throw new MalformedModelException(
                    "The parameters belong to another model: expected "
                            + config.toJson()
                            + ", found "
                            + saved.toJson());
        }
    }

    private static MambaConfig parse(String text) throws MalformedModelException {
        try {
            return MambaConfig.parse(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedModelException(
                    "The parameters do not say which model they belong to: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the configuration.
     *
     * @return the sizes and options
     */
    public MambaConfig getConfig() {
        return config;
    }

    /**
     * Returns the embedding.
     *
     * @return the weight, (V, d)
     */
    public Parameter getEmbedding() {
        return embedding;
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
     * Returns the head.
     *
     * @return the head, or {@code null} if it is tied to the embedding
     */
    public Projection getHead() {
        return head;
    }
}
