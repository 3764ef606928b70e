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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.mamba.examples.cli.common.Failures.Failure;
import ai.djl.mamba.examples.cli.common.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import me.tongfei.progressbar.ProgressBar;

/**
 * Measures entries in turns, A B C A B C …: whatever else the machine does affects all of them
 * alike.
 */
public final class RoundRobin {

    private static final double WARM_UP = 0.25;
    private static final double MIN_SAMPLE = 0.01; // seconds; far above the resolution of the clock
    private static final int PARTS_OF_PROGRESS_BAR = 1000;

    private final int repeats;
    private final double seconds;
    private final int maxCalls;
    private final Runnable beforeEach;
    private int rounds;

    /**
     * Creates a measurement.
     *
     * @param repeats the maximum number of rounds
     * @param seconds the time after which no new round starts
     * @param maxCalls the maximum number of calls in a row, for tasks too short to time one by one
     */
    public RoundRobin(int repeats, double seconds, int maxCalls) {
        this(repeats, seconds, maxCalls, () -> {});
    }

    /**
     * Creates a measurement that can be ended.
     *
     * @param repeats the maximum number of rounds
     * @param seconds the time after which no new round starts
     * @param maxCalls the maximum number of calls in a row, for tasks too short to time one by one
     * @param beforeEach is called before each measurement, and may end all by an exception
     */
    public RoundRobin(int repeats, double seconds, int maxCalls, Runnable beforeEach) {
        this.beforeEach = beforeEach;
        this.repeats = repeats;
        this.seconds = seconds;
        this.maxCalls = maxCalls;
    }

    /** Something that takes time. */
    public interface Task {

        /**
         * Runs it, and waits until the device is done.
         *
         * @param calls how many times to run it in a row
         * @return the seconds that all calls took
         * @throws IllegalStateException at the first call, if it cannot run on this machine
         */
        double time(int calls);
    }

    /**
     * What one line of the result measures.
     *
     * @param caseName what is done
     * @param scan the name of the scan that does it
     * @param tasks the tasks to time
     */
    public record Entry(String caseName, String scan, List<Task> tasks) {}

    /**
     * The result of an entry.
     *
     * @param entry the entry
     * @param medians the seconds of one call of each task, or {@code null}
     * @param reason why there are none, or {@code null}
     */
    public record Outcome(Entry entry, List<Double> medians, String reason) {

        public boolean isAvailable() {
            return reason == null;
        }
    }

    /** The number of rounds that were measured. */
    int rounds() {
        return rounds;
    }

    /**
     * Measures all entries that can run.
     *
     * @param entries the entries, at least one
     * @return the outcomes, in the order of the entries
     * @throws Failure if none can run
     */
    public List<Outcome> measure(List<Entry> entries) {
        List<String> reasons = entries.stream().map(this::tryOut).toList();
        List<Timed> timed = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (reasons.get(i) == null) {
                entries.get(i).tasks().forEach(task -> timed.add(new Timed(task)));
            }
        }
        if (timed.isEmpty()) {
            String first = entries.get(0).scan() + " is not available: " + reasons.get(0);
            throw new Failure("no scan runs here: " + first);
        }
        run(timed);
        List<Outcome> outcomes = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            List<Double> medians = null;
            if (reasons.get(i) == null) {
                int end = next + entry.tasks().size();
                medians = timed.subList(next, end).stream().map(Timed::median).toList();
                next = end;
            }
            outcomes.add(new Outcome(entry, medians, reasons.get(i)));
        }
        return outcomes;
    }

    /** Calls everything once; returns why an entry cannot run here, or null. */
    private String tryOut(Entry entry) {
        try {
            for (Task task : entry.tasks()) {
                beforeEach.run();
                task.time(1);
            }
            return null;
        } catch (IllegalStateException | UnsupportedOperationException e) {
            return Objects.requireNonNullElse(e.getMessage(), e.toString());
        }
    }

    private void run(List<Timed> timed) {
        try (ProgressBar bar = Output.progressBar("measuring", PARTS_OF_PROGRESS_BAR)) {
            long start = System.nanoTime();
            do {
                timed.forEach(Timed::warmUp);
            } while (since(start) < WARM_UP * seconds);
            start = System.nanoTime();
            do {
                timed.forEach(Timed::sample);
                rounds++;
                if (bar != null) {
                    double progress = Math.max((double) rounds / repeats, since(start) / seconds);
                    bar.stepTo(Math.round(Math.min(1, progress) * PARTS_OF_PROGRESS_BAR));
                }
            } while (rounds < repeats && since(start) < seconds);
        }
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** A task and its samples. */
    private final class Timed {

        private final Task task;
        private final List<Double> samples = new ArrayList<>();
        private int calls = 1;

        Timed(Task task) {
            this.task = task;
        }

        void warmUp() {
            beforeEach.run();
            double perCall = task.time(calls) / calls;
            double wanted = Math.ceil(MIN_SAMPLE / perCall);
            calls = (int) Math.max(1, Math.min(maxCalls, wanted));
        }

        void sample() {
            beforeEach.run();
            samples.add(task.time(calls) / calls);
        }

        double median() {
            double[] sorted = samples.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(sorted);
            int half = sorted.length / 2;
            boolean isOdd = sorted.length % 2 == 1;
            return isOdd ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        }
    }
}
