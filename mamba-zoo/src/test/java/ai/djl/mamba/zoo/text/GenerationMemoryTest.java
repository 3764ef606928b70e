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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Memory does not grow with the tokens generated. Each test runs in a JVM of its own, see {@link
 * GenerationMemoryRun}, and compares the end with the end of the first third, the warm-up.
 */
public class GenerationMemoryTest {

    private final String engineName;
    private final int tokens;

    @Factory(dataProvider = "enginesAndTokens")
    public GenerationMemoryTest(EngineSetup engine, int tokens) {
        engineName = engine.engineName();
        this.tokens = tokens;
    }

    @DataProvider
    public static Object[][] enginesAndTokens() {
        return Engines.available(
                new Object[] {EngineSetup.PYTORCH, 10_000},
                new Object[] {EngineSetup.MXNET, 3_000});
    }

    private void assertFlat(String scenario, int steps, long leakBytes)
            throws IOException, InterruptedException {
        String count = Integer.toString(steps);
        List<String> lines =
                ProcessFiles.java(GenerationMemoryRun.class, engineName, scenario, count);
        String report = engineName + ' ' + scenario + ' ' + String.join(", ", lines);
        System.out.println(report);
        long[] arrays = ProcessFiles.figures(lines, "arrays");
        Assert.assertEquals(arrays[1], arrays[0], report);
        if (ProcessFiles.isLinux()) {
            long[] resident = ProcessFiles.figures(lines, "resident");
            Assert.assertTrue(resident[1] - resident[0] < leakBytes / 2, report);
        }
    }

    /** Of 10,000 tokens, a leak of one SSM state in each of the last two thirds would be 27 MB. */
    @Test
    public void manyTokens() throws IOException, InterruptedException {
        assertFlat("stream", tokens, tokens * 2L / 3 * GenerationMemoryRun.STATE_BYTES);
    }

    /** A leak of the state of one row in each step would be 20 MB and more. */
    @Test
    public void batchesThatShrink() throws IOException, InterruptedException {
        assertFlat("batch", 30, 30L * 2 / 3 * 100 * 4 * GenerationMemoryRun.STATE_BYTES);
    }

    /** A leak of the states of all beams in each step would be 50 MB. */
    @Test
    public void beams() throws IOException, InterruptedException {
        assertFlat("beams", 24, 24L * 2 / 3 * 100 * 8 * GenerationMemoryRun.STATE_BYTES);
    }
}
