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
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.List;

/**
 * The state space dual layer (Dao and Gu 2024): (B, L, E) → (B, L, E).
 *
 * <p>The channels form H heads of P channels. A head has one decay A and one time step Δ_t, and its
 * state is a matrix, P×N; this restriction of {@link SelectiveSSM} turns the scan into matrix
 * products, which makes a state eight times as large affordable. B and C are shared by the heads of
 * each of G groups.
 *
 * <pre>
 *   [B | C | Δr] = x_proj(x)                       sizes G·N, G·N, H
 *   Δ = clamp(softplus(Δr + dt_bias))              (B, L, H)
 *   S_t = exp(Δ_t A) S_{t−1} + Δ_t x_t ⊗ B_t       A = −exp(A_log), (H)
 *   y_t = S_t C_t + D x_t
 * </pre>
 *
 * <p>Built with {@code optProjection(false)} the layer has no x_proj: its input is [x | B | C |
 * Δr], (B, L, E + 2·G·N + H), as in a {@link Mamba2Block}.
 *
 * <p>Inputs and outputs are those of a {@link SequenceBlock}; the state is one array, (B, H, P, N).
 * Parameters: {@code dt_bias} (H), {@code A_log} (H), {@code D} (H), or (E) if each channel has its
 * own, and {@code x_proj.weight} (2·G·N + H, E).
 */
public final class SSD extends SequenceBlock {

    private static final byte VERSION = 1;

    private final Mamba2Options options; // partly those of the block around this layer
    private final boolean reverse;
    private final Scan<SSDScanInput> scan; // null if none was given
    private final Parameter timeStepBias;
    private final Parameter aLog;
    private final Parameter skip;
    private final Projection projection; // null if the input contains B, C and Δ

    @SuppressWarnings("this-escape")
    SSD(Builder builder, Mamba2Options options) {
        super(VERSION, builder.returnState);
        this.options = options;
        reverse = builder.reverse;
        scan = Scans.SSD.checked(builder.scan);
        timeStepBias = addParameter(Parameters.of("dt_bias", options.timeStepInit().bias()));
        aLog =
                addParameter(
                        Parameters.of(
                                "A_log", decayLog(options.decayInitMin(), options.decayInitMax())));
        skip = builder.hasSkip ? addParameter(Parameters.of("D", Initializer.ONES)) : null;
        projection =
                builder.hasProjection
                        ? addChildBlock(
                                "x_proj", new Projection(false, Initializers.fanIn(1), null))
                        : null;
    }

    /** A_log with A = −exp(A_log) and −A uniform in [min, max] (Dao and Gu 2024, section 7). */
    private static Initializer decayLog(double min, double max) {
        return (manager, shape, dataType) ->
                Scoped.array(
                        manager,
                        () ->
                                manager.randomUniform((float) min, (float) max, shape, dataType)
                                        .log());
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray data = input.data();
        long states = states();
        try (NDList scratch = new NDList()) {
            NDList parts;
            if (projection == null) {
                long inner = innerSize();
                parts = data.split(new long[] {inner, inner + states, inner + 2 * states}, 2);
            } else {
                NDArray projected = projection.apply(parameterStore, data, training);
                scratch.add(projected);
                parts = projected.split(new long[] {states, 2 * states}, 2);
            }
            scratch.addAll(parts);
            NDArray x = projection == null ? parts.remove(0) : data;
            return scan(
                    parameterStore, input, training, x, parts.get(0), parts.get(1), parts.get(2));
        }
    }

    /**
     * Runs the scan on the outputs of a projection.
     *
     * @param store the parameter store
     * @param input the input, for its state, padding and documents
     * @param training whether this is a training forward pass
     * @param x the sequence, (B, L, E)
     * @param b B, (B, L, G·N)
     * @param c C, (B, L, G·N)
     * @param delta Δ before bias and softplus, (B, L, H)
     * @return y, (B, L, E), and the final state if it is needed
     */
    NDList scan(
            ParameterStore store,
            SequenceInput input,
            boolean training,
            NDArray x,
            NDArray b,
            NDArray c,
            NDArray delta) {
        NDArray logA = store.getValue(aLog, x.getDevice(), training);
        NDArray d = store.getValue(skip, x.getDevice(), training);
        NDArray deltaBias = store.getValue(timeStepBias, x.getDevice(), training);
        try (NDList scratch = new NDList()) {
            NDArray a = Scoped.array(x.getManager(), () -> logA.exp().neg());
            scratch.add(a);
            NDArray resets = input.resets(reverse, scratch);
            NDList result =
                    scan().scan(
                                    new SSDScanInput(
                                            x,
                                            delta,
                                            deltaBias,
                                            a,
                                            b,
                                            c,
                                            d,
                                            input.mask(),
                                            resets,
                                            input.state(0),
                                            options.groups(),
                                            options.timeStepLimitMin(),
                                            options.timeStepLimitMax(),
                                            reverse,
                                            options.chunkSize()));
            if (!input.needState()) {
                scratch.add(result.remove(1));
            }
            return result;
        }
    }

    /** The scan given to this layer, or the one chosen by {@link Scans}. */
    Scan<SSDScanInput> scan() {
        return scan != null ? scan : Scans.SSD.chosen();
    }

    private long innerSize() {
        return aLog.getArray().getShape().get(0) * options.headSize();
    }

    private long states() {
        return (long) options.groups() * options.stateSize();
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        if (!isCausal()) {
            return List.of();
        }
        long heads = aLog.getArray().getShape().get(0);
        Shape shape = new Shape(heads, options.headSize(), options.stateSize());
        return List.of(new StateSpec("state", shape));
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return aLog.getArray().getDataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        long inner = innerSize();
        return projection != null
                ? inner
                : inner + 2 * states() + aLog.getArray().getShape().get(0);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return heads(inputShape.get(2)) * options.headSize();
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return !reverse;
    }

    /** The number of heads for an input of the given width. */
    private long heads(long width) {
        long size = options.headSize();
        long channels = width;
        if (projection == null) {
            long rest = width - 2 * states(); // H·P + H
            Checks.require(
                    rest > 0 && rest % (size + 1) == 0,
                    "SSD",
                    "expected an input [x | B | C | Δ] of size H·%d + 2·%d + H, got %d",
                    size,
                    states(),
                    width);
            channels = rest / (size + 1) * size;
        }
        return options.heads("SSD", channels);
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        long heads = heads(inputShapes[0].get(2));
        timeStepBias.setShape(new Shape(heads));
        aLog.setShape(new Shape(heads));
        if (skip != null) {
            skip.setShape(new Shape(options.channelSkip() ? heads * options.headSize() : heads));
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        if (projection != null) {
            long channels = inputShapes[0].get(2);
            projection.setUnits(2 * states() + heads(channels));
            projection.initialize(manager, dataType, new Shape(1, channels));
        }
    }

    /**
     * Returns the bias of Δ.
     *
     * @return dt_bias, (H)
     */
    public Parameter getTimeStepBias() {
        return timeStepBias;
    }

    /**
     * Returns the parameter A_log.
     *
     * @return A_log, (H), with A = −exp(A_log)
     */
    public Parameter getALog() {
        return aLog;
    }

    /**
     * Returns the skip parameter D.
     *
     * @return D, (H) or (E), or {@code null} if the layer has none
     */
    public Parameter getSkip() {
        return skip;
    }

    /**
     * Returns the projection from the input to B, C and Δ.
     *
     * @return x_proj, or {@code null} if the input contains them
     */
    public Projection getProjection() {
        return projection;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of an {@link SSD}; nothing is required. */
    public static final class Builder {

        private final Mamba2Options.Builder options;
        private boolean hasSkip = true;
        private boolean hasProjection = true;
        private boolean reverse;
        private boolean returnState;
        private Scan<SSDScanInput> scan;

        Builder() {
            this(new Mamba2Options());
        }

        /** Creates a builder with the options of the block around the layer. */
        Builder(Mamba2Options options) {
            this.options = Mamba2Options.builder(options);
        }

        /**
         * Sets the number of states per channel (default: 128).
         *
         * @param stateSize N
         * @return this builder
         */
        public Builder optStateSize(int stateSize) {
            options.optStateSize(stateSize);
            return this;
        }

        /**
         * Sets the number of channels in a head (default: 64).
         *
         * @param headSize P, a divisor of E
         * @return this builder
         */
        public Builder optHeadSize(int headSize) {
            options.optHeadSize(headSize);
            return this;
        }

        /**
         * Sets the number of groups of heads that share B and C (default: 1).
         *
         * @param groups G, a divisor of the number of heads
         * @return this builder
         */
        public Builder optGroups(int groups) {
            options.optGroups(groups);
            return this;
        }

        /**
         * Sets the range of the initial Δ (default: {@link TimeStepInit#DEFAULT}).
         *
         * @param timeStepInit the range
         * @return this builder
         */
        public Builder optTimeStepInit(TimeStepInit timeStepInit) {
            options.optTimeStepInit(timeStepInit);
            return this;
        }

        /**
         * Sets the limits to which Δ is clamped after softplus (default: 0 and infinity).
         *
         * @param min the lower limit
         * @param max the upper limit
         * @return this builder
         */
        public Builder optTimeStepLimit(double min, double max) {
            options.optTimeStepLimit(min, max);
            return this;
        }

        /**
         * Sets the range of the initial −A, uniform (default: 1 to 16).
         *
         * @param min the smallest
         * @param max the largest
         * @return this builder
         */
        public Builder optDecayInit(double min, double max) {
            options.optDecayInit(min, max);
            return this;
        }

        /**
         * Sets whether D has a value for each channel rather than for each head (default: false).
         *
         * @param channelSkip whether D is (E) rather than (H)
         * @return this builder
         */
        public Builder optChannelSkip(boolean channelSkip) {
            options.optChannelSkip(channelSkip);
            return this;
        }

        /**
         * Sets the number of steps in a chunk if the scan is composed of the engine's standard
         * operations (default: 0, chosen from the shape). It affects only speed and memory.
         *
         * @param chunkSize Q, or 0
         * @return this builder
         */
        public Builder optChunkSize(int chunkSize) {
            options.optChunkSize(chunkSize);
            return this;
        }

        /**
         * Sets whether D·x is added to the output (default: true).
         *
         * @param hasSkip whether the layer has D
         * @return this builder
         */
        public Builder optSkip(boolean hasSkip) {
            this.hasSkip = hasSkip;
            return this;
        }

        /**
         * Sets whether the layer computes B, C and Δ from its input (default: true). Otherwise its
         * input is [x | B | C | Δr], (B, L, E + 2·G·N + H).
         *
         * @param hasProjection whether the layer has x_proj
         * @return this builder
         */
        public Builder optProjection(boolean hasProjection) {
            this.hasProjection = hasProjection;
            return this;
        }

        /**
         * Sets whether the scan runs from the last step to the first (default: false). Such a layer
         * carries no state.
         *
         * @param reverse whether time runs backwards
         * @return this builder
         */
        public Builder optReverse(boolean reverse) {
            this.reverse = reverse;
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
         * Sets the scan (default: {@link Scans#chosen}).
         *
         * @param scan the scan; one that is not causal is refused when the layer first runs
         * @return this builder
         */
        public Builder optScan(Scan<SSDScanInput> scan) {
            this.scan = scan;
            return this;
        }

        /**
         * Builds the layer.
         *
         * @return the layer
         * @throws IllegalArgumentException if an option is out of range
         */
        public SSD build() {
            Checks.require(
                    !(reverse && returnState), "SSD", "a reversed layer has no state to return");
            return new SSD(this, options.build());
        }
    }
}
