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
package ai.djl.mamba.examples;

import ai.djl.training.tracker.Tracker;

/**
 * How far a training run is, by steps or by time, and the learning rate that follows from it:
 * linear warm-up, then half a cosine down to a tenth.
 */
final class Pace implements Tracker {

    private static final double WARM_UP = 0.04;
    private static final double LAST = 0.1;

    private final int steps;
    private final double seconds;
    private final float peak;
    private final long start = System.nanoTime();
    private int step;
    private double progress;

    /**
     * Creates a pace.
     *
     * @param steps the most steps
     * @param seconds the most seconds, possibly infinite
     * @param peak the highest learning rate
     */
    Pace(int steps, double seconds, float peak) {
        this.steps = steps;
        this.seconds = seconds;
        this.peak = peak;
    }

    /** Ends a step; the learning rate is the same for all parameters until the next call. */
    void endStep() {
        step++;
        progress = Math.max((double) step / steps, elapsed() / seconds);
    }

    int step() {
        return step;
    }

    double elapsed() {
        return (System.nanoTime() - start) / 1e9;
    }

    double progress() {
        return Math.min(1, progress);
    }

    boolean isDone() {
        return progress >= 1;
    }

    @Override
    public float getNewValue(int numUpdate) {
        if (progress < WARM_UP) {
            double first = 1.0 / steps;
            return (float) (peak * Math.max(first, progress) / WARM_UP);
        }
        double angle = Math.PI * (progress() - WARM_UP) / (1 - WARM_UP);
        return (float) (peak * (LAST + (1 - LAST) * (1 + Math.cos(angle)) / 2));
    }
}
