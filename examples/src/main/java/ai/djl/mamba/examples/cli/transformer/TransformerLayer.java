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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.function.UnaryOperator;

/**
 * A layer of a {@link TransformerLanguageModel}: (B, L, d) and an offset of the attention scores,
 * (1 or B, 1, L, L), → (B, L, d).
 */
abstract class TransformerLayer extends AbstractBlock {

    private static final byte VERSION = 1;

    TransformerLayer() {
        super(VERSION);
    }

    /** The attention of this layer. */
    abstract ScaledDotProductAttentionBlock attention();

    /** The whole layer, as DJL computes it. */
    abstract NDArray whole(ParameterStore store, NDArray x, NDArray offset, boolean training);

    /**
     * The layer with another computation of its attention, for inference.
     *
     * @param store the parameter store
     * @param x the input, (B, T, d)
     * @param attention the attention, from its input to its output
     * @return the output, (B, T, d)
     */
    abstract NDArray around(ParameterStore store, NDArray x, UnaryOperator<NDArray> attention);

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray offset = inputs.get(1);
        return new NDList(
                scoped(store, inputs.get(0), training, x -> whole(store, x, offset, training)));
    }

    /**
     * Runs a computation on x and closes everything it created except the result, which is attached
     * to the manager of x.
     *
     * <p>In training scalars are kept, too: DJL's attention multiplies by one that wraps Java
     * memory, which PyTorch's graph needs in the backward pass and does not keep alive.
     */
    final NDArray scoped(
            ParameterStore store, NDArray x, boolean training, UnaryOperator<NDArray> body) {
        for (Parameter parameter : getParameters().values()) {
            store.getValue(
                    parameter,
                    x.getDevice(),
                    training); // so that a copy which the store makes is not closed
        }
        NDManager owner = x.getManager();
        try (NDManager scratch = owner.newSubManager()) {
            x.attach(scratch); // DJL attaches the results of operations on x there
            try {
                NDArray result = body.apply(x);
                result.attach(owner);
                for (NDArray array : scratch.getManagedArrays()) {
                    if (training && array.getShape().isScalar()) {
                        array.attach(owner);
                    }
                }
                return result;
            } finally {
                x.attach(owner);
            }
        }
    }

    static NDArray apply(Block block, ParameterStore store, NDArray x, boolean training) {
        return block.forward(store, new NDList(x), training).singletonOrThrow();
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        for (Block child : getChildren().values()) {
            child.initialize(manager, dataType, inputShapes[0]);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
