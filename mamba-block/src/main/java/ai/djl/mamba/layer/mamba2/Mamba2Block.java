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
package ai.djl.mamba.layer.mamba2;

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
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
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
 * The Mamba-2 block (Dao and Gu 2024, section 7 and figure 6): (B, L, d) → (B, L, d).
 *
 * <pre>
 *   [z | x | B | C | Δr] = in_proj(h)             sizes E, E, G·N, G·N, H; E = expand · d = H · P
 *   [x | B | C] = SiLU(causal depthwise conv1d([x | B | C]))
 *   y = SSD(x, B, C, Δr)
 *   out = out_proj(norm(y, z))                    RMSNorm(y · SiLU(z)) in each of G groups
 * </pre>
 *
 * <p>Unlike in a {@link MambaBlock}, B, C and Δ are computed from h along with x rather than from
 * x, so a single projection suffices.
 *
 * <p>Inputs and outputs are those of a {@link SequenceBlock}; the state is the window of the
 * convolution, (B, K−1, E + 2·G·N), and the state of the {@link SSD}, (B, H, P, N).
 */
public final class Mamba2Block extends SequenceBlock {

    private static final byte VERSION = 1;

    private final Mamba2Options options;
    private final Projection inputProjection;
    private final CausalConv1d convolution;
    private final SSD ssm;
    private final GatedRMSNorm norm; // null if there is none
    private final Projection outputProjection;
    private final Mamba2Step step;

    @SuppressWarnings("this-escape")
    Mamba2Block(Builder builder, Mamba2Options options) {
        super(VERSION, builder.returnState);
        this.options = options;
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
        ssm =
                addChildBlock(
                        "ssm",
                        new SSD.Builder(options)
                                .optProjection(false)
                                .optReverse(builder.reverse)
                                .optScan(builder.scan)
                                .build());
        norm =
                options.gatedNorm() == GatedNorm.NONE
                        ? null
                        : addChildBlock(
                                "norm",
                                new GatedRMSNorm(
                                        options.groups(),
                                        builder.normEpsilon,
                                        options.gatedNorm() == GatedNorm.BEFORE_GATE));
        step = new Mamba2Step(this);
        outputProjection =
                addChildBlock(
                        "out_proj",
                        new Projection(
                                options.bias(), Initializers.fanIn(builder.outputScale), null));
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        Supplier<NDList> parts = () -> compose(parameterStore, input, training);
        return training ? parts.get() : step.run(parameterStore, input, parts);
    }

    private NDList compose(ParameterStore parameterStore, SequenceInput input, boolean training) {
        long inner = innerSize();
        long states = (long) options.groups() * options.stateSize();
        try (NDList scratch = new NDList()) {
            NDArray projected = inputProjection.apply(parameterStore, input.data(), training);
            scratch.add(projected);
            NDList parts = projected.split(new long[] {inner, 2 * inner + 2 * states}, 2);
            scratch.addAll(parts); // z, [x | B | C], Δr
            Cursor cursor = input.cursor();
            NDList convolved =
                    convolution.forwardSequence(
                            parameterStore, cursor.next(convolution, parts.get(1)), training);
            NDArray mixed = convolved.remove(0); // (B, L, E + 2·G·N)
            scratch.add(mixed);
            NDList split = mixed.split(new long[] {inner, inner + states}, 2); // x, B, C
            scratch.addAll(split);
            SequenceInput ssmInput = cursor.next(ssm, split.get(0));
            NDList scanned =
                    ssm.scan(
                            parameterStore,
                            ssmInput,
                            training,
                            split.get(0),
                            split.get(1),
                            split.get(2),
                            parts.get(2));
            scratch.add(scanned.get(0));
            NDArray y = gate(parameterStore, scanned.remove(0), parts.get(0), training);
            scratch.add(y);
            NDList result = new NDList(outputProjection.apply(parameterStore, y, training));
            result.addAll(convolved); // the rest are the states
            result.addAll(scanned);
            return result;
        }
    }

    private NDArray gate(ParameterStore store, NDArray y, NDArray z, boolean training) {
        return norm == null
                ? Scoped.array(y.getManager(), () -> y.mul(Silu.apply(z)))
                : norm.apply(store, y, z, training);
    }

    private long innerSize() {
        return outputProjection.getWeight().getArray().getShape().get(1);
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
        long inner = options.expand() * modelSize;
        long mixed = inner + 2L * options.groups() * options.stateSize();
        long heads = options.heads("Mamba2Block", inner);
        inputProjection.setUnits(inner + mixed + heads);
        inputProjection.initialize(manager, dataType, new Shape(1, 1, modelSize));
        convolution.initialize(manager, dataType, new Shape(1, 1, mixed));
        ssm.initialize(manager, dataType, new Shape(1, 1, mixed + heads));
        if (norm != null) {
            norm.initialize(manager, dataType, new Shape(1, 1, inner), new Shape(1, 1, inner));
        }
        outputProjection.setUnits(modelSize);
        outputProjection.initialize(manager, dataType, new Shape(1, 1, inner));
    }

    /**
     * Returns the options of the block.
     *
     * @return the sizes, limits and other options
     */
    public Mamba2Options getOptions() {
        return options;
    }

    /**
     * Returns the projection from the model size to [z | x | B | C | Δr].
     *
     * @return in_proj
     */
    public Projection getInputProjection() {
        return inputProjection;
    }

    /**
     * Returns the convolution over [x | B | C].
     *
     * @return conv1d
     */
    public CausalConv1d getConvolution() {
        return convolution;
    }

    /**
     * Returns the state space layer.
     *
     * @return the layer between the convolution and the norm
     */
    public SSD getSsm() {
        return ssm;
    }

    /**
     * Returns the gated norm.
     *
     * @return the norm, or {@code null} if the block has none
     */
    public GatedRMSNorm getNorm() {
        return norm;
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
        return new Builder(new Mamba2Options());
    }

    /** The builder of a {@link Mamba2Block}; nothing is required. */
    public static final class Builder extends Mamba2Options.BaseBuilder<Builder> {

        private double normEpsilon = 1e-5;
        private double outputScale = 1;
        private boolean reverse;
        private boolean returnState;
        private Scan<SSDScanInput> scan;

        Builder(Mamba2Options options) {
            super(options);
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Sets the ε of the gated norm (default: 1e-5).
         *
         * @param epsilon the value added to the mean square
         * @return this builder
         */
        public Builder optNormEpsilon(double epsilon) {
            normEpsilon = epsilon;
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
         * Sets whether time runs backwards in the state space layer (default: false). Such a block
         * carries no state.
         *
         * @param reverse whether the scan runs from the last step to the first
         * @return this builder
         */
        public Builder optReverse(boolean reverse) {
            this.reverse = reverse;
            return this;
        }

        /**
         * Sets the scan (default: {@link Scans#chosen}).
         *
         * @param scan the scan; one that is not causal is refused when the block first runs
         * @return this builder
         */
        public Builder optScan(Scan<SSDScanInput> scan) {
            this.scan = scan;
            return this;
        }

        /**
         * Builds the block.
         *
         * @return the block
         * @throws IllegalArgumentException if an option is out of range
         */
        public Mamba2Block build() {
            Checks.require(
                    !(reverse && returnState),
                    "Mamba2Block",
                    "a block with a reversed scan has no state to return");
            return new Mamba2Block(this, options());
        }
    }
}
