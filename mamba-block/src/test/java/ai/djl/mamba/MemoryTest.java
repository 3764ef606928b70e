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
package ai.djl.mamba;

import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/**
 * Native memory does not grow with the number of steps. Each test runs in a JVM of its own, see
 * {@link MemoryRun}, and compares the end with the end of the first third, the warm-up.
 */
public class MemoryTest {

    private static final String MAMBA = new MambaOptions().kind();
    private static final String MAMBA2 = new Mamba2Options().kind();

    private final String engineName;

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public MemoryTest(EngineSetup engine) {
        engineName = engine.engineName();
    }

    private void assertFlat(String kind, String scenario, long leakBytes)
            throws IOException, InterruptedException {
        List<String> lines = ProcessFiles.java(MemoryRun.class, engineName, kind, scenario);
        String report = engineName + ' ' + kind + ' ' + String.join(", ", lines);
        System.out.println(report);
        long[] arrays = ProcessFiles.figures(lines, "arrays");
        Assert.assertEquals(arrays[1], arrays[0], report);
        if (ProcessFiles.isLinux()) {
            long[] resident = ProcessFiles.figures(lines, "resident");
            Assert.assertTrue(resident[1] - resident[0] < leakBytes / 2, report);
        }
    }

    /** A leak of one SSM state in each of the last two thirds would be 87 MB. */
    @Test
    public void decoding() throws IOException, InterruptedException {
        assertFlat(MAMBA, "decode", 2000L * 2 / 3 * MemoryRun.STATE_BYTES);
    }

    /** The state is as large as that of the layer above. */
    @Test
    public void decodingMamba2() throws IOException, InterruptedException {
        assertFlat(MAMBA2, "decode", 2000L * 2 / 3 * MemoryRun.STATE_BYTES);
    }

    /** As above, with the loss, the optimizer and the clipping of this project. */
    @Test
    public void trainingMamba2() throws IOException, InterruptedException {
        assertFlat(MAMBA2, "tools", 200L * MemoryRun.ACTIVATION_BYTES);
    }

    /** A leak of one activation (B, L, E) in each of the last 200 steps would be 52 MB. */
    @Test
    public void training() throws IOException, InterruptedException {
        assertFlat(MAMBA, "train", 200L * MemoryRun.ACTIVATION_BYTES);
    }

    /** As above, with the loss, the optimizer and the clipping of this project. */
    @Test
    public void trainingWithOurTools() throws IOException, InterruptedException {
        assertFlat(MAMBA, "tools", 200L * MemoryRun.ACTIVATION_BYTES);
    }

    /**
     * A leak of two activations (B, L, E) in each of the last 600 steps would be 21 MB. In 200
     * steps it would be less than what the JVM's own memory may vary on a busy machine.
     */
    @Test
    public void trainingRuns() throws IOException, InterruptedException {
        assertFlat(MAMBA, "run", 600L * 2 * MemoryRun.RUN_ACTIVATION_BYTES);
    }

    /**
     * A leak of one activation (L, E) in each of the last predictions would be 35 MB. The engine
     * records gradients on a pool thread, so an output that is kept would keep many of them.
     */
    @Test
    public void predictingOnPoolThreads() throws IOException, InterruptedException {
        assertFlat(MAMBA, "predict", 200L * 2 / 3 * MemoryRun.ACTIVATION_BYTES);
    }
}
