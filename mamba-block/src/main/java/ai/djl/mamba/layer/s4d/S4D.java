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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The linear time-invariant state space layer with a diagonal state matrix, S4D (Gu, Gupta, Goel
 * and Ré 2022, arXiv 2206.11893): (B, L, E) → (B, L, E).
 *
 * <p>It is the baseline that takes the place of {@link SelectiveSSM}: Δ, A and C are parameters
 * that do not depend on the input. Each channel has N/2 conjugate pairs of states, of each of which
 * one is computed:
 *
 * <pre>
 *   A = −exp(log_A_real) + i·A_imag,  Δ = exp(log_dt),  B = 1
 *   Ā = exp(ΔA),                  B̄ = (Ā − 1)/A         zero-order hold
 *   Ā = (1 + ΔA/2)/(1 − ΔA/2),    B̄ = Δ/(1 − ΔA/2)      bilinear
 *   s_t = Ā s_{t−1} + B̄ u_t
 *   y_t = 2·Re(Σ C s_t) + D u_t
 * </pre>
 *
 * <p>A call is computed as a recurrence in chunks or as a convolution with the kernel K_l = 2·Re(Σ
 * C B̄ Ā^l); see {@link Mode}. Both are exact, and linear in L up to the logarithm in the
 * transform.
 *
 * <p>Inputs and outputs are those of a {@link SequenceBlock}; the state is one real array, (B, E,
 * N): the real parts of the N/2 states, then their imaginary parts. Parameters: {@code log_A_real}
 * (E, N/2), {@code A_imag} (E, N/2) unless initialized by {@link Init#REAL}, {@code C} (E, N/2, 2)
 * with the real part first, {@code log_dt} (E) and {@code D} (E). The authors train all but C and D
 * at a lower learning rate and without weight decay.
 */
public final class S4D extends SequenceBlock {

    private static final byte VERSION = 1;

    /** The initial poles of A, n = 0 … N/2 − 1. */
    public enum Init {
        /** S4D-Lin: −1/2 + i·πn. */
        LIN,
        /** S4D-Inv: −1/2 + i·(N/π)(N/(2n + 1) − 1). */
        INV,
        /** S4D-LegS: the eigenvalues of the normal part of HiPPO-LegS, −1/2 + i·λ_n. */
        LEGS,
        /** S4D-Real: −(n + 1); A stays real, so that only half of the state is used. */
        REAL
    }

    /** How the continuous system is discretized. */
    public enum Discretization {
        /** Ā = exp(ΔA), B̄ = (Ā − 1)/A. */
        ZERO_ORDER_HOLD,
        /** Ā = (1 + ΔA/2)/(1 − ΔA/2), B̄ = Δ/(1 − ΔA/2). */
        BILINEAR
    }

    /** How a call of more than one step is computed; the results agree. */
    public enum Mode {
        /**
         * The convolution where it is faster: on PyTorch, for long sequences without begin state
         * whose final state is not wanted. Otherwise the recurrence.
         */
        AUTO,
        /**
         * The convolution by fast Fourier transforms, which only PyTorch has. Rows with several
         * documents still use the recurrence, because a kernel would reach from one document into
         * the next.
         */
        CONVOLUTION,
        /** The recurrence, in chunks of matrix products. */
        RECURRENCE
    }

    private final int stateSize;
    private final Discretization discretization;
    private final Mode mode;
    private final Parameter logAReal;
    private final Parameter aImag;
    private final Parameter c;
    private final Parameter logTimeStep;
    private final Parameter skip;

    @SuppressWarnings("this-escape")
    S4D(Builder builder) {
        super(VERSION, builder.returnState);
        stateSize = builder.stateSize;
        discretization = builder.discretization;
        mode = builder.mode;
        Init init = builder.init;
        int poles = stateSize / 2;
        logAReal =
                addParameter(
                        Parameters.of("log_A_real", inEveryChannel(() -> logDecays(init, poles))));
        aImag =
                init == Init.REAL
                        ? null
                        : addParameter(
                                Parameters.of(
                                        "A_imag",
                                        inEveryChannel(() -> S4DPoles.frequencies(init, poles))));
        // complex normal numbers of variance 1, half of it in each part
        c = addParameter(Parameters.of("C", normal(Math.sqrt(0.5))));
        logTimeStep =
                addParameter(
                        Parameters.of(
                                "log_dt",
                                Initializers.logUniform(
                                        builder.timeStepInitMin, builder.timeStepInitMax)));
        skip = builder.hasSkip ? addParameter(Parameters.of("D", Initializer.ONES)) : null;
    }

    private static double[] logDecays(Init init, int poles) {
        return Arrays.stream(S4DPoles.decays(init, poles)).map(Math::log).toArray();
    }

    /** Computes the row only when it is needed: a model that is loaded does not need it. */
    private static Initializer inEveryChannel(Supplier<double[]> values) {
        return (manager, shape, dataType) ->
                Scoped.array(
                        manager,
                        () -> {
                            double[] row = values.get();
                            return HostArrays.create(manager, row, new Shape(1, row.length))
                                    .toType(dataType, false)
                                    .broadcast(shape)
                                    .duplicate();
                        });
    }

    private static Initializer normal(double deviation) {
        return (manager, shape, dataType) ->
                manager.randomNormal(0, (float) deviation, shape, dataType);
    }

    /** {@inheritDoc} */
    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray u = input.data();
        NDArray logDecay = parameterStore.getValue(logAReal, u.getDevice(), training);
        NDArray frequency = parameterStore.getValue(aImag, u.getDevice(), training);
        NDArray weights = parameterStore.getValue(c, u.getDevice(), training);
        NDArray logDt = parameterStore.getValue(logTimeStep, u.getDevice(), training);
        NDArray d = parameterStore.getValue(skip, u.getDevice(), training);
        return Scoped.run(
                u.getManager(),
                () -> {
                    NDArray decay = logDecay.exp().neg();
                    NDList parts = weights.split(2, 2);
                    ComplexArray output = new ComplexArray(parts.get(0), parts.get(1));
                    DiagonalSystem system =
                            DiagonalSystem.of(
                                    new ComplexArray(
                                            decay,
                                            frequency == null ? decay.zerosLike() : frequency),
                                    logDt.exp().expandDims(1),
                                    output.reshape(-1, stateSize / 2),
                                    discretization);
                    NDList result = LtiScan.run(system, input, mode);
                    if (d != null) {
                        result.set(0, u.mul(d).add(result.get(0)));
                    }
                    return result;
                });
    }

    /** {@inheritDoc} */
    @Override
    public List<StateSpec> getStateSpecs() {
        return List.of(new StateSpec("state", new Shape(inputSize(), stateSize)));
    }

    /** {@inheritDoc} */
    @Override
    public DataType dataType() {
        return logAReal.getArray().getDataType();
    }

    /** {@inheritDoc} */
    @Override
    public long inputSize() {
        return logAReal.getArray().getShape().get(0);
    }

    /** {@inheritDoc} */
    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        long channels = inputShapes[0].get(2);
        long pairs = stateSize / 2;
        logAReal.setShape(new Shape(channels, pairs));
        if (aImag != null) {
            aImag.setShape(new Shape(channels, pairs));
        }
        c.setShape(new Shape(channels, pairs, 2));
        logTimeStep.setShape(new Shape(channels));
        if (skip != null) {
            skip.setShape(new Shape(channels));
        }
    }

    /**
     * Returns the parameter log_A_real.
     *
     * @return log_A_real, (E, N/2), with Re(A) = −exp(log_A_real)
     */
    public Parameter getLogAReal() {
        return logAReal;
    }

    /**
     * Returns the parameter A_imag.
     *
     * @return A_imag, (E, N/2), or {@code null} if A is real
     */
    public Parameter getAImag() {
        return aImag;
    }

    /**
     * Returns the parameter C.
     *
     * @return C, (E, N/2, 2), the real part first
     */
    public Parameter getC() {
        return c;
    }

    /**
     * Returns the parameter log_dt.
     *
     * @return log_dt, (E), with Δ = exp(log_dt)
     */
    public Parameter getLogTimeStep() {
        return logTimeStep;
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
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of an {@link S4D}; nothing is required. */
    public static final class Builder {

        int stateSize = 16;
        Init init = Init.LIN;
        Discretization discretization = Discretization.ZERO_ORDER_HOLD;
        Mode mode = Mode.AUTO;
        double timeStepInitMin = 0.001;
        double timeStepInitMax = 0.1;
        boolean hasSkip = true;
        boolean returnState;

        Builder() {}

        /**
         * Sets the number of states per channel (default: 16, as in {@link SelectiveSSM}).
         *
         * @param stateSize N, even: two real values for each conjugate pair
         * @return this builder
         */
        public Builder optStateSize(int stateSize) {
            this.stateSize = stateSize;
            return this;
        }

        /**
         * Sets the initial poles of A (default: S4D-Lin).
         *
         * @param init the poles
         * @return this builder
         */
        public Builder optInit(Init init) {
            this.init = init;
            return this;
        }

        /**
         * Sets the discretization (default: zero-order hold).
         *
         * @param discretization the discretization rule
         * @return this builder
         */
        public Builder optDiscretization(Discretization discretization) {
            this.discretization = discretization;
            return this;
        }

        /**
         * Sets how a sequence is computed (default: the faster way).
         *
         * @param mode the mode
         * @return this builder
         */
        public Builder optMode(Mode mode) {
            this.mode = mode;
            return this;
        }

        /**
         * Sets the range of the initial Δ, log-uniform (default: 0.001 to 0.1).
         *
         * @param min the smallest initial time step
         * @param max the largest initial time step
         * @return this builder
         */
        public Builder optTimeStepInit(double min, double max) {
            timeStepInitMin = min;
            timeStepInitMax = max;
            return this;
        }

        /**
         * Sets whether D·u is added to the output (default: true).
         *
         * @param hasSkip whether the layer has the parameter D
         * @return this builder
         */
        public Builder optSkip(boolean hasSkip) {
            this.hasSkip = hasSkip;
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
         * Builds the layer.
         *
         * @return the layer
         * @throws IllegalArgumentException if an option is out of range
         */
        public S4D build() {
            check("S4D", stateSize, timeStepInitMin, timeStepInitMax);
            Checks.require(
                    init != null && discretization != null && mode != null,
                    "S4D",
                    "init, discretization and mode must not be null, got %s, %s, %s",
                    init,
                    discretization,
                    mode);
            return new S4D(this);
        }
    }

    /** Checks the options of a layer. */
    static void check(String owner, int stateSize, double timeStepInitMin, double timeStepInitMax) {
        Checks.size(owner, "stateSize", stateSize);
        Checks.require(
                stateSize % 2 == 0,
                owner,
                "stateSize must be even (two values for each conjugate pair), got %d",
                stateSize);
        Checks.require(
                timeStepInitMin > 0
                        && timeStepInitMin <= timeStepInitMax
                        && timeStepInitMax < Double.POSITIVE_INFINITY,
                owner,
                "expected a time step range 0 < min ≤ max, got [%s, %s]",
                timeStepInitMin,
                timeStepInitMax);
    }
}
