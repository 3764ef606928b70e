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
package ai.djl.mamba.examples.cli.compare;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a comparison measured; the file compare.json.
 *
 * @param created when, in UTC
 * @param command the arguments that measure it again
 * @param machine what it ran on, values by name
 * @param settings how it ran, values by name
 * @param models the models
 * @param points the figures
 * @param learning how well the models learned the same text, or empty
 */
record CompareResult(
        String created,
        String command,
        Map<String, String> machine,
        Map<String, String> settings,
        List<ModelLine> models,
        List<Point> points,
        List<LearningPoint> learning) {

    /**
     * A model.
     *
     * @param name its name
     * @param label its name in plots
     * @param about what it is
     * @param parameters the number of its parameters
     */
    record ModelLine(String name, String label, String about, long parameters) {}

    /**
     * A figure of a model at a length.
     *
     * @param figure the {@link CompareFigure#key}
     * @param model the name of the model
     * @param length L
     * @param value the value, or {@code null}
     * @param stopped why there is none, or {@code null}
     */
    record Point(String figure, String model, int length, Double value, String stopped) {}

    /**
     * How well a model did after some steps of training.
     *
     * @param model the name of the model
     * @param step the number of steps
     * @param bitsPerByte its loss on held-out text
     */
    record LearningPoint(String model, int step, double bitsPerByte) {}

    /** All lengths, ascending. */
    List<Integer> lengths() {
        return points.stream().map(Point::length).distinct().sorted().toList();
    }

    /** The points of a figure, in the order in which they were measured. */
    List<Point> points(CompareFigure figure) {
        return points.stream().filter(point -> point.figure().equals(figure.key())).toList();
    }

    /** A value, or empty if there is none. */
    OptionalDouble value(CompareFigure figure, String model, int length) {
        return points(figure).stream()
                .filter(point -> point.model().equals(model) && point.length() == length)
                .filter(point -> point.value() != null)
                .mapToDouble(Point::value)
                .findFirst();
    }
}
