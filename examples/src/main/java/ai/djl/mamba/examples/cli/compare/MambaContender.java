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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/**
 * A stack of blocks with a mixer; the width is the state size N.
 *
 * @param kind the kind of model
 * @param shape the sizes
 */
record MambaContender(ModelKind kind, CompareShape shape) implements Contender {

    @Override
    public int usualWidth() {
        return shape.stateSize();
    }

    /** The reference has the given state size; the others match its number of parameters. */
    @Override
    public boolean isAdjustable() {
        return kind != ModelKinds.reference();
    }

    @Override
    public String about(int width) {
        return kind.about()
                .replace("{width}", String.valueOf(width))
                .replace("{head size}", String.valueOf(sizes(width).headSize()));
    }

    private MixerSizes sizes(int width) {
        return MixerSizes.usual(kind, Use.COMPARE, inner()).withStates(width);
    }

    private int inner() {
        return MixerSizes.EXPAND * shape.modelSize();
    }

    private MambaConfig config(int width) {
        return MambaConfig.builder()
                .setVocabSize(shape.vocabSize())
                .setModelSize(shape.modelSize())
                .setNumLayers(shape.layers())
                .optMixer(kind.mixer(shape.modelSize(), sizes(width)))
                .build();
    }

    @Override
    public Block block(int width) {
        return new MambaLanguageModel(
                config(width)); // without a state, time-invariant layers may convolve
    }

    @Override
    public NDArray logits(ParameterStore store, Block block, NDArray ids) {
        return block.forward(store, new NDList(ids), false).head();
    }

    @Override
    public Decoder decoder(NDManager manager, int width, int batch, int context) {
        MambaLanguageModel block = new MambaLanguageModel(config(width), true);
        block.initialize(manager, DataType.FLOAT32, new Shape(batch, 1));
        block.freezeParameters(true);
        return new StateDecoder(block, manager, batch, context);
    }

    @Override
    public int growth(boolean training) {
        return 1;
    }

    /**
     * In training every layer keeps several arrays (B, L, E); in inference there are the logits.
     */
    @Override
    public double leastBytes(int batch, int length, boolean training) {
        double perToken = training ? 8.0 * shape.layers() * inner() : shape.vocabSize();
        return Float.BYTES * perToken * batch * length;
    }

    /** Decodes with the state that the model returns. */
    private static final class StateDecoder implements Decoder {

        private final MambaLanguageModel block;
        private final NDManager manager;
        private final ParameterStore store;
        private MambaState state;

        StateDecoder(MambaLanguageModel block, NDManager parent, int batch, int context) {
            this.block = block;
            manager = parent.newSubManager();
            store = new ParameterStore(parent, false);
            state = MambaState.start(block, manager, batch);
            try (NDManager scratch = manager.newSubManager()) {
                step(RandomIds.of(scratch, block.getConfig().vocabSize(), batch, context));
            }
        }

        @Override
        public void rewind() {
            // the cost of a step does not depend on what was read
        }

        @Override
        public NDArray step(NDArray ids) {
            NDList inputs = new NDList(ids);
            inputs.addAll(state.toNDList());
            NDList outputs = block.forward(store, inputs, false);
            NDList next = outputs.subNDList(1);
            next.attach(manager);
            state.close();
            state = new MambaState(next);
            return outputs.head();
        }

        @Override
        public long bytes() {
            long elements = 0;
            for (NDArray array : state.toNDList()) {
                elements += array.getShape().size();
            }
            return elements * Float.BYTES;
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
