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
 * Decides when to stop training: when a value has not improved on the best so far for a number of
 * evaluations in a row. DJL's {@code EarlyStoppingListener} compares with the previous evaluation
 * instead, so that training never stops if the loss oscillates.
 *
 * <p>In a custom training loop:
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
 * <p>With {@code EasyTrain}, which only an exception can stop early. An {@code
 * EvaluatorTrainingListener}, such as that of the default listeners, must come first:
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
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Adds the value of the next evaluation.
     *
     * @param value the value; NaN is never an improvement
     * @return whether it improves on the best so far by more than the minimum difference
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
     * Returns whether training should stop.
     *
     * @return whether the value has not improved for as many evaluations as the patience
     */
    public boolean shouldStop() {
        return updates - bestUpdate >= patience;
    }

    /**
     * Returns the best value so far.
     *
     * @return the value, infinite before the first evaluation
     */
    public double getBest() {
        return best;
    }

    /**
     * Returns the number of the best evaluation.
     *
     * @return its number, starting from 1; 0 if there is none
     */
    public long getBestUpdate() {
        return bestUpdate;
    }

    /**
     * Returns everything that future decisions depend on, apart from the options.
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
     * Restores a state.
     *
     * @param state what {@link #state} returned
     * @throws IllegalArgumentException if the state is incomplete
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
     * Creates a listener for {@code EasyTrain} that checks the validation result of each epoch.
     *
     * @return the listener; it stops training by an {@code EarlyStoppedException}
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
                        "EarlyStopping: there is no validation result for \""
                                + metric
                                + "\"; an EvaluatorTrainingListener must come before this listener");
            }
            if (update(value) && restoreBest) {
                bestParameters.take(trainer.getModel().getBlock());
            }
            if (shouldStop()) {
                restoreBestParameters();
                throw new EarlyStoppedException(
                        epoch,
                        String.format(
                                "stopped after epoch %d: %s was best in epoch %d, %s",
                                epoch, metric, epoch - (updates - bestUpdate), best));
            }
        }

        @Override
        public void onTrainingEnd(Trainer trainer) {
            restoreBestParameters();
        }

        private void restoreBestParameters() {
            bestParameters.restore();
            bestParameters.close();
        }
    }

    /** The builder of an {@link EarlyStopping}; nothing is required. */
    public static final class Builder {

        private int patience = 3;
        private double minDelta;
        private boolean maximize;
        private boolean restoreBest;
        private String metric = "loss";
        private Runnable onImprovement = () -> {};

        private Builder() {}

        /**
         * Sets the number of evaluations without improvement that stop training.
         *
         * @param patience the number of evaluations in a row (default: 3)
         * @return this builder
         */
        public Builder optPatience(int patience) {
            this.patience = Checks.positive(NAME, "patience", patience);
            return this;
        }

        /**
         * Sets the minimum difference of an improvement.
         *
         * @param minDelta the difference that a value has to exceed, at least 0 (default: 0)
         * @return this builder
         */
        public Builder optMinDelta(double minDelta) {
            Checks.require(minDelta >= 0, NAME, "minDelta must be at least 0, got %s", minDelta);
            this.minDelta = minDelta;
            return this;
        }

        /**
         * Sets whether larger or smaller values are better.
         *
         * @param maximize whether larger values are better, as for an accuracy (default: false)
         * @return this builder
         */
        public Builder optMaximize(boolean maximize) {
            this.maximize = maximize;
            return this;
        }

        /**
         * Sets whether the listener restores the parameters of the best epoch when it stops
         * training or the trainer is closed.
         *
         * @param restoreBest whether to keep and restore a copy of them (default: false)
         * @return this builder
         */
        public Builder optRestoreBest(boolean restoreBest) {
            this.restoreBest = restoreBest;
            return this;
        }

        /**
         * Sets the metric that the listener checks.
         *
         * @param metric the name of an evaluator of the trainer (default: loss)
         * @return this builder
         */
        public Builder optMetric(String metric) {
            this.metric = metric;
            return this;
        }

        /**
         * Sets an action to run at each new best value.
         *
         * @param onImprovement the action, such as saving the model (default: none)
         * @return this builder
         */
        public Builder optOnImprovement(Runnable onImprovement) {
            this.onImprovement = onImprovement;
            return this;
        }

        /**
         * Builds the instance.
         *
         * @return the instance
         */
        public EarlyStopping build() {
            return new EarlyStopping(this);
        }
    }
}
