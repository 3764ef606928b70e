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

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.testng.Assert;
import org.testng.annotations.Test;

/** When a row of values says that training should stop. */
public class EarlyStoppingTest {

    private static int stopsAfter(EarlyStopping stopping, double... values) {
        for (int i = 0; i < values.length; i++) {
            stopping.update(values[i]);
            if (stopping.shouldStop()) {
                return i + 1;
            }
        }
        return -1;
    }

    @Test
    public void comparesWithTheBest() {
        // DJL's own listener would go on: each second value is better than the one before it
        double[] swinging = {5, 3, 4, 3.5, 4, 3.5, 2};
        Assert.assertEquals(stopsAfter(EarlyStopping.builder().build(), swinging), 5);
        Assert.assertEquals(
                stopsAfter(EarlyStopping.builder().optPatience(5).build(), swinging), -1);
    }

    @Test
    public void smallImprovementsDoNotCount() {
        EarlyStopping stopping = EarlyStopping.builder().optPatience(2).optMinDelta(0.5).build();
        Assert.assertEquals(stopsAfter(stopping, 5, 4, 3.75, 3.5), 4);
        Assert.assertEquals(stopping.getBest(), 4.0);
        Assert.assertEquals(stopping.getBestUpdate(), 2);
    }

    @Test
    public void largerIsBetterOnRequestAndNaNNever() {
        EarlyStopping stopping = EarlyStopping.builder().optMaximize(true).optPatience(2).build();
        Assert.assertEquals(stopsAfter(stopping, Double.NaN, 0.5, 0.6, Double.NaN, 0.6), 5);
        Assert.assertEquals(stopping.getBest(), 0.6);
        Assert.assertEquals(
                stopsAfter(EarlyStopping.builder().optPatience(2).build(), Double.NaN, Double.NaN),
                2);
    }

    @Test
    public void saysWhenThereIsANewBest() {
        int[] calls = new int[1];
        EarlyStopping stopping = EarlyStopping.builder().optOnImprovement(() -> calls[0]++).build();
        Assert.assertTrue(stopping.update(3));
        Assert.assertFalse(stopping.update(4));
        Assert.assertTrue(stopping.update(2));
        Assert.assertEquals(calls[0], 2);
    }

    @Test
    public void goesOnFromAState() {
        for (double[] before : new double[][] {{}, {Double.NaN}, {3, 4}}) {
            EarlyStopping first = EarlyStopping.builder().build();
            stopsAfter(first, before);
            EarlyStopping second = EarlyStopping.builder().build();
            String json = first.state().toString();
            second.restore(JsonParser.parseString(json).getAsJsonObject());
            double[] rest = {5, 4.5, 4, 3.5, 6, 6, 6};
            Assert.assertEquals(stopsAfter(second, rest), stopsAfter(first, rest), json);
            Assert.assertEquals(second.getBest(), first.getBest(), json);
        }
        Exception e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> EarlyStopping.builder().build().restore(new JsonObject()));
        Assert.assertTrue(e.getMessage().contains("best"), e.getMessage());
    }

    @Test
    public void optionsAreChecked() {
        Assert.assertThrows(
                IllegalArgumentException.class, () -> EarlyStopping.builder().optPatience(0));
        Assert.assertThrows(
                IllegalArgumentException.class, () -> EarlyStopping.builder().optMinDelta(-1));
    }
}
