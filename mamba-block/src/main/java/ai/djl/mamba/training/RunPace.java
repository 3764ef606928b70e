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

import ai.djl.mamba.training.RunListener.StepReport;
import ai.djl.mamba.training.TrainingOptions.Schedule;
import ai.djl.training.tracker.Tracker;

/**
 * The progress of a run, by steps or by time, and the learning rate that follows from it: a linear
 * warm-up, then the schedule.
 */
final class RunPace implements Tracker {

    private static final double WARM_UP_SHARE = 0.04;
    private static final double FINAL_SHARE = 0.1;

    private final TrainingOptions options;
    private final double steps; // possibly infinite
    private final double seconds; // possibly infinite
    private long step;
    private double progress;
    private long start;
    private double secondsBefore; // this and the next two: when the run was started or resumed
    private double progressBefore;
    private long tokensBefore;

    /**
     * Creates the pace of a run.
     *
     * @param options the limits and the schedule
     * @param stepsOfEpochs the number of steps of all epochs; 0 if the epochs are not the limit
     */
    RunPace(TrainingOptions options, long stepsOfEpochs) {
        this.options = options;
        double maxSteps = options.steps() > 0 ? (double) options.steps() : Double.POSITIVE_INFINITY;
        steps = stepsOfEpochs > 0 ? Math.min(maxSteps, (double) stepsOfEpochs) : maxSteps;
        seconds = options.seconds() > 0 ? options.seconds() : Double.POSITIVE_INFINITY;
    }

    /** Restores the progress of a run. */
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

    /** Ends a step; the learning rate does not change until the next call. */
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

    /** Whether the limit of steps or seconds is reached; epochs are counted by the loop. */
    boolean isDone() {
        return (options.steps() > 0 && step >= options.steps()) || elapsed() >= seconds;
    }

    /** The tokens per second since the run was started or resumed. */
    double tokensPerSecond(long tokens) {
        return (tokens - tokensBefore) / (elapsed() - secondsBefore);
    }

    /** Returns a report on the step that has just ended. */
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
     * The seed of the engine's random numbers in the next step. The seed of the run and the step
     * are mixed, so that no two runs share a sequence of seeds.
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
        double warm = WARM_UP_SHARE;
        if (options.warmupSteps() != TrainingOptions.AUTOMATIC) {
            if (step < options.warmupSteps()) {
                return (float) (peak * (step + 1) / options.warmupSteps());
            }
            warm = Math.min(1, options.warmupSteps() / steps);
        } else if (progress < WARM_UP_SHARE) {
            return (float) (peak * Math.min(1, Math.max(1 / steps, progress) / WARM_UP_SHARE));
        }
        if (options.schedule() == Schedule.CONSTANT || warm >= 1) {
            return (float) peak;
        }
        double angle = Math.PI * Math.max(0, progress() - warm) / (1 - warm);
        return (float) (peak * (FINAL_SHARE + (1 - FINAL_SHARE) * (1 + Math.cos(angle)) / 2));
    }
}
