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

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The models of a comparison have equally many parameters, and stop before they fail. */
public class ContendersTest {

    @DataProvider
    public Object[][] shapes() {
        return new Object[][] {
            {new CompareShape(256, 256, 4, 16)},
            {new CompareShape(256, 64, 1, 16)},
            {new CompareShape(1000, 48, 3, 4)},
            {new CompareShape(16, 128, 6, 64)},
            {new CompareShape(50_280, 64, 2, 16)},
        };
    }

    @Test(dataProvider = "shapes")
    public void parametersAreEqual(CompareShape shape) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            List<Contender> all = Contenders.all(shape);
            Contender mamba = all.get(0);
            long wanted = Contenders.parameters(mamba.block(mamba.usualWidth()), manager);
            for (Contender contender : all) {
                int width = Contenders.width(contender, wanted, manager);
                long found = Contenders.parameters(contender.block(width), manager);
                double difference = Math.abs((double) found / wanted - 1);
                Assert.assertTrue(difference <= 0.02, contender.name() + ' ' + found);
            }
        }
    }

    @Test
    public void costsAreForetold() {
        Forecast square = new Forecast(2);
        Assert.assertEquals(square.at(100), 0, 0);
        square.note(100, 3);
        Assert.assertEquals(square.at(200), 12, 1e-9);
        square.note(200, 8);
        Assert.assertEquals(square.at(800), 128, 1e-9);
        Forecast linear = new Forecast(1);
        linear.note(100, 3);
        Assert.assertEquals(linear.at(200), 6, 1e-9);
    }

    @Test
    public void aReasonSaysHowMuchItWouldTake() {
        double gib = 1L << 30;
        Assert.assertNull(StopRules.memory(gib, gib));
        Assert.assertEquals(
                StopRules.memory(34 * gib, 12 * gib), "needs about 34 GiB, there are 12 GiB");
        Assert.assertNull(StopRules.time(60, 60));
        Assert.assertEquals(StopRules.time(130, 60), "a call takes about 130 s, the limit is 60 s");
        Assert.assertNull(StopRules.longer(null, 4096));
        String longer = StopRules.longer("needs about 34 GiB", 4096);
        Assert.assertEquals(longer, "as at L 4,096");
        Assert.assertEquals(StopRules.longer(longer, 8192), longer);
    }

    /** The attention of a transformer grows by the square of L, unless it is read in parts. */
    @Test
    public void theFirstGuessKnowsTheScores() {
        for (Contender contender : Contenders.all(new CompareShape(256, 256, 4, 16))) {
            double one = contender.leastBytes(1, 16_384, false);
            double two = contender.leastBytes(1, 32_768, false);
            int growth = contender.growth(false);
            Assert.assertEquals(two / one, Math.pow(2, growth), 1e-9, contender.name());
            boolean isWhole = "transformer".equals(contender.name());
            Assert.assertEquals(growth, isWhole ? 2 : 1, contender.name());
            // 5 arrays of 4 heads of L² scores
            Assert.assertTrue(!isWhole || one >= 5 * 4 * 4 * 16_384.0 * 16_384, "" + one);
        }
    }
}
