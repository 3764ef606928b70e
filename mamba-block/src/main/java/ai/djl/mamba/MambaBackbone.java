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
import ai.djl.mamba.layer.BidirectionalBlock;
import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Mixer.Layer;
import ai.djl.mamba.layer.ResidualBlock;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceStack;
import ai.djl.nn.Block;
import ai.djl.util.PairList;
import java.util.List;

/**
 * A stack of {@link ResidualBlock}s and a final norm, the body of every model: (B, L, d) → (B, L,
 * d).
 *
 * <p>The state holds the arrays of each layer's mixer in turn.
 */
public final class MambaBackbone extends SequenceStack {

    private static final byte VERSION = 1;

    /**
     * Creates a stack.
     *
     * @param config the sizes and options
     * @param bidirectional whether each layer also reads the sequence backwards
     * @param returnState whether the outputs end with the state
     * @throws IllegalArgumentException if a bidirectional stack is asked to return its state
     */
    public MambaBackbone(MambaConfig config, boolean bidirectional, boolean returnState) {
        super(VERSION, returnState, children(config, bidirectional, returnState));
    }

    private static PairList<String, Block> children(
            MambaConfig config, boolean bidirectional, boolean returnState) {
        Checks.require(
                !(bidirectional && returnState),
                "MambaBackbone",
                "a bidirectional stack has no state to return");
        PairList<String, Block> children = new PairList<>();
        Layer layer = Checks.given("MambaBackbone", "config", config).layer();
        for (Mixer options : config.layers()) {
            SequenceBlock mixer = options.newBlock(layer);
            if (bidirectional) {
                mixer = new BidirectionalBlock(mixer, options.newBlock(layer));
            }
            children.add(
                    "layer",
                    ResidualBlock.builder()
                            .setMixer(mixer)
                            .optNorm(config.norm().newBlock())
                            .optDropout(config.dropout())
                            .build());
        }
        children.add("norm_f", config.norm().newBlock());
        return children;
    }

    /**
     * Returns the layers.
     *
     * @return the residual layers, first to last
     */
    public List<ResidualBlock> getLayers() {
        List<Block> blocks = getBlocks();
        return blocks.subList(0, blocks.size() - 1).stream()
                .map(ResidualBlock.class::cast)
                .toList();
    }

    /**
     * Returns the norm after the last layer.
     *
     * @return the final norm
     */
    public Block getNorm() {
        List<Block> blocks = getBlocks();
        return blocks.get(blocks.size() - 1);
    }
}
