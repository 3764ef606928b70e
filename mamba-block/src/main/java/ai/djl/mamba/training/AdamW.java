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
package ai.djl.mamba.training;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.training.ParameterGroups.Setting;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.ParameterTracker;
import ai.djl.training.tracker.Tracker;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019, arXiv 1711.05101) and parameter
 * groups, equivalent to {@code torch.optim.AdamW}.
 *
 * <p>The t-th update of a parameter p with gradient g, by the learning rate η and the weight decay
 * λ of its group:
 *
 * <pre>
 * p ← p − η·λ·p
 * m ← β₁·m + (1 − β₁)·g      v ← β₂·v + (1 − β₂)·g²
 * p ← p − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * </pre>
 *
 * <p>DJL's own {@code AdamW} adds ε to √v before the bias correction, which makes ε up to 30 times
 * as large in the first steps, has a single decay for all parameters, and cannot be saved. Use this
 * one in its place:
 *
 * <pre>{@code
 * AdamW optimizer =
 *         AdamW.builder()
 *                 .optLearningRateTracker(Schedules.warmUpCosine(3e-4f, 100, 2000))
 *                 .optGroups(ParameterGroups.of(model.getBlock()))
 *                 .build();
 * Trainer trainer = model.newTrainer(new DefaultTrainingConfig(loss).optOptimizer(optimizer));
 * }</pre>
 *
 * <p>The learning rate is what the tracker returns for the number of the step, starting from 1; t
 * counts the updates of each parameter, which are fewer if it was frozen. Parameters on several
 * devices have a state on each. The state is kept until {@link #close()}.
 */
public final class AdamW extends Optimizer implements AutoCloseable {

    private static final String NAME = "AdamW";

    private final ParameterTracker learningRate;
    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final ParameterGroups groups;
    private final Setting ungrouped;
    private final AdamState state = new AdamState();
    private final Set<AdamState.Key> updated = new HashSet<>(); // in the current step
    private int step;
    private float lastRate;

    private AdamW(Builder builder) {
        super(builder);
        learningRate = builder.learningRate;
        beta1 = builder.beta1;
        beta2 = builder.beta2;
        epsilon = builder.epsilon;
        groups = builder.groups;
        ungrouped = new Setting(1, getWeightDecay());
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Updates a parameter. Called by DJL's parameter server.
     *
     * @param parameterId the id of the parameter
     * @param weight the parameter, FLOAT32 or FLOAT64
     * @param grad its gradient
     * @throws IllegalStateException if the parameter groups do not contain the parameter
     */
    @Override
    public synchronized void update(String parameterId, NDArray weight, NDArray grad) {
        Setting setting = setting(parameterId);
        Device device = weight.getDevice();
        AdamState.Key key = new AdamState.Key(parameterId, device);
        beginStepIfDue(key);
        AdamState.Moments moments = state.get(key, weight, updated);
        updated.add(key);
        moments.updates++;
        lastRate = learningRate.getNewValue(parameterId, step);
        float rate = lastRate * setting.rateFactor();
        Checks.require(
                Float.isFinite(rate),
                NAME,
                "the learning rate of step %d must be finite, got %s",
                step,
                rate);
        double correction1 = 1 - Math.pow(beta1, moments.updates);
        double root2 = Math.sqrt(1 - Math.pow(beta2, moments.updates));
        NDList inputs = new NDList(weight, grad, moments.mean, moments.variance);
        // m / (√v/root + ε) = root · m / (√v + ε·root): with this ε, the fused update of the
        // engines computes the same as torch
        weight.getNDArrayInternal()
                .adamUpdate(
                        inputs,
                        new NDList(weight),
                        rate,
                        (float) (rate * root2 / correction1),
                        setting.weightDecay(),
                        rescaleGrad,
                        -1,
                        beta1,
                        beta2,
                        (float) (epsilon * root2),
                        true,
                        true);
        // MXNet appends an array with rescaleGrad, attached to the manager of the weight
        inputs.subNDList(4).close();
    }

    private Setting setting(String parameterId) {
        if (groups == null) {
            return ungrouped;
        }
        ParameterGroups.Member member = groups.withId(parameterId);
        if (member == null) {
            throw new IllegalStateException(
                    "AdamW: the parameter groups lack a parameter that is trained; create them from"
                            + " the block that is trained, once it has all its parameters");
        }
        return member.setting();
    }

    /** Begins a step when a parameter is updated again: DJL does not report when a step begins. */
    private void beginStepIfDue(AdamState.Key key) {
        if (updated.isEmpty() || updated.contains(key)) {
            step++;
            if (!updated.isEmpty()) {
                state.dropLoaded();
            }
            updated.clear();
        }
    }

    /**
     * Returns the number of steps so far.
     *
     * @return the number of steps, including those before {@link #save}
     */
    public synchronized int getStep() {
        return step;
    }

    /**
     * Returns the learning rate of the last step, before the factors of the groups.
     *
     * @return the learning rate, 0 before the first step
     */
    public synchronized float getLearningRate() {
        return lastRate;
    }

    /**
     * Returns the state of each parameter that has been updated.
     *
     * @return the states by parameter name; their arrays belong to this optimizer
     * @throws IllegalStateException if this optimizer has no parameter groups, which provide the
     *     names
     */
    public synchronized Map<String, State> getStates() {
        return state.byName(requireGroups());
    }

    /**
     * Writes everything that the next steps depend on, apart from the parameters and the options.
     *
     * @param out the stream to write to; it is not closed
     * @throws IOException if it cannot be written
     * @throws IllegalStateException if this optimizer has no parameter groups, which provide the
     *     names
     */
    public synchronized void save(DataOutputStream out) throws IOException {
        requireGroups();
        AdamStateFormat.write(out, step, lastRate, getStates());
    }

    /**
     * Reads what {@link #save} wrote: the next steps are bit for bit those of the saved optimizer.
     * If anything is wrong, the state does not change.
     *
     * @param in the stream to read from; it is not closed
     * @throws IOException if it cannot be read
     * @throws MalformedModelException if it is not the state of an AdamW, or the name, shape or
     *     type of a parameter differs from the block
     * @throws IllegalStateException if this optimizer has no parameter groups, or their block is
     *     not initialized
     */
    public synchronized void load(DataInputStream in) throws IOException, MalformedModelException {
        AdamStateFormat.Content content = AdamStateFormat.read(in, requireGroups());
        state.replace(content.moments());
        step = content.step();
        lastRate = content.learningRate();
        updated.clear();
    }

    private ParameterGroups requireGroups() {
        if (groups == null) {
            throw new IllegalStateException(
                    "AdamW: the state is keyed by parameter names, which need"
                            + " optGroups(ParameterGroups.of(block))");
        }
        return groups;
    }

    /** Frees the state. */
    @Override
    public synchronized void close() {
        state.close();
    }

    /**
     * The state of a parameter.
     *
     * @param updates the number of updates of the parameter
     * @param mean the running mean of the gradient, m
     * @param variance the running mean of the squared gradient, v
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record State(int updates, NDArray mean, NDArray variance) {}

    /** Builds an {@link AdamW}. */
    public static final class Builder extends OptimizerBuilder<Builder> {

        private ParameterTracker learningRate = Tracker.fixed(0.001f);
        private float beta1 = 0.9f;
        private float beta2 = 0.999f;
        private float epsilon = 1e-8f;
        private ParameterGroups groups;

        private Builder() {
            optWeightDecays(0.01f);
        }

        /**
         * Sets the learning rate.
         *
         * @param learningRate the rate of each step (default: 0.001)
         * @return this builder
         */
        public Builder optLearningRateTracker(ParameterTracker learningRate) {
            this.learningRate = learningRate;
            return this;
        }

        /**
         * Sets the decay rates of the running means.
         *
         * @param beta1 the decay rate of the mean, in [0, 1) (default: 0.9)
         * @param beta2 the decay rate of the mean of squares, in [0, 1) (default: 0.999)
         * @return this builder
         */
        public Builder optBetas(float beta1, float beta2) {
            for (float beta : new float[] {beta1, beta2}) {
                Checks.require(
                        beta >= 0 && beta < 1, NAME, "betas must be in [0, 1), got %s", beta);
            }
            this.beta1 = beta1;
            this.beta2 = beta2;
            return this;
        }

        /**
         * Sets the term added to the denominators.
         *
         * @param epsilon ε, at least 0 (default: 1e-8)
         * @return this builder
         */
        public Builder optEpsilon(float epsilon) {
            Checks.require(epsilon >= 0, NAME, "epsilon must be at least 0, got %s", epsilon);
            this.epsilon = epsilon;
            return this;
        }

        /**
         * Sets the learning rate factor and the weight decay of each parameter.
         *
         * @param groups the groups (default: none; all parameters have the decay of {@link
         *     #optWeightDecays}, by default 0.01)
         * @return this builder
         */
        public Builder optGroups(ParameterGroups groups) {
            this.groups = groups;
            return this;
        }

        /**
         * Not supported: on PyTorch, DJL's clipping bounds elements from above only.
         *
         * @param clipGrad not used
         * @return never
         * @throws UnsupportedOperationException always
         */
        @Override
        public Builder optClipGrad(float clipGrad) {
            throw new UnsupportedOperationException(
                    "AdamW does not clip gradients element by element: use GradientClipping");
        }

        /**
         * Not supported: the number of the step is restored with the state.
         *
         * @param beginNumUpdate not used
         * @return never
         * @throws UnsupportedOperationException always
         */
        @Override
        public Builder optBeginNumUpdate(int beginNumUpdate) {
            throw new UnsupportedOperationException(
                    "AdamW restores the number of the step with its state: use load");
        }

        /** {@inheritDoc} */
        @Override
        protected Builder self() {
            return this;
        }

        /**
         * Builds the optimizer.
         *
         * @return the optimizer
         */
        public AdamW build() {
            return new AdamW(this);
        }
    }
}
