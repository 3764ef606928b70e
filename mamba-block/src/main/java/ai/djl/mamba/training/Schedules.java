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
import ai.djl.training.tracker.Tracker;

/**
 * Learning rate schedules composed of DJL's trackers.
 *
 * <p>DJL's optimizers ask for step 1 first. {@code Tracker.warmUp()} returns n/W of the peak at
 * step n, the peak itself at step W, and then asks its main tracker for n − W. {@code
 * Tracker.cosine()} must be given the length of the descent alone, and a final value, because the
 * default of 0.01 is above most peaks. After the descent it stays at the final value.
 */
public final class Schedules {

    private static final String NAME = "Schedules";

    private Schedules() {}

    /**
     * Creates a schedule that rises linearly from 0 and then falls to 0 along a cosine.
     *
     * @param peak the highest rate
     * @param warmUpSteps the number W of the step with the highest rate; 0 for no warm-up
     * @param totalSteps the number T of the step that reaches 0, where the rate stays
     * @return the rate of step n: peak·n/W, and from W on peak·(1 + cos(π (n − W)/(T − W)))/2
     * @throws IllegalArgumentException unless the peak is positive and 0 ≤ W &lt; T
     */
    public static Tracker warmUpCosine(float peak, int warmUpSteps, int totalSteps) {
        return warmUpCosine(peak, 0, warmUpSteps, totalSteps);
    }

    /**
     * Creates a schedule that rises linearly from 0 and then falls along a cosine.
     *
     * @param peak the highest rate
     * @param end the final rate, at least 0 and less than the peak
     * @param warmUpSteps the number W of the step with the highest rate; 0 for no warm-up
     * @param totalSteps the number T of the step that reaches the final rate, where it stays
     * @return the rate of step n: peak·n/W, and from W on end + (peak − end)·(1 + cos(π (n − W)/(T
     *     − W)))/2
     * @throws IllegalArgumentException unless 0 ≤ end &lt; peak and 0 ≤ W &lt; T
     */
    public static Tracker warmUpCosine(float peak, float end, int warmUpSteps, int totalSteps) {
        Checks.require(
                end >= 0 && end < peak && Float.isFinite(peak),
                NAME,
                "expected 0 ≤ end < peak, got end %s and peak %s",
                end,
                peak);
        Checks.require(
                warmUpSteps >= 0 && warmUpSteps < totalSteps,
                NAME,
                "expected 0 ≤ warmUpSteps < totalSteps, got %d and %d",
                warmUpSteps,
                totalSteps);
        Tracker descent =
                Tracker.cosine()
                        .setBaseValue(peak)
                        .optFinalValue(end)
                        .setMaxUpdates(totalSteps - warmUpSteps)
                        .build();
        return Tracker.warmUp().setMainTracker(descent).optWarmUpSteps(warmUpSteps).build();
    }
}
