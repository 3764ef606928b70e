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
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.training.ParameterStore;

/**
 * Computes what DJL's attention block computes, for tokens after others whose keys and values are
 * cached, with the projections of the block. DJL's block itself projects all keys and values at
 * every call.
 *
 * @param block the block
 * @param heads its heads, H
 * @param cache the cache
 * @param layer the index of the block's layer in the cache
 */
record CachedAttention(
        ScaledDotProductAttentionBlock block, int heads, KeyValueCache cache, int layer) {

    /**
     * Computes the attention, and adds the keys and values of its input to the cache.
     *
     * @param store the parameter store
     * @param x the input, (B, T, d)
     * @param offset what is added to the scores, (1, 1, T, past + T)
     * @return the output, (B, T, d)
     */
    NDArray apply(ParameterStore store, NDArray x, NDArray offset) {
        Shape shape = x.getShape();
        NDManager manager = x.getManager();
        long end = cache.length() + shape.get(1);
        NDArray query = heads(TransformerLayer.apply(block.getQueryProjection(), store, x, false));
        cache.put(
                layer,
                heads(TransformerLayer.apply(block.getKeyProjection(), store, x, false)),
                heads(TransformerLayer.apply(block.getValueProjection(), store, x, false)));
        NDArray keys = cache.keys(layer, end, manager); // (B, H, F, d / H)
        double scale = 1 / Math.sqrt((double) shape.get(2) / heads);
        NDArray scores = query.mul(scale).matMul(keys.transpose(0, 1, 3, 2)); // (B, H, T, F)
        if (shape.get(1) > 1) {
            NDArray unmasked = scores;
            scores = unmasked.add(offset);
            unmasked.close();
        }
        NDArray weights = scores.softmax(3);
        scores.close();
        NDArray attended = weights.matMul(cache.values(layer, end, manager)); // (B, H, T, d / H)
        NDArray rows = attended.transpose(0, 2, 1, 3).reshape(shape); // (B, T, d)
        return TransformerLayer.apply(block.getResultProjection(), store, rows, false);
    }

    private NDArray heads(NDArray x) {
        Shape shape = x.getShape();
        return x.stopGradient() // the cache must not keep the history of a thread that records
                .reshape(shape.get(0), shape.get(1), heads, shape.get(2) / heads)
                .transpose(0, 2, 1, 3);
    }
}
