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

import ai.djl.mamba.training.TrainingOptions.Schedule;
import ai.djl.training.tracker.Tracker;

/**
 * How far a run is, by steps or by time, and the learning rate that follows from it: linear
 * warm-up, then what the schedule says.
 */
final class RunPace implements Tracker {

    private static final double WARM_UP = 0.04;
    private static final double LAST = 0.1;

    private final TrainingOptions options;
    private final double steps; // possibly infinite
    private final double seconds; // possibly infinite
    private long step;
    private double progress;
    private long start;
    private double secondsBefore; // and the others: when the run was started or resumed
    private double progressBefore;
    private long tokensBefore;

    /**
     * Creates a pace.
     *
     * @param options the limits and the schedule
     * @param stepsOfEpochs the steps that the epochs of the options have; 0 if they are no limit
     */
    RunPace(TrainingOptions options, long stepsOfEpochs) {
        this.options = options;
        double most = options.steps() > 0 ? (double) options.steps() : Double.POSITIVE_INFINITY;
        steps = stepsOfEpochs > 0 ? Math.min(most, (double) stepsOfEpochs) : most;
        seconds = options.seconds() > 0 ? options.seconds() : Double.POSITIVE_INFINITY;
    }

    /** Goes to where a run was. */
    void restore(long stepsBefore, double seconds) {
        step = stepsBefore;
        secondsBefore = seconds;
        progress = Math.max(step / steps, secondsBefore / this.seconds);
    }

    /** Starts the clock. */
    void start(long tokens) {
        start = System.nanoTime() - Math.round(secondsBefore * 1e9);
        progressBefore = progress;
        tokensBefore = tokens;
    }

    /** Ends a step; the learning rate is the same for all parameters until the next call. */
    void endStep() {
        step++;
        progress = Math.max(step / steps, elapsed() / seconds);
    }

    long step() {
        return step;
    }

    double elapsed() {
        return (System.nanoTime() - start) / 1e9;
    }

    double progress() {
        return Math.min(1, progress);
    }

    /** Whether a limit of steps or seconds is reached; the epochs are counted by the run. */
    boolean isDone() {
        return (options.steps() > 0 && step >= options.steps()) || elapsed() >= seconds;
    }

    /** The tokens read in a second, since the run was started or resumed. */
    double tokensPerSecond(long tokens) {
        return (tokens - tokensBefore) / (elapsed() - secondsBefore);
    }

    /** Reports on the step that has just ended. */
    StepReport report(RunState state, double loss, double norm, float rate) {
        double taken = elapsed() - secondsBefore;
        return new StepReport(
                step,
                state.epoch,
                progress(),
                loss,
                norm,
                rate,
                state.tokens,
                elapsed(),
                tokensPerSecond(state.tokens),
                taken * (1 - progress()) / (progress() - progressBefore));
    }

    /**
     * The seed of the engine's random numbers in the next step. It spreads the seeds of runs and
     * their steps over all numbers, so that no two runs share a sequence of them.
     */
    int seed() {
        long mixed = options.seed() * 0x9E3779B97F4A7C15L + step;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return (int) (mixed ^ (mixed >>> 31)) & Integer.MAX_VALUE;
    }

    @Override
    public float getNewValue(int numUpdate) {
        double peak = options.learningRate();
        double warm = WARM_UP;
        if (options.warmupSteps() != TrainingOptions.AUTOMATIC) {
            if (step < options.warmupSteps()) {
                return (float) (peak * (step + 1) / options.warmupSteps());
            }
            warm = Math.min(1, options.warmupSteps() / steps);
        } else if (progress < WARM_UP) {
            return (float) (peak * Math.max(1 / steps, progress) / WARM_UP);
        }
        if (options.schedule() == Schedule.CONSTANT || warm >= 1) {
            return (float) peak;
        }
        double angle = Math.PI * Math.max(0, progress() - warm) / (1 - warm);
        return (float) (peak * (LAST + (1 - LAST) * (1 + Math.cos(angle)) / 2));
    }
}
