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
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.layer.TimeStepInit;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.ops.SelectiveScanInput;
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
 * The selective state space layer, S6 (Gu and Dao 2023, algorithm 2): (B, L, E) → (B, L, E).
 *
 * <p>Each channel carries N states with a diagonal A. It is selective because the time step Δ (per
 * channel), B and C (shared by the channels) are computed from the input:
 *
 * <pre>
 *   [Δr | B | C] = x_proj(u)                     sizes R, N, N
 *   Δ = softplus(Δr · W_dtᵀ + b_dt)              (B, L, E)
 *   s_t = exp(Δ_t A) s_{t−1} + Δ_t B_t u_t       A = −exp(A_log), (E, N)
 *   y_t = C_t · s_t + D u_t,                     times SiLU(z_t) if there is a gate
 * </pre>
 *
 * <p>Inputs and outputs are those of a {@link SequenceBlock}; the state is one array, (B, E, N).
 * Parameters: {@code A_log} (E, N), {@code D} (E), {@code x_proj.weight} (R + 2N, E), {@code
 * dt_proj.weight} (E, R) and {@code dt_proj.bias} (E).
 */
public final class SelectiveSSM extends SequenceBlock {

    private static final byte VERSION = 1;

    private final int stateSize;
    private int timeStepRank; // 0: auto
    private final boolean gated;
    private final boolean reverse;
    private final Scan<SelectiveScanInput> scan;
    private final Parameter aLog;
    private final Parameter skip;
    private final Projection inputProjection;
    private final Projection timeStepProjection;

    @SuppressWarnings("this-escape")
    SelectiveSSM(Builder builder) {
        super(VERSION, builder.returnState);
        stateSize = builder.stateSize;
        timeStepRank = builder.timeStepRank;
        gated = builder.gated;
        reverse = builder.reverse;
        scan = Scans.SELECTIVE.checked(builder.scan);
        aLog = addParameter(Parameters.of("A_log", SelectiveSSM::stateMatrixLog));
        skip = builder.hasSkip ? addParameter(Parameters.of("D", Initializer.ONES)) : null;
        inputProjection =
                addChildBlock(
                        "x_proj",
                        new Projection(builder.hasProjectionBias, Initializers.fanIn(1), null));
        timeStepProjection =
                addChildBlock(
                        "dt_proj",
                        new Projection(
                                builder.hasTimeStepBias,
                                builder.timeStepWeightInitializer(),
                                builder.timeStepInit.bias()));
    }

    /** A_log = ln(1), …, ln(N) in every channel, (E, N): A = −1, …, −N (S4D-Real). */
    private static NDArray stateMatrixLog(NDManager manager, Shape shape, DataType dataType) {
        return Scoped.array(
                manager,
                () -> {
                    double[] row = new double[(int) shape.get(1)];
                    for (int n = 0; n < row.length; n++) {
                        row[n] = Math.log(n + 1);
                    }
                    // a copy: PyTorch broadcasts to a view of one row, which optimizers reject
                    return HostArrays.create(manager, row, new Shape(1, row.length))
                            .toType(dataType, false)
                            .broadcast(shape)
                            .duplicate();
                });
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray u = input.data();
        NDManager manager = u.getManager();
        NDArray logA = parameterStore.getValue(aLog, u.getDevice(), training);
        NDArray d = parameterStore.getValue(skip, u.getDevice(), training);
        NDArray deltaBias =
                parameterStore.getValue(timeStepProjection.getBias(), u.getDevice(), training);
        long rank = timeStepProjection.getWeight().getArray().getShape().get(1);
        try (NDList scratch = new NDList()) {
            NDArray projected = inputProjection.apply(parameterStore, u, training);
            scratch.add(projected);
            NDList parts = projected.split(new long[] {rank, rank + stateSize}, 2);
            scratch.addAll(parts); // (B, L, R), (B, L, N), (B, L, N)
            NDArray delta =
                    timeStepProjection.applyWithoutBias(parameterStore, parts.get(0), training);
            scratch.add(delta); // (B, L, E)
            NDArray a = Scoped.array(manager, () -> logA.exp().neg());
            scratch.add(a);
            NDArray resets = input.resets(reverse, scratch);
            NDList result =
                    scan().scan(
                                    new SelectiveScanInput(
                                            u,
                                            delta,
                                            deltaBias,
                                            a,
                                            parts.get(1),
                                            parts.get(2),
                                            d,
                                            input.gate(),
                                            input.mask(),
                                            resets,
                                            input.state(0),
                                            reverse));
            if (!input.needState()) {
                scratch.add(result.remove(1));
            }
            return result;
        }
    }

    /** The scan given to this layer, or the one chosen by {@link Scans}. */
    Scan<SelectiveScanInput> scan() {
        return scan != null ? scan : Scans.SELECTIVE.chosen();
    }

    /** Resolves "auto" to ⌈d/16⌉, where d is the model size of the block around this layer. */
    void resolveAutoRank(long modelSize) {
        if (timeStepRank == 0) {
            timeStepRank = autoRank(modelSize);
        }
    }

    /** The rank of Δ that "auto" stands for: ⌈size/16⌉. */
    static int autoRank(long size) {
        return Math.toIntExact((size + 15) / 16);
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return isCausal()
                ? List.of(new StateSpec("state", new Shape(inputSize(), stateSize)))
                : List.of();
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return aLog.getArray().getDataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return aLog.getArray().getShape().get(0);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    public boolean hasGate() {
        return gated;
    }

    /** {@inheritDoc} */
    @Override
    public boolean isCausal() {
        return !reverse;
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        long channels = inputShapes[0].get(2);
        aLog.setShape(new Shape(channels, stateSize));
        if (skip != null) {
            skip.setShape(new Shape(channels));
        }
    }

    /** {@inheritDoc} */
    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        long channels = inputShapes[0].get(2);
        resolveAutoRank(channels);
        long rank = timeStepRank;
        inputProjection.setUnits(rank + 2L * stateSize);
        inputProjection.initialize(manager, dataType, new Shape(1, channels));
        timeStepProjection.setUnits(channels);
        timeStepProjection.initialize(manager, dataType, new Shape(1, rank));
    }

    /**
     * Returns the parameter A_log.
     *
     * @return A_log, (E, N), with A = −exp(A_log)
     */
    public Parameter getALog() {
        return aLog;
    }

    /**
     * Returns the skip parameter D.
     *
     * @return D, (E), or {@code null} if the layer has none
     */
    public Parameter getSkip() {
        return skip;
    }

    /**
     * Returns the projection from the input to Δr, B and C.
     *
     * @return x_proj
     */
    public Projection getInputProjection() {
        return inputProjection;
    }

    /**
     * Returns the projection from Δr to Δ.
     *
     * @return dt_proj
     */
    public Projection getTimeStepProjection() {
        return timeStepProjection;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of a {@link SelectiveSSM}; nothing is required. */
    public static final class Builder {

        int stateSize = 16;
        int timeStepRank;
        TimeStepInit timeStepInit = TimeStepInit.DEFAULT;
        double timeStepScale = 1;
        boolean constantTimeStepWeight;
        boolean hasTimeStepBias = true;
        boolean hasProjectionBias;
        boolean hasSkip = true;
        boolean gated;
        boolean reverse;
        boolean returnState;
        Scan<SelectiveScanInput> scan;

        Builder() {}

        /** Returns a builder of the layer in a block with the given options. */
        static Builder of(MambaOptions options) {
            return new Builder()
                    .optStateSize(options.stateSize())
                    .optTimeStepRank(options.timeStepRank())
                    .optTimeStepInit(options.timeStepInit())
                    .optTimeStepWeightInit(
                            options.timeStepScale(), options.constantTimeStepWeight())
                    .optGate(options.gate());
        }

        /**
         * Sets the number of states per channel (default: 16).
         *
         * @param stateSize N
         * @return this builder
         */
        public Builder optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return this;
        }

        /**
         * Sets the rank of Δ (default: "auto", ⌈E/16⌉; {@link MambaBlock} uses ⌈d/16⌉).
         *
         * @param timeStepRank R, or 0 for "auto"
         * @return this builder
         */
        public Builder optTimeStepRank(int timeStepRank) {
            this.timeStepRank = timeStepRank;
            return this;
        }

        /**
         * Sets the range of the initial Δ (default: {@link TimeStepInit#DEFAULT}).
         *
         * @param timeStepInit the range
         * @return this builder
         */
        public Builder optTimeStepInit(TimeStepInit timeStepInit) {
            this.timeStepInit = timeStepInit;
            return this;
        }

        /**
         * Sets the initial weight of dt_proj (default: random with scale 1).
         *
         * @param scale the weight is the constant scale/√R, or uniform within ±scale/√R
         * @param constant whether it is constant rather than uniform
         * @return this builder
         */
        public Builder optTimeStepWeightInit(double scale, boolean constant) {
            timeStepScale = scale;
            constantTimeStepWeight = constant;
            return this;
        }

        /**
         * Sets whether Δ has a bias (default: true).
         *
         * @param hasBias whether dt_proj has a bias
         * @return this builder
         */
        public Builder optTimeStepBias(boolean hasBias) {
            hasTimeStepBias = hasBias;
            return this;
        }

        /**
         * Sets whether the projection to Δr, B and C has a bias (default: false).
         *
         * @param hasBias whether x_proj has a bias
         * @return this builder
         */
        public Builder optProjectionBias(boolean hasBias) {
            hasProjectionBias = hasBias;
            return this;
        }

        /**
         * Sets whether D·u is added to the output (default: true).
         *
         * @param hasSkip whether the layer has D
         * @return this builder
         */
        public Builder optSkip(boolean hasSkip) {
            this.hasSkip = hasSkip;
            return this;
        }

        /**
         * Sets whether a second input z gates the output by SiLU(z) (default: false).
         *
         * @param gated whether there is a gate
         * @return this builder
         */
        public Builder optGate(boolean gated) {
            this.gated = gated;
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
        public Builder optScan(Scan<SelectiveScanInput> scan) {
            this.scan = scan;
            return this;
        }

        Initializer timeStepWeightInitializer() {
            if (constantTimeStepWeight) {
                return (manager, shape, dataType) ->
                        manager.full(
                                shape,
                                (float) (timeStepScale / Math.sqrt((double) shape.get(1))),
                                dataType);
            }
            return Initializers.fanIn(timeStepScale);
        }

        /**
         * Builds the layer.
         *
         * @return the layer
         * @throws IllegalArgumentException if an option is out of range
         */
        public SelectiveSSM build() {
            String name = "SelectiveSSM";
            Checks.size(name, "stateSize", stateSize);
            Checks.require(
                    timeStepRank >= 0 && timeStepRank <= Checks.MAX_SIZE,
                    name,
                    "timeStepRank must be positive and at most %d, or 0 for auto, got %d",
                    Checks.MAX_SIZE,
                    timeStepRank);
            Checks.require(timeStepInit != null, name, "timeStepInit must not be null");
            Checks.require(
                    !(reverse && returnState), name, "a reversed layer has no state to return");
            return new SelectiveSSM(this);
        }
    }
}
