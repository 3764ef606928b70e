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

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;

/** The progress of a run, apart from its arrays, the position in its data, and its clock. */
final class RunState {

    long epoch;
    long tokens;
    double lossSum; // of the steps since the last evaluation
    long lossCount;
    double trainLoss = Double.NaN; // their mean at the last evaluation
    double nextEvaluation; // the progress at which it is due, if the run chooses
    boolean isStoppedEarly;
    Evaluation last;
    Evaluation best;

    private final EarlyStopping stopping;

    /**
     * Creates the state of a new run.
     *
     * @param patience the evaluations in a row without improvement that stop the run; 0 for never
     */
    RunState(int patience) {
        stopping =
                EarlyStopping.builder()
                        .optPatience(patience == 0 ? Integer.MAX_VALUE : patience)
                        .build();
    }

    void addLoss(double loss) {
        lossSum += loss;
        lossCount++;
    }

    /** Adds an evaluation; returns whether it is the best so far. */
    boolean add(Evaluation evaluation) {
        trainLoss = lossCount == 0 ? trainLoss : lossSum / lossCount;
        lossSum = 0;
        lossCount = 0;
        last = evaluation;
        boolean isBest = stopping.update(evaluation.meanNll());
        best = isBest ? evaluation : best;
        isStoppedEarly = stopping.shouldStop();
        return isBest;
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("epoch", epoch);
        json.addProperty("tokens", tokens);
        json.addProperty("loss_sum", Double.toString(lossSum));
        json.addProperty("loss_count", lossCount);
        json.addProperty("train_loss", Double.toString(trainLoss));
        json.addProperty("next_evaluation", nextEvaluation);
        json.add("stopping", stopping.state());
        json.addProperty("stopped_early", isStoppedEarly);
        json.add("last", toJson(last));
        json.add("best", toJson(best));
        return json;
    }

    private static JsonElement toJson(Evaluation evaluationOrNull) {
        if (evaluationOrNull == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("step", evaluationOrNull.step());
        json.addProperty("mean_nll", Double.toString(evaluationOrNull.meanNll())); // may be NaN
        json.addProperty("accuracy", Double.toString(evaluationOrNull.accuracy()));
        json.addProperty("labels", evaluationOrNull.labels());
        return json;
    }

    void restore(RunJson json) throws IOException {
        epoch = json.count("epoch");
        tokens = json.count("tokens");
        lossSum = json.number("loss_sum");
        lossCount = json.count("loss_count");
        trainLoss = json.number("train_loss");
        nextEvaluation = json.number("next_evaluation");
        restoreStopping(json.object("stopping"));
        isStoppedEarly = json.flag("stopped_early");
        last = evaluation(json, "last");
        best = evaluation(json, "best");
    }

    private void restoreStopping(RunJson json) throws IOException {
        long updates = json.count("updates");
        long bestUpdate = json.count("bestUpdate", updates);
        if (!json.isNull("best") || bestUpdate > 0) {
            json.number("best");
        }
        stopping.restore(json.json());
    }

    private static Evaluation evaluation(RunJson run, String key) throws IOException {
        if (run.isNull(key)) {
            return null;
        }
        RunJson json = run.object(key);
        return new Evaluation(
                json.count("step"),
                json.number("mean_nll"),
                json.number("accuracy"),
                json.count("labels"));
    }
}
