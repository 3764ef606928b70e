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

import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.report.Series;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The progress of a model during training. */
final class SyntheticCurve {

    private final List<Point> points = new ArrayList<>();

    /**
     * An evaluation.
     *
     * @param step the number of steps so far
     * @param seconds the time since the start
     * @param loss the training loss since the previous evaluation, in nats per answer
     * @param accuracy the fraction of right answers to the validation sequences
     */
    record Point(long step, double seconds, double loss, double accuracy) {}

    void add(Point point) {
        points.add(point);
    }

    List<Point> points() {
        return List.copyOf(points);
    }

    /** The accuracies in percent, by step. */
    Series percent(String name) {
        return new Series(
                name,
                points.stream().mapToDouble(Point::step).toArray(),
                points.stream().mapToDouble(point -> 100 * point.accuracy()).toArray());
    }

    JsonArray toJson() {
        JsonArray array = new JsonArray();
        for (Point point : points) {
            JsonObject json = new JsonObject();
            json.addProperty("step", point.step());
            json.addProperty("seconds", point.seconds());
            json.add("loss", Output.number(point.loss()));
            json.addProperty("accuracy", point.accuracy());
            array.add(json);
        }
        return array;
    }
}
