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

import ai.djl.mamba.examples.cli.bench.RoundRobin;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Entry;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Outcome;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Task;
import ai.djl.mamba.examples.cli.common.Output;
import ai.djl.mamba.examples.cli.common.StopSignal;
import ai.djl.mamba.examples.cli.compare.CompareResult.Point;
import ai.djl.mamba.examples.cli.compare.Contender.Decoder;
import ai.djl.mamba.examples.cli.report.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures the models of a comparison in turns, length by length, each until it takes too much
 * memory or time.
 */
final class CompareRun {

    private final List<Competitor> competitors;
    private final CompareOptions options;
    private final DeviceMemory memory;
    private final Output output;
    private final Rounds rounds;
    private final StopSignal signal;
    private final List<Point> points = new ArrayList<>();

    /**
     * How often to measure.
     *
     * @param repeats the maximum number of rounds of a point
     * @param seconds the time for a point of a model after which no new round starts
     * @param maxCalls the maximum number of calls in a row
     */
    record Rounds(int repeats, double seconds, int maxCalls) {}

    /**
     * Creates a run; its methods throw {@link StopSignal.Stopped} if the process was asked to end.
     */
    CompareRun(
            List<Competitor> competitors,
            CompareOptions options,
            DeviceMemory memory,
            Rounds rounds,
            StopSignal signal,
            Output output) {
        this.competitors = competitors;
        this.options = options;
        this.memory = memory;
        this.rounds = rounds;
        this.signal = signal;
        this.output = output;
    }

    /** What was measured so far. */
    List<Point> points() {
        return points;
    }

    /** Records what the child processes measured. */
    void addMemory(CompareFigure figure, Competitor competitor, List<MemorySample> samples) {
        String name = competitor.contender().name();
        String stopped = null;
        Map<Integer, MemorySample> byLength = new HashMap<>();
        samples.forEach(sample -> byLength.put(sample.length(), sample));
        for (int length : options.lengths()) {
            MemorySample sample = byLength.get(length);
            if (stopped == null && sample != null) {
                stopped = sample.stopped();
            }
            Double peak = stopped == null && sample != null ? (double) sample.peak() : null;
            points.add(new Point(figure.key(), name, length, peak, stopped));
            stopped = StopRules.longer(stopped, length);
        }
        report(figure, competitor);
    }

    private void report(CompareFigure figure, Competitor competitor) {
        StringBuilder line = new StringBuilder();
        for (Point point : points) {
            if (point.figure().equals(figure.key())
                    && point.model().equals(competitor.contender().name())
                    && point.value() != null) {
                line.append(String.format("  %,d: ", point.length()));
                line.append(Numbers.bytes(point.value()));
            }
        }
        output.line("%s, %s:%s", figure.key(), competitor.contender().name(), line);
    }

    /** Measures all logits. */
    void inference() {
        throughput(CompareFigure.INFERENCE, CompareFigure.INFERENCE_MEMORY, false);
    }

    /** Measures steps of training. */
    void training() {
        throughput(CompareFigure.TRAINING, CompareFigure.TRAINING_MEMORY, true);
    }

    private void throughput(CompareFigure figure, CompareFigure memoryFigure, boolean training) {
        Map<Competitor, Forecast> forecasts = new LinkedHashMap<>();
        for (Competitor competitor : competitors) {
            forecasts.put(competitor, new Forecast(competitor.contender().growth(training)));
        }
        Map<Competitor, String> stopped = new HashMap<>();
        for (int length : options.lengths()) {
            double tokens = (double) options.batch() * length;
            Map<Competitor, Task> tasks = new LinkedHashMap<>();
            for (Competitor competitor : competitors) {
                stopped.computeIfAbsent(
                        competitor,
                        one -> reasonToStop(one, forecasts.get(one), memoryFigure, length));
                if (stopped.get(competitor) == null) {
                    Task task =
                            training
                                    ? competitor.training(options.batch(), length)
                                    : competitor.inference(options.batch(), length);
                    tasks.put(competitor, task);
                }
            }
            Map<Competitor, Double> seconds = measure(tasks, stopped);
            seconds.forEach((competitor, one) -> forecasts.get(competitor).note(length, one));
            note(figure, length, seconds, stopped, one -> tokens / one);
        }
    }

    private String reasonToStop(
            Competitor competitor, Forecast forecast, CompareFigure memoryFigure, int length) {
        Contender contender = competitor.contender();
        boolean training = memoryFigure == CompareFigure.TRAINING_MEMORY;
        boolean isMeasured = false;
        for (Point point : points) {
            if (point.figure().equals(memoryFigure.key())
                    && point.model().equals(contender.name())
                    && point.length() == length) {
                isMeasured = point.value() != null;
                if (point.stopped() != null) {
                    return point.stopped();
                }
            }
        }
        String time = StopRules.time(forecast.at(length), options.callLimit());
        if (time != null || isMeasured) {
            return time;
        }
        double least = contender.leastBytes(options.batch(), length, training);
        return StopRules.memory(least, options.memoryLimit(memory));
    }

    /** Measures a token after each context, and the memory that the context takes. */
    void decoding() {
        Map<Competitor, String> stopped = new HashMap<>();
        for (int length : options.lengths()) {
            Map<Competitor, Decoder> decoders = new LinkedHashMap<>();
            Map<Competitor, Task> tasks = new LinkedHashMap<>();
            try {
                for (Competitor competitor : competitors) {
                    if (stopped.get(competitor) == null) {
                        checkSignal();
                        Decoder decoder = competitor.decoder(options.batch(), length);
                        decoders.put(competitor, decoder);
                        tasks.put(competitor, competitor.decoding(decoder, options.batch()));
                    }
                }
                Map<Competitor, Double> bytes = new LinkedHashMap<>();
                decoders.forEach((one, decoder) -> bytes.put(one, (double) decoder.bytes()));
                note(CompareFigure.STATE, length, bytes, stopped, one -> one);
                Map<Competitor, Double> seconds = measure(tasks, stopped);
                note(CompareFigure.DECODE, length, seconds, stopped, one -> 1000 * one);
            } finally {
                decoders.values().forEach(Decoder::close);
            }
        }
    }

    /** The median seconds of each task that runs; for the others the reason is recorded. */
    private Map<Competitor, Double> measure(
            Map<Competitor, Task> tasks, Map<Competitor, String> stopped) {
        Map<Competitor, Double> medians = new LinkedHashMap<>();
        Map<Competitor, Entry> entries = new LinkedHashMap<>();
        tasks.forEach(
                (competitor, task) -> {
                    try {
                        checkSignal();
                        task.time(1); // RoundRobin needs at least one that runs
                        String name = competitor.contender().name();
                        entries.put(competitor, new Entry("compare", name, List.of(task)));
                    } catch (IllegalStateException e) {
                        stopped.put(competitor, e.getMessage());
                    }
                });
        if (!entries.isEmpty()) {
            RoundRobin roundRobin =
                    new RoundRobin(
                            rounds.repeats(),
                            rounds.seconds() * entries.size(),
                            rounds.maxCalls(),
                            this::checkSignal);
            List<Competitor> running = List.copyOf(entries.keySet());
            List<Outcome> outcomes = roundRobin.measure(List.copyOf(entries.values()));
            for (int i = 0; i < running.size(); i++) {
                if (outcomes.get(i).isAvailable()) {
                    medians.put(running.get(i), outcomes.get(i).medians().get(0));
                } else {
                    stopped.put(running.get(i), outcomes.get(i).reason());
                }
            }
        }
        return medians;
    }

    private void checkSignal() {
        signal.check("the figures of the lengths before");
    }

    private void note(
            CompareFigure figure,
            int length,
            Map<Competitor, Double> values,
            Map<Competitor, String> stopped,
            ToDoubleFunction<Double> convert) {
        StringBuilder line = new StringBuilder();
        for (Competitor competitor : competitors) {
            String name = competitor.contender().name();
            Double raw = values.get(competitor);
            Double value = raw == null ? null : (Double) convert.applyAsDouble(raw);
            String reason = value == null ? stopped.get(competitor) : null;
            points.add(new Point(figure.key(), name, length, value, reason));
            stopped.computeIfPresent(competitor, (one, why) -> StopRules.longer(why, length));
            line.append("  ").append(name).append(' ');
            line.append(value == null ? "stopped: " + reason : show(figure, value));
        }
        output.line("%s, L %,d:%s", figure.key(), length, line);
    }

    private static String show(CompareFigure figure, double value) {
        return figure.isBytes() ? Numbers.bytes(value) : Numbers.significant(value);
    }
}
