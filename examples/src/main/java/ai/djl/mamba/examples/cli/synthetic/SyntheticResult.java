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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.training.TrainingResult;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * How well a model learned a synthetic task.
 *
 * @param model the model
 * @param settings how it was trained
 * @param parameters the number of its parameters
 * @param training the result of the training run
 * @param engine the engine
 * @param device the device
 * @param curve its progress during training
 * @param accuracies its accuracy at each test length, ascending
 */
record SyntheticResult(
        SyntheticModel model,
        SyntheticSettings settings,
        long parameters,
        TrainingResult training,
        String engine,
        String device,
        SyntheticCurve curve,
        List<SyntheticEvaluator.Accuracy> accuracies) {

    /** The whole result, for the card of the model. */
    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("task", settings.task().toString());
        json.addProperty("model", model.toString());
        json.addProperty("vocabulary", SyntheticTask.VOCABULARY);
        json.addProperty("shortest", settings.shortest());
        json.addProperty("length", settings.length());
        if (settings.task() != SyntheticTask.INDUCTION_HEADS) {
            json.addProperty("fewest_copied_tokens", settings.fewest());
            json.addProperty("copied_tokens", settings.copied());
        }
        json.addProperty("curriculum_steps", settings.curriculum());
        json.addProperty("model_size", model.modelSize());
        json.addProperty("layers", model.layers());
        if (model.kind().hasState()) {
            MixerSizes sizes = model.sizes();
            json.addProperty("state_size", sizes.states());
            if (model.kind().hasHeads()) {
                json.addProperty("head_size", sizes.headSize());
                json.addProperty("groups", sizes.groups());
            }
            json.addProperty("time_step_min", sizes.timeStepInit().min());
            json.addProperty("time_step_max", sizes.timeStepInit().max());
        }
        json.addProperty("parameters", parameters);
        json.addProperty("batch", settings.batch());
        json.addProperty("steps", training.steps());
        json.addProperty("learning_rate", settings.learningRate());
        if (model.kind().timeStepProjection() != null) {
            json.addProperty("time_step_rate", settings.timeStepRate());
        }
        json.addProperty("schedule", settings.schedule().name().toLowerCase(Locale.ROOT));
        json.addProperty("seed", settings.seed());
        json.addProperty("engine", engine);
        json.addProperty("device", device);
        json.addProperty("seconds", training.seconds());
        json.addProperty("validation_length", settings.validationLength());
        json.addProperty("best_step", training.best().step());
        json.add("validation_loss", Output.number(training.best().meanNll()));
        JsonArray byLength = new JsonArray();
        accuracies.forEach(accuracy -> byLength.add(toJson(accuracy)));
        json.add("accuracy_by_length", byLength);
        json.add("training", curve.toJson());
        return json;
    }

    private JsonObject toJson(SyntheticEvaluator.Accuracy accuracy) {
        JsonObject json = accuracy.toJson();
        Double paper = model.paperPercent(settings.task(), accuracy.length());
        json.add("paper", Output.number(paper == null ? null : paper / 100));
        return json;
    }
}
