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
package ai.djl.mamba.zoo.internal.tensors;

import ai.djl.mamba.testing.ChildJvm;
import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/**
 * Damaged files either load or are refused by an error that names the file: in a JVM with little
 * memory, where a size that is believed unchecked shows.
 */
public class TensorFuzzTest {

    /** The system property with the number of damaged files. */
    private static final String COUNT = "ai.djl.mamba.test.mutations";

    @Test
    public void survivesDamage() throws Exception {
        int count = Integer.getInteger(COUNT, 1500);
        List<String> output =
                new ChildJvm(TensorFuzzRun.class)
                        .withMemory(96, 64)
                        .run(Integer.toString(count), "1");
        Assert.assertEquals(
                output.stream().filter(line -> line.startsWith("FAILED")).toList(), List.of());
        String result = output.get(output.size() - 1);
        Assert.assertTrue(result.matches("loaded [1-9]\\d*, refused [1-9]\\d*"), result);
    }
}
