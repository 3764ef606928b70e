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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.transformer.KeyValueCache;
import ai.djl.mamba.examples.cli.transformer.TransformerLanguageModel;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/**
 * A stack of DJL's transformer blocks; the width is that of the feed-forward blocks.
 *
 * @param kind the kind of model
 * @param shape the sizes
 */
record TransformerContender(ModelKind kind, CompareShape shape) implements Contender {

    /**
     * The number of tokens that inference reads at a time; half and twice as many were not faster.
     */
    static final int PART = 512;

    private static final int SCORES_IN_INFERENCE = 5; // of one layer at a time, and the mask
    private static final int SCORES_IN_TRAINING = 2; // of every layer

    @Override
    public int usualWidth() {
        return 4 * shape.modelSize();
    }

    @Override
    public boolean isAdjustable() {
        return true;
    }

    @Override
    public String about(int width) {
        return kind.about()
                .replace("{width}", String.valueOf(width))
                .replace("{part}", String.valueOf(PART));
    }

    @Override
    public Block block(int width) {
        return build(width);
    }

    private TransformerLanguageModel build(int width) {
        return TransformerLanguageModel.builder()
                .setVocabSize(shape.vocabSize())
                .setModelSize(shape.modelSize())
                .setNumLayers(shape.transformerLayers())
                .optHiddenSize(width)
                .optPreNorm(kind.readsInParts())
                .build();
    }

    @Override
    public NDArray logits(ParameterStore store, Block block, NDArray ids) {
        if (!kind.readsInParts()) {
            return block.forward(store, new NDList(ids), false).head();
        }
        TransformerLanguageModel model = (TransformerLanguageModel) block;
        NDManager manager = ids.getManager();
        long batch = ids.getShape().get(0);
        int length = Math.toIntExact(ids.getShape().get(1));
        NDArray logits = manager.create(new Shape(batch, length, shape.vocabSize()));
        try (KeyValueCache cache = model.newCache(manager, batch, length)) {
            for (int start = 0; start < length; start += PART) {
                NDIndex tokens =
                        new NDIndex()
                                .addAllDim()
                                .addSliceDim(start, Math.min(length, start + PART));
                try (NDArray part = ids.get(tokens);
                        NDArray of = model.extend(store, part, cache)) {
                    logits.set(tokens, of);
                }
            }
        }
        return logits;
    }

    @Override
    public Decoder decoder(NDManager manager, int width, int batch, int context) {
        TransformerLanguageModel block = build(width);
        block.initialize(manager, DataType.FLOAT32, new Shape(batch, 1));
        block.freezeParameters(true);
        return new CacheDecoder(block, manager, batch, context);
    }

    @Override
    public int growth(boolean training) {
        return kind.readsInParts() && !training ? 1 : 2;
    }

    @Override
    public double leastBytes(int batch, int length, boolean training) {
        int heads = build(usualWidth()).heads();
        int layers = shape.transformerLayers();
        double scores = (double) Float.BYTES * batch * heads * length;
        if (training) {
            return (SCORES_IN_INFERENCE + (double) SCORES_IN_TRAINING * layers) * scores * length;
        }
        return SCORES_IN_INFERENCE * scores * (kind.readsInParts() ? PART : length);
    }

    /** Decodes with cached keys and values. */
    private static final class CacheDecoder implements Decoder {

        private static final int ROOM = 1024;

        private final TransformerLanguageModel block;
        private final ParameterStore store;
        private final KeyValueCache cache;
        private final int context;

        CacheDecoder(TransformerLanguageModel block, NDManager manager, int batch, int context) {
            this.block = block;
            this.context = context;
            store = new ParameterStore(manager, false);
            cache = block.newCache(manager, batch, (long) context + ROOM);
            cache.fill(context); // reading them would take as long as the inference that is timed
        }

        @Override
        public void rewind() {
            cache.truncate(context);
        }

        @Override
        public NDArray step(NDArray ids) {
            return block.extend(store, ids, cache);
        }

        @Override
        public long bytes() {
            return cache.bytes();
        }

        @Override
        public void close() {
            cache.close();
        }
    }
}
