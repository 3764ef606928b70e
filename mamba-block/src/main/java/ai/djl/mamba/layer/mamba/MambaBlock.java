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
package ai.djl.mamba.layer.mamba;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.Silu;
import ai.djl.mamba.layer.CausalConv1d;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.SequenceInput.Cursor;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The Mamba block (Gu and Dao 2023, section 3.4 and figure 3): (B, L, d) → (B, L, d).
 *
 * <pre>
 *   [x | z] = in_proj(h)                     2 × (B, L, E), E = expand · d
 *   x = SiLU(causal depthwise conv1d(x))
 *   y = SSM(x) · SiLU(z)
 *   out = out_proj(y)
 * </pre>
 *
 * <p>The SSM is a {@link SelectiveSSM} unless {@link Builder#optSsm} gives another layer, such as
 * the LTI baseline {@link S4D}, so the ablation in the paper takes one line. Inputs and outputs are
 * those of a {@link SequenceBlock}; the state is the window of the convolution, (B, K−1, E), and
 * the state of the SSM, (B, E, N).
 */
public final class MambaBlock extends SequenceBlock {

    private static final byte VERSION = 1;

    private final int expand;
    private final boolean gated;
    private final Projection inputProjection;
    private final CausalConv1d convolution;
    private final SequenceBlock ssm;
    private final MambaStep step; // null if single tokens take the general path
    private final Projection outputProjection;

    @SuppressWarnings("this-escape")
    MambaBlock(MambaOptions options, SequenceBlock ssm, double outputScale, boolean returnState) {
        super(VERSION, returnState);
        expand = options.expand();
        gated = options.gate();
        inputProjection =
                addChildBlock(
                        "in_proj", new Projection(options.bias(), Initializers.fanIn(1), null));
        convolution =
                addChildBlock(
                        "conv1d",
                        CausalConv1d.builder()
                                .setKernel(options.convKernel())
                                .optBias(options.convBias())
                                .optSilu(true)
                                .build());
        this.ssm = addChildBlock("ssm", ssm);
        boolean fits = gated && ssm.hasGate() && ssm.isCausal();
        step = fits && ssm instanceof SelectiveSSM s ? new MambaStep(this, s) : null;
        outputProjection =
                addChildBlock(
                        "out_proj",
                        new Projection(options.bias(), Initializers.fanIn(outputScale), null));
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        Supplier<NDList> parts = () -> compose(parameterStore, input, training);
        return training || step == null ? parts.get() : step.run(parameterStore, input, parts);
    }

    private NDList compose(ParameterStore parameterStore, SequenceInput input, boolean training) {
        try (NDList scratch = new NDList()) {
            NDArray projected = inputProjection.apply(parameterStore, input.data(), training);
            scratch.add(projected);
            NDArray x = projected;
            NDArray gate = null;
            if (gated) {
                NDList halves = projected.split(2, 2); // 2 × (B, L, E)
                scratch.addAll(halves);
                x = halves.get(0);
                gate = halves.get(1);
            }
            Cursor cursor = input.cursor();
            NDList convolved =
                    convolution.forwardSequence(
                            parameterStore, cursor.next(convolution, x), training);
            NDArray u = convolved.remove(0); // (B, L, E)
            scratch.add(u);
            NDArray fusedGate = ssm.hasGate() ? gate : null;
            NDList scanned =
                    ssm.forwardSequence(parameterStore, cursor.next(ssm, u, fusedGate), training);
            NDArray y = scanned.remove(0); // (B, L, E)
            scratch.add(y);
            if (gate != null && fusedGate == null) {
                y = applyGate(y, gate);
                scratch.add(y);
            }
            NDList result = new NDList(outputProjection.apply(parameterStore, y, training));
            result.addAll(convolved); // the rest are the states
            result.addAll(scanned);
            return result;
        }
    }

    private static NDArray applyGate(NDArray y, NDArray gate) {
        return Scoped.array(y.getManager(), () -> y.mul(Silu.apply(gate)));
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        List<StateSpec> specs = new ArrayList<>(convolution.getStateSpecs());
        specs.addAll(ssm.getStateSpecs());
        return specs;
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return convolution.dataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return inputProjection.getWeight().getArray().getShape().get(1);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return ssm.isCausal();
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        long modelSize = inputShapes[0].get(2);
        long inner = expand * modelSize;
        Shape outer = new Shape(1, 1, modelSize);
        Shape wide = new Shape(1, 1, inner);
        inputProjection.setUnits(gated ? 2 * inner : inner);
        inputProjection.initialize(manager, dataType, outer);
        convolution.initialize(manager, dataType, wide);
        if (ssm instanceof SelectiveSSM selective) {
            selective.resolveAutoRank(modelSize);
        }
        ssm.initialize(
                manager, dataType, ssm.hasGate() ? new Shape[] {wide, wide} : new Shape[] {wide});
        outputProjection.setUnits(modelSize);
        outputProjection.initialize(manager, dataType, wide);
    }

    /**
     * Returns the projection from the model to the inner size.
     *
     * @return in_proj
     */
    public Projection getInputProjection() {
        return inputProjection;
    }

    /**
     * Returns the convolution.
     *
     * @return conv1d
     */
    public CausalConv1d getConvolution() {
        return convolution;
    }

    /**
     * Returns the state space layer.
     *
     * @return the layer between the convolution and the output projection
     */
    public SequenceBlock getSsm() {
        return ssm;
    }

    /**
     * Returns the projection from the inner to the model size.
     *
     * @return out_proj
     */
    public Projection getOutputProjection() {
        return outputProjection;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder(new MambaOptions());
    }

    /** The builder of a {@link MambaBlock}; nothing is required. */
    public static final class Builder extends MambaOptions.BaseBuilder<Builder> {

        private SequenceBlock ssm; // null: a SelectiveSSM
        private double outputScale = 1;
        private boolean returnState;
        private SequenceBlock usedSsm;

        Builder(MambaOptions options) {
            super(options);
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets a state space layer to use instead of the {@link SelectiveSSM} that the other
         * options describe.
         *
         * @param ssm a layer from (B, L, E) to (B, L, E); it may take the gate as its second input
         * @return this builder
         */
        public Builder optSsm(SequenceBlock ssm) {
            this.ssm = ssm;
            return this;
        }

        /**
         * Sets the factor on the initial weight of out_proj; a stack of n layers uses 1/√n
         * (default: 1).
         *
         * @param outputScale the factor
         * @return this builder
         */
        public Builder optOutputScale(double outputScale) {
            this.outputScale = outputScale;
            return this;
        }

        /**
         * Sets whether the final state is returned (default: false).
         *
         * @param returnState whether the outputs end with the state
         * @return this builder
         */
        public Builder optReturnState(boolean returnState) {
            this.returnState = returnState;
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block
         * @throws IllegalArgumentException if an option is out of range or contradicts the SSM
         */
        public MambaBlock build() {
            String name = "MambaBlock";
            MambaOptions options = options();
            if (ssm == null) {
                SequenceBlock selective = SelectiveSSM.Builder.of(options).build();
                return new MambaBlock(options, selective, outputScale, returnState);
            }
            Checks.require(
                    options.hasDefaultSsm(),
                    name,
                    "stateSize and the time step options belong to a SelectiveSSM, but this"
                            + " block was given another SSM");
            Checks.require(
                    options.gate() || !ssm.hasGate(),
                    name,
                    "a block without a gate needs an SSM without one");
            Checks.require(
                    ssm.isCausal() || !returnState,
                    name,
                    "a block with a reversed SSM has no state to return");
            Checks.unused(name, "optSsm", ssm, usedSsm);
            MambaBlock block = new MambaBlock(options, ssm, outputScale, returnState);
            usedSsm = ssm;
            return block;
        }
    }
}
