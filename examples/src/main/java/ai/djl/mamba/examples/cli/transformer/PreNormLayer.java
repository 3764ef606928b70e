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
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The layer of current language models, made of DJL's attention and feed-forward blocks: each of
 * them reads a LayerNorm of the stream to which it adds.
 */
final class PreNormLayer extends TransformerLayer {

    private final Block attentionNorm;
    private final ScaledDotProductAttentionBlock attention;
    private final Block feedForwardNorm;
    private final Block feedForward;
    private final Block dropout;

    PreNormLayer(TransformerSizes sizes) {
        attentionNorm = addChildBlock("attentionNorm", LayerNorm.builder().axis(2).build());
        attention =
                addChildBlock(
                        "attention",
                        ScaledDotProductAttentionBlock.builder()
                                .setEmbeddingSize(sizes.modelSize())
                                .setHeadCount(sizes.heads())
                                .optAttentionProbsDropoutProb(sizes.dropout())
                                .build());
        feedForwardNorm = addChildBlock("feedForwardNorm", LayerNorm.builder().axis(2).build());
        feedForward =
                addChildBlock(
                        "feedForward",
                        new PointwiseFeedForwardBlock(
                                List.of(sizes.hiddenSize()), sizes.modelSize(), Activation::gelu));
        dropout = addChildBlock("dropout", Dropout.builder().optRate(sizes.dropout()).build());
    }

    @Override
    ScaledDotProductAttentionBlock attention() {
        return attention;
    }

    @Override
    NDArray whole(ParameterStore store, NDArray x, NDArray offset, boolean training) {
        return compute(
                store,
                x,
                y -> attention.forward(store, new NDList(y, offset), training).singletonOrThrow(),
                training);
    }

    @Override
    NDArray around(ParameterStore store, NDArray x, UnaryOperator<NDArray> attended) {
        return compute(store, x, attended, false);
    }

    private NDArray compute(
            ParameterStore store, NDArray x, UnaryOperator<NDArray> attended, boolean training) {
        NDArray first = attended.apply(apply(attentionNorm, store, x, training));
        NDArray middle = apply(dropout, store, first, training).add(x);
        NDArray normalized = apply(feedForwardNorm, store, middle, training);
        NDArray second = apply(feedForward, store, normalized, training);
        return apply(dropout, store, second, training).add(middle);
    }
}
