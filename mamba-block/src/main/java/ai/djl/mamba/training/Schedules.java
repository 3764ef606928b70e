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
 * Learning rates that DJL's trackers make when they are put together rightly.
 *
 * <p>DJL's optimizers ask for step 1 first. {@code Tracker.warmUp()} gives n/W of the peak at step
 * n, the peak itself at step W, and then asks its main tracker for n − W; {@code Tracker.cosine()}
 * must be told the length of the descent alone, and a final value, as its own of 0.01 is more than
 * most peaks. After its end it stays there.
 */
public final class Schedules {

    private static final String NAME = "Schedules";

    private Schedules() {}

    /**
     * Rises in a line from 0, then falls to 0 along a cosine.
     *
     * @param peak the highest rate
     * @param warmUpSteps the number W of the step with the highest rate; 0 begins near it
     * @param totalSteps the number T of the step that reaches 0; it stays there
     * @return the rate of step n: peak·n/W, and from W on peak·(1 + cos(π (n − W)/(T − W)))/2
     * @throws IllegalArgumentException if the peak is not positive or not 0 ≤ W &lt; T
     */
    public static Tracker warmUpCosine(float peak, int warmUpSteps, int totalSteps) {
        return warmUpCosine(peak, 0, warmUpSteps, totalSteps);
    }

    /**
     * Rises in a line from 0, then falls along a cosine.
     *
     * @param peak the highest rate
     * @param end the rate at the end, at least 0 and less than the peak
     * @param warmUpSteps the number W of the step with the highest rate; 0 begins near it
     * @param totalSteps the number T of the step that reaches the end; it stays there
     * @return the rate of step n: peak·n/W, and from W on end + (peak − end)·(1 + cos(π (n − W)/(T
     *     − W)))/2
     * @throws IllegalArgumentException if not 0 ≤ end &lt; peak or not 0 ≤ W &lt; T
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
