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
import ai.djl.training.Trainer;
import ai.djl.training.listener.EarlyStoppingListener.EarlyStoppedException;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/**
 * Says when training no longer helps: when a value has not become better than the best so far for
 * some evaluations in a row. DJL's {@code EarlyStoppingListener} compares with the evaluation
 * before instead, so that a loss that swings never ends.
 *
 * <p>In a loop of one's own:
 *
 * <pre>{@code
 * EarlyStopping stopping = EarlyStopping.builder().optPatience(3).build();
 * while (!stopping.shouldStop()) {
 *     …
 *     if (stopping.update(validationLoss)) {
 *         save(model);
 *     }
 * }
 * }</pre>
 *
 * <p>With {@code EasyTrain}, which only an exception ends before its time; an {@code
 * EvaluatorTrainingListener}, as the default listeners have it, must come first:
 *
 * <pre>{@code
 * config.addTrainingListeners(TrainingListener.Defaults.logging())
 *         .addTrainingListeners(stopping.asListener());
 * try {
 *     EasyTrain.fit(trainer, 100, train, validation);
 * } catch (EarlyStoppingListener.EarlyStoppedException e) {
 *     System.out.println(e.getMessage());
 * }
 * }</pre>
 */
public final class EarlyStopping {

    private static final String NAME = "EarlyStopping";

    private final int patience;
    private final double minDelta;
    private final boolean maximize;
    private final boolean restoreBest;
    private final String metric;
    private final Runnable onImprovement;
    private double best;
    private long updates;
    private long bestUpdate;

    private EarlyStopping(Builder builder) {
        patience = builder.patience;
        minDelta = builder.minDelta;
        maximize = builder.maximize;
        restoreBest = builder.restoreBest;
        metric = builder.metric;
        onImprovement = builder.onImprovement;
        reset();
    }

    private void reset() {
        best = maximize ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        updates = 0;
        bestUpdate = 0;
    }

    /**
     * Makes a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Takes the next evaluation.
     *
     * @param value the value; NaN is never better
     * @return whether it is better than the best before by more than the least difference
     */
    public boolean update(double value) {
        updates++;
        boolean better = maximize ? value > best + minDelta : value < best - minDelta;
        if (better) {
            best = value;
            bestUpdate = updates;
            onImprovement.run();
        }
        return better;
    }

    /**
     * Says whether training should stop.
     *
     * @return whether the last evaluations, as many as the patience, were no better
     */
    public boolean shouldStop() {
        return updates - bestUpdate >= patience;
    }

    /**
     * Returns the best value.
     *
     * @return the value, infinite before the first
     */
    public double getBest() {
        return best;
    }

    /**
     * Returns which evaluation was the best.
     *
     * @return its number, 1 for the first, 0 where there was none
     */
    public long getBestUpdate() {
        return bestUpdate;
    }

    /**
     * Returns everything that the next decisions depend on, beside the options.
     *
     * @return the state, for {@link #restore}
     */
    public JsonObject state() {
        JsonObject state = new JsonObject();
        state.add("best", bestUpdate == 0 ? JsonNull.INSTANCE : new JsonPrimitive(best));
        state.addProperty("updates", updates);
        state.addProperty("bestUpdate", bestUpdate);
        return state;
    }

    /**
     * Goes on from a state.
     *
     * @param state what {@link #state} returned
     * @throws IllegalArgumentException if something is missing from it
     */
    public void restore(JsonObject state) {
        for (String key : new String[] {"best", "updates", "bestUpdate"}) {
            Checks.require(state.has(key), NAME, "the state has no \"%s\": %s", key, state);
        }
        reset();
        JsonElement value = state.get("best");
        best = value.isJsonNull() ? best : value.getAsDouble();
        updates = state.get("updates").getAsLong();
        bestUpdate = state.get("bestUpdate").getAsLong();
    }

    /**
     * Makes a listener of {@code EasyTrain} that looks at the validation of each epoch.
     *
     * @return the listener; it ends the training with an {@code EarlyStoppedException}
     */
    public TrainingListener asListener() {
        return new Listener();
    }

    private final class Listener extends TrainingListenerAdapter {

        private final ParameterSnapshot bestParameters = new ParameterSnapshot();
        private int epoch;

        @Override
        public void onEpoch(Trainer trainer) {
            epoch++;
            Float value = trainer.getTrainingResult().getValidateEvaluation(metric);
            if (value == null) {
                throw new IllegalStateException(
                        "EarlyStopping: there is no evaluation of \""
                                + metric
                                + "\"; an EvaluatorTrainingListener must come before this listener");
            }
            if (update(value) && restoreBest) {
                bestParameters.take(trainer.getModel().getBlock());
            }
            if (shouldStop()) {
                putBack();
                throw new EarlyStoppedException(
                        epoch,
                        String.format(
                                "stopped after epoch %d: %s was best in epoch %d, %s",
                                epoch, metric, epoch - (updates - bestUpdate), best));
            }
        }

        @Override
        public void onTrainingEnd(Trainer trainer) {
            putBack();
        }

        private void putBack() {
            bestParameters.restore();
            bestParameters.close();
        }
    }

    /** Builds an {@link EarlyStopping}. */
    public static final class Builder {

        private int patience = 3;
        private double minDelta;
        private boolean maximize;
        private boolean restoreBest;
        private String metric = "loss";
        private Runnable onImprovement = () -> {};

        private Builder() {}

        /**
         * Sets how many evaluations may be no better.
         *
         * @param patience how many in a row end the training (default: 3)
         * @return this builder
         */
        public Builder optPatience(int patience) {
            this.patience = Checks.positive(NAME, "patience", patience);
            return this;
        }

        /**
         * Sets by how much a value must be better.
         *
         * @param minDelta the difference that does not count yet, at least 0 (default: 0)
         * @return this builder
         */
        public Builder optMinDelta(double minDelta) {
            Checks.require(minDelta >= 0, NAME, "minDelta must be at least 0, got %s", minDelta);
            this.minDelta = minDelta;
            return this;
        }

        /**
         * Sets which values are better.
         *
         * @param maximize whether larger ones are, as of an accuracy (default: false)
         * @return this builder
         */
        public Builder optMaximize(boolean maximize) {
            this.maximize = maximize;
            return this;
        }

        /**
         * Sets whether the listener puts the parameters of the best epoch back when it stops the
         * training, or when the trainer is closed.
         *
         * @param restoreBest whether to keep a copy of them (default: false)
         * @return this builder
         */
        public Builder optRestoreBest(boolean restoreBest) {
            this.restoreBest = restoreBest;
            return this;
        }

        /**
         * Sets what the listener looks at.
         *
         * @param metric the name of an evaluator of the trainer, or "loss" (default: loss)
         * @return this builder
         */
        public Builder optMetric(String metric) {
            this.metric = metric;
            return this;
        }

        /**
         * Sets what to do at each new best value.
         *
         * @param onImprovement what to do, such as to save the model (default: nothing)
         * @return this builder
         */
        public Builder optOnImprovement(Runnable onImprovement) {
            this.onImprovement = onImprovement;
            return this;
        }

        /**
         * Builds the object.
         *
         * @return the object
         */
        public EarlyStopping build() {
            return new EarlyStopping(this);
        }
    }
}
