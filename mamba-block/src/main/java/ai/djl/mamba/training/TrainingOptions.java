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

import ai.djl.mamba.internal.Checks;
import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Set;

/**
 * The options of a {@link TrainingRun}.
 *
 * @param steps the maximum number of steps; 0 for no such limit
 * @param epochs the maximum number of passes over the data; 0 for no such limit
 * @param seconds the maximum number of seconds; 0 for no such limit
 * @param accumulation the number of batches per step, whose gradients are accumulated
 * @param learningRate the highest learning rate
 * @param schedule the learning rate after the warm-up
 * @param warmupSteps the steps in which the learning rate rises from 0; {@link #AUTOMATIC} for 4 %
 *     of the run
 * @param weightDecay the weight decay of the parameters that decay
 * @param beta1 AdamW's decay rate of the mean of the gradients
 * @param beta2 AdamW's decay rate of the mean of their squares
 * @param epsilon the term that AdamW adds to its denominators
 * @param clipNorm the largest global norm of the gradients; 0 for no clipping
 * @param seed the seed of the engine's random numbers, as used by dropout
 * @param evaluateEvery the steps between two evaluations; {@link #AUTOMATIC} for ten in total
 * @param evaluationBatches the maximum number of batches of an evaluation; 0 for a whole pass
 * @param saveEvery the steps between two checkpoints; {@link #AUTOMATIC} for one every five minutes
 * @param patience the evaluations in a row without improvement after which training stops; 0 for no
 *     early stopping
 * @param keepBest whether the result has the parameters of the best evaluation rather than the last
 *     ones
 * @param carryState whether a row that continues one of the previous batch starts from the final
 *     state of that row: truncated back-propagation through time
 */
public record TrainingOptions(
        long steps,
        long epochs,
        double seconds,
        int accumulation,
        float learningRate,
        Schedule schedule,
        int warmupSteps,
        float weightDecay,
        float beta1,
        float beta2,
        float epsilon,
        double clipNorm,
        int seed,
        int evaluateEvery,
        int evaluationBatches,
        int saveEvery,
        int patience,
        boolean keepBest,
        boolean carryState) {

    /** Lets the run choose. */
    public static final int AUTOMATIC = -1;

    /** The names in {@link #fingerprint} of what may be raised when a run is resumed. */
    static final Set<String> LIMITS = Set.of("steps", "epochs", "seconds");

    private static final String NAME = "TrainingOptions";

    /** The learning rate after the warm-up. */
    public enum Schedule {
        /** Falls along half a cosine to a tenth at the end of the run. */
        COSINE,
        /** Does not change. */
        CONSTANT
    }

    /** Checks the options. */
    public TrainingOptions {
        Checks.require(
                steps >= 0 && epochs >= 0 && seconds >= 0,
                NAME,
                "steps, epochs and seconds cannot be negative, got %d, %d, %s",
                steps,
                epochs,
                seconds);
        Checks.require(
                steps > 0 || epochs > 0 || seconds > 0,
                NAME,
                "at least one of steps, epochs and seconds must be set");
        Checks.given(NAME, "schedule", schedule);
        Checks.positive(NAME, "accumulation", accumulation);
        Checks.require(
                learningRate > 0 && Float.isFinite(learningRate),
                NAME,
                "learningRate must be positive, got %s",
                learningRate);
        Checks.require(
                weightDecay >= 0 && Float.isFinite(weightDecay),
                NAME,
                "weightDecay cannot be negative, got %s",
                weightDecay);
        Checks.require(
                beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
                NAME,
                "expected betas in [0, 1), got %s and %s",
                beta1,
                beta2);
        Checks.require(
                epsilon >= 0 && Float.isFinite(epsilon),
                NAME,
                "epsilon cannot be negative, got %s",
                epsilon);
        Checks.require(clipNorm >= 0, NAME, "clipNorm cannot be negative, got %s", clipNorm);
        atLeast("warmupSteps", warmupSteps, 0);
        atLeast("evaluateEvery", evaluateEvery, 1);
        atLeast("saveEvery", saveEvery, 1);
        Checks.require(
                patience >= 0 && evaluationBatches >= 0,
                NAME,
                "patience and evaluationBatches cannot be negative, got %d and %d",
                patience,
                evaluationBatches);
    }

    private static void atLeast(String option, int value, int minimum) {
        Checks.require(
                value == AUTOMATIC || value >= minimum,
                NAME,
                "%s must be at least %d, or AUTOMATIC, got %d",
                option,
                minimum,
                value);
    }

    /**
     * Returns the options that determine the results of a run, which can only be resumed with the
     * same values, its {@link #LIMITS} apart.
     *
     * @return their values by name
     */
    JsonObject fingerprint() {
        JsonObject json = new JsonObject();
        json.addProperty("steps", steps);
        json.addProperty("epochs", epochs);
        json.addProperty("seconds", seconds);
        json.addProperty("accumulation", accumulation);
        json.addProperty("learning_rate", learningRate);
        json.addProperty("schedule", schedule.name().toLowerCase(Locale.ROOT));
        json.addProperty("warmup_steps", warmupSteps);
        json.addProperty("weight_decay", weightDecay);
        json.addProperty("beta1", beta1);
        json.addProperty("beta2", beta2);
        json.addProperty("epsilon", epsilon);
        json.addProperty("clip_norm", clipNorm);
        json.addProperty("seed", seed);
        json.addProperty("evaluate_every", evaluateEvery);
        json.addProperty("evaluation_batches", evaluationBatches);
        json.addProperty("patience", patience);
        json.addProperty("keep_best", keepBest);
        json.addProperty("carry_state", carryState);
        return json;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** The builder of {@link TrainingOptions}. */
    public static final class Builder {

        private long steps;
        private long epochs;
        private double seconds;
        private int accumulation = 1;
        private float learningRate = 1e-3f;
        private Schedule schedule = Schedule.COSINE;
        private int warmupSteps = AUTOMATIC;
        private float weightDecay;
        private float beta1 = 0.9f;
        private float beta2 = 0.999f;
        private float epsilon = 1e-8f;
        private double clipNorm = 1;
        private int seed;
        private int evaluateEvery = AUTOMATIC;
        private int evaluationBatches;
        private int saveEvery = AUTOMATIC;
        private int patience;
        private boolean keepBest = true;
        private boolean carryState;

        Builder() {}

        /**
         * Sets the maximum number of steps (default: no limit).
         *
         * @param steps the number of updates, or 0 for no limit
         * @return this builder
         */
        public Builder optSteps(long steps) {
            this.steps = steps;
            return this;
        }

        /**
         * Sets the maximum number of passes over the data (default: no limit).
         *
         * @param epochs the number of passes, or 0 for no limit
         * @return this builder
         */
        public Builder optEpochs(long epochs) {
            this.epochs = epochs;
            return this;
        }

        /**
         * Sets the maximum number of seconds (default: no limit). The number of steps, and so the
         * result, then depends on the machine and its load.
         *
         * @param seconds the seconds, or 0 for no limit
         * @return this builder
         */
        public Builder optSeconds(double seconds) {
            this.seconds = seconds;
            return this;
        }

        /**
         * Sets the number of batches whose gradients are accumulated for each step (default: 1).
         *
         * @param accumulation the number of batches
         * @return this builder
         */
        public Builder optAccumulation(int accumulation) {
            this.accumulation = accumulation;
            return this;
        }

        /**
         * Sets the highest learning rate (default: 0.001).
         *
         * @param learningRate the rate
         * @return this builder
         */
        public Builder optLearningRate(float learningRate) {
            this.learningRate = learningRate;
            return this;
        }

        /**
         * Sets the schedule of the learning rate after the warm-up (default: a cosine).
         *
         * @param schedule the schedule
         * @return this builder
         */
        public Builder optSchedule(Schedule schedule) {
            this.schedule = schedule;
            return this;
        }

        /**
         * Sets the number of steps in which the learning rate rises (default: 4 % of the run).
         *
         * @param warmupSteps the number of steps, or {@link #AUTOMATIC}
         * @return this builder
         */
        public Builder optWarmupSteps(int warmupSteps) {
            this.warmupSteps = warmupSteps;
            return this;
        }

        /**
         * Sets the weight decay of the parameters that decay (default: 0).
         *
         * @param weightDecay the decay
         * @return this builder
         */
        public Builder optWeightDecay(float weightDecay) {
            this.weightDecay = weightDecay;
            return this;
        }

        /**
         * Sets the largest global norm of the gradients (default: 1).
         *
         * @param clipNorm the norm, or 0 for no clipping
         * @return this builder
         */
        public Builder optClipNorm(double clipNorm) {
            this.clipNorm = clipNorm;
            return this;
        }

        /**
         * Sets the seed of the engine's random numbers (default: 0).
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder optSeed(int seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets the number of steps between two evaluations (default: ten evaluations in total).
         *
         * @param evaluateEvery the number of steps, or {@link #AUTOMATIC}
         * @return this builder
         */
        public Builder optEvaluateEvery(int evaluateEvery) {
            this.evaluateEvery = evaluateEvery;
            return this;
        }

        /**
         * Sets the maximum number of batches of an evaluation (default: a whole pass).
         *
         * @param evaluationBatches the number of batches, or 0 for a whole pass
         * @return this builder
         */
        public Builder optEvaluationBatches(int evaluationBatches) {
            this.evaluationBatches = evaluationBatches;
            return this;
        }

        /**
         * Sets the number of steps between two checkpoints (default: one every five minutes).
         *
         * @param saveEvery the number of steps, or {@link #AUTOMATIC}
         * @return this builder
         */
        public Builder optSaveEvery(int saveEvery) {
            this.saveEvery = saveEvery;
            return this;
        }

        /**
         * Sets the number of evaluations in a row without improvement after which training stops
         * (default: never).
         *
         * @param patience the number of evaluations, or 0 for no early stopping
         * @return this builder
         */
        public Builder optPatience(int patience) {
            this.patience = patience;
            return this;
        }

        /**
         * Sets whether the result has the parameters of the best evaluation (default: true).
         *
         * @param keepBest whether to restore them in place of the last ones
         * @return this builder
         */
        public Builder optKeepBest(boolean keepBest) {
            this.keepBest = keepBest;
            return this;
        }

        /**
         * Sets whether rows that continue those of the previous batch start from their final states
         * (default: false).
         *
         * @param carryState whether the state is carried from batch to batch
         * @return this builder
         */
        public Builder optCarryState(boolean carryState) {
            this.carryState = carryState;
            return this;
        }

        /**
         * Sets the decay rates of AdamW's means (default: 0.9, 0.999).
         *
         * @param beta1 the decay rate of the mean of the gradients
         * @param beta2 the decay rate of the mean of their squares
         * @return this builder
         */
        public Builder optBetas(float beta1, float beta2) {
            this.beta1 = beta1;
            this.beta2 = beta2;
            return this;
        }

        /**
         * Sets the term that AdamW adds to its denominators (default: 1e-8). If the loss is nearly
         * 0, a smaller value lets tiny gradients still move the parameters.
         *
         * @param epsilon ε, at least 0
         * @return this builder
         */
        public Builder optEpsilon(float epsilon) {
            this.epsilon = epsilon;
            return this;
        }

        /**
         * Builds the options.
         *
         * @return the options
         * @throws IllegalArgumentException if no limit is set or an option is out of range
         */
        public TrainingOptions build() {
            return new TrainingOptions(
                    steps,
                    epochs,
                    seconds,
                    accumulation,
                    learningRate,
                    schedule,
                    warmupSteps,
                    weightDecay,
                    beta1,
                    beta2,
                    epsilon,
                    clipNorm,
                    seed,
                    evaluateEvery,
                    evaluationBatches,
                    saveEvery,
                    patience,
                    keepBest,
                    carryState);
        }
    }
}
