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

import ai.djl.mamba.testing.ChildJvm;
import ai.djl.mamba.testing.ProcessFiles;
import java.io.IOException;
import java.util.List;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * A long sequence runs in inference in memory that grows as the output does. Each pass runs in a
 * JVM of its own, see {@link LongInputRun}.
 */
public class LongInputTest {

    private static final long LENGTH = 131_072;

    /**
     * Measured: 0.8 to 1.05 of the output's growth. One more array of the output's size would give
     * 2.
     */
    private static final double MOST_GROWTH = 1.5;

    /** One part of the sequence with its intermediate arrays; measured: up to 25 MB. */
    private static final long CONSTANT = 64L << 20;

    @Test
    public void selectiveSsm() throws IOException, InterruptedException {
        assertGrowsAsItsOutput("SelectiveSSM", 64);
    }

    @Test
    public void mambaBlock() throws IOException, InterruptedException {
        assertGrowsAsItsOutput("MambaBlock", 32);
    }

    @Test
    public void ssdLayer() throws IOException, InterruptedException {
        assertGrowsAsItsOutput("SSD", 64);
    }

    @Test
    public void mamba2Block() throws IOException, InterruptedException {
        assertGrowsAsItsOutput("Mamba2Block", 32);
    }

    private static void assertGrowsAsItsOutput(String block, long features)
            throws IOException, InterruptedException {
        if (!ProcessFiles.isLinux()) {
            throw new SkipException("the peak of memory is read from /proc");
        }
        long whole = peak(block, features, LENGTH);
        long quarter = peak(block, features, LENGTH / 4);
        long output = LENGTH * features * Float.BYTES;
        String report =
                String.format(
                        "%s: peak %d, a quarter as long %d, output %d",
                        block, whole, quarter, output);
        System.out.println(report);
        Assert.assertTrue(whole - quarter < MOST_GROWTH * output * 3 / 4, report);
        Assert.assertTrue(whole < output + CONSTANT, report);
    }

    private static long peak(String block, long features, long length)
            throws IOException, InterruptedException {
        // glibc gives the memory of large arrays back at once unless it has raised this threshold,
        // as it does by default: then holes between arrays count, by chance up to 60 MB
        List<String> lines =
                new ChildJvm(LongInputRun.class)
                        .withEnvironment("MALLOC_MMAP_THRESHOLD_", "131072")
                        .run(block, Long.toString(features), Long.toString(length));
        return Long.parseLong(lines.get(0).substring("peak ".length()));
    }
}
