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
package ai.djl.mamba.internal;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Softplus is exact where its result is small, large and in between, and so is its slope. */
public class SoftplusTest extends EngineSuite {

    private static final float[] INPUTS = {
        -80, -30, -15, -11, -7, -3, -1, -0.01f, 0, 0.01f, 1, 3, 11, 19, 21, 80
    };

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public SoftplusTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void isExactEverywhere() {
        NDArray x = manager.create(INPUTS, new Shape(INPUTS.length));
        x.setRequiresGradient(true);
        NDArray y;
        try (GradientCollector collector = record()) {
            y = Softplus.apply(x);
            collector.backward(y.sum());
        }
        float[] values = y.toFloatArray();
        float[] slopes = x.getGradient().toFloatArray();
        for (int i = 0; i < INPUTS.length; i++) {
            double expected = Math.max(INPUTS[i], 0) + Math.log1p(Math.exp(-Math.abs(INPUTS[i])));
            Assert.assertEquals(values[i], expected, 1e-6 * expected, "at " + INPUTS[i]);
            double slope = 1 / (1 + Math.exp(-(double) INPUTS[i]));
            Assert.assertEquals(slopes[i], slope, 2e-6 * slope, "slope at " + INPUTS[i]);
        }
    }
}
