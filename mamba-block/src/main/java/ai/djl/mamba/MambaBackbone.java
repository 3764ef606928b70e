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
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.RMSNorm;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of {@link ResidualBlock}s and a final norm, the body of every Mamba model: (B, L, d) →
 * (B, L, d).
 *
 * <p>The state holds the arrays of each layer in turn: convolution window (B, K−1, E) and SSM state
 * (B, E, N), or those of a {@link Mamba2Block}.
 */
public final class MambaBackbone extends SequenceBlock {

    private static final byte VERSION = 1;

    private final List<ResidualBlock> layers = new ArrayList<>();
    private final Block norm;

    /**
     * Creates a stack.
     *
     * @param config the sizes and options
     * @param bidirectional whether each layer also reads the sequence backwards
     * @param returnState whether the outputs end with the state
     */
    @SuppressWarnings("this-escape")
    public MambaBackbone(MambaConfig config, boolean bidirectional, boolean returnState) {
        super(VERSION, returnState);
        Checks.require(
                !(bidirectional && returnState),
                "MambaBackbone",
                "a bidirectional stack has no state to return");
        for (int i = 0; i < config.numLayers(); i++) {
            SequenceBlock mixer = mixer(config);
            if (bidirectional) {
                mixer = new BidirectionalBlock(mixer, mixer(config));
            }
            ResidualBlock layer =
                    ResidualBlock.builder()
                            .setMixer(mixer)
                            .optNorm(norm(config))
                            .optDropout(config.dropout())
                            .build();
            layers.add(addChildBlock("layer", layer));
        }
        norm = addChildBlock("norm_f", norm(config));
    }

    private static SequenceBlock mixer(MambaConfig config) {
        return config.ssm() == MambaConfig.Ssm.SSD ? dualMixer(config) : selectiveMixer(config);
    }

    private static Mamba2Block dualMixer(MambaConfig config) {
        return Mamba2Block.builder()
                .optExpand(config.expand())
                .optConvKernel(config.convKernel())
                .optBias(config.bias())
                .optConvBias(config.convBias())
                .optStateSize(config.stateSize())
                .optConfig(config.ssd())
                .optNormEpsilon(config.normEpsilon())
                .optTimeStepRange(
                        config.timeStepMin(), config.timeStepMax(), config.timeStepFloor())
                .optOutputScale(1 / Math.sqrt(config.numLayers()))
                .build();
    }

    private static MambaBlock selectiveMixer(MambaConfig config) {
        return MambaBlock.builder()
                .optExpand(config.expand())
                .optConvKernel(config.convKernel())
                .optBias(config.bias())
                .optConvBias(config.convBias())
                .optGate(config.gated())
                .optOutputScale(1 / Math.sqrt(config.numLayers()))
                .optSsm(ssm(config))
                .build();
    }

    private static SequenceBlock ssm(MambaConfig config) {
        if (config.ssm() == MambaConfig.Ssm.S4D) {
            return S4D.builder()
                    .optStateSize(config.stateSize())
                    .optTimeStepRange(config.timeStepMin(), config.timeStepMax())
                    .build();
        }
        return SelectiveSSM.builder()
                .optStateSize(config.stateSize())
                .optTimeStepRank(config.timeStepRank())
                .optTimeStepRange(config.timeStepMin(), config.timeStepMax())
                .optTimeStepFloor(config.timeStepFloor())
                .optTimeStepInit(config.timeStepScale(), config.constantTimeStepInit())
                .optGate(config.gated())
                .build();
    }

    private static Block norm(MambaConfig config) {
        if (config.rmsNorm()) {
            return new RMSNorm(config.normEpsilon());
        }
        return LayerNorm.builder().axis(2).optEpsilon((float) config.normEpsilon()).build();
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray h = input.data();
        NDList state = new NDList();
        int stateArrays = layers.get(0).getStateShapes(1).size();
        for (int i = 0; i < layers.size(); i++) {
            SequenceInput layerInput = input.child(h, null, i * stateArrays, stateArrays);
            NDList result = layers.get(i).forwardSequence(parameterStore, layerInput, training);
            if (i > 0) {
                h.close();
            }
            h = result.remove(0);
            state.addAll(result);
        }
        try (NDArray last = h) {
            NDList result = new NDList(Scoped.apply(norm, parameterStore, last, training));
            result.addAll(state);
            return result;
        }
    }

    /** {@inheritDoc} */
    @Override
    public List<Shape> getStateShapes(long batchSize) {
        List<Shape> shapes = new ArrayList<>();
        layers.forEach(layer -> shapes.addAll(layer.getStateShapes(batchSize)));
        return shapes;
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return layers.get(0).dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return layers.get(0).inputSize();
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return layers.get(0).isCausal();
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        for (ResidualBlock layer : layers) {
            layer.initialize(manager, dataType, inputShapes[0]);
        }
        norm.initialize(manager, dataType, inputShapes[0]);
    }

    /**
     * Returns the layers.
     *
     * @return the residual layers, first to last
     */
    public List<ResidualBlock> getLayers() {
        return List.copyOf(layers);
    }

    /**
     * Returns the norm after the last layer.
     *
     * @return the final norm
     */
    public Block getNorm() {
        return norm;
    }
}
