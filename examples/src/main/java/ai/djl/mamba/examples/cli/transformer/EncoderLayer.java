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
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import java.util.function.UnaryOperator;

/** DJL's {@link TransformerEncoderBlock} as it is. */
final class EncoderLayer extends TransformerLayer {

    private final TransformerEncoderBlock encoder;

    EncoderLayer(TransformerSizes sizes) {
        encoder =
                addChildBlock(
                        "encoder",
                        new TransformerEncoderBlock(
                                sizes.modelSize(),
                                sizes.heads(),
                                sizes.hiddenSize(),
                                sizes.dropout(),
                                Activation::gelu));
    }

    @Override
    ScaledDotProductAttentionBlock attention() {
        return (ScaledDotProductAttentionBlock) part(0);
    }

    private Block part(int index) {
        return encoder.getChildren().valueAt(index);
    }

    @Override
    NDArray whole(ParameterStore store, NDArray x, NDArray offset, boolean training) {
        return encoder.forward(store, new NDList(x, offset), training).singletonOrThrow();
    }

    /** Both residual sums of DJL's block add the input of the layer. */
    @Override
    NDArray around(ParameterStore store, NDArray x, UnaryOperator<NDArray> attention) {
        NDArray first = apply(part(1), store, attention.apply(x).add(x), false);
        NDArray second = apply(part(2), store, first, false);
        return apply(part(3), store, second.add(x), false);
    }
}
