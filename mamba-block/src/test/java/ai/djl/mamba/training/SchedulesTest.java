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

import ai.djl.training.tracker.Tracker;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Warm-up and cosine are the closed formula at every step, from the first to after the end. */
public class SchedulesTest {

    private static double expected(double peak, double end, int warmUp, int total, int step) {
        if (step < warmUp) {
            return peak * step / warmUp;
        }
        double part = Math.min(1, (double) (step - warmUp) / (total - warmUp));
        return end + (peak - end) * (1 + Math.cos(Math.PI * part)) / 2;
    }

    @Test
    public void isTheFormula() {
        for (int[] steps : new int[][] {{0, 1}, {0, 7}, {1, 2}, {10, 100}, {99, 100}}) {
            for (float end : new float[] {0, 3e-5f}) {
                Tracker tracker = Schedules.warmUpCosine(3e-4f, end, steps[0], steps[1]);
                for (int step = 1; step <= 2 * steps[1]; step++) {
                    Assert.assertEquals(
                            tracker.getNewValue(step),
                            expected(3e-4, end, steps[0], steps[1], step),
                            1e-9,
                            steps[0] + " of " + steps[1] + ", step " + step);
                }
            }
        }
    }

    @Test
    public void passesTheKnownPoints() {
        Tracker tracker = Schedules.warmUpCosine(1, 10, 110);
        Assert.assertEquals(tracker.getNewValue(1), 0.1f, 1e-7);
        Assert.assertEquals(tracker.getNewValue(10), 1f);
        Assert.assertEquals(tracker.getNewValue(60), 0.5f, 1e-7);
        Assert.assertEquals(tracker.getNewValue(110), 0f);
        Assert.assertEquals(tracker.getNewValue(1_000_000), 0f);
    }

    @Test
    public void refusesWhatCannotBe() {
        Assert.assertThrows(
                IllegalArgumentException.class, () -> Schedules.warmUpCosine(1, 10, 10));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> Schedules.warmUpCosine(1, -1, 10));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> Schedules.warmUpCosine(1, 1, 1, 10));
        Assert.assertThrows(IllegalArgumentException.class, () -> Schedules.warmUpCosine(0, 1, 10));
    }
}
