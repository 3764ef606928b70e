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
package ai.djl.mamba.ops.pytorch;

import ai.djl.ndarray.types.Shape;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What the library can be handed. */
public class TensorHandlesTest {

    @Test
    public void axesThatTheKernelsCannotCountAreRefused() {
        TensorHandles.checkAxes("conv1d: x", new Shape(1, Integer.MAX_VALUE, 2));
        Exception e =
                Assert.expectThrows(
                        IllegalArgumentException.class,
                        () -> TensorHandles.checkAxes("conv1d: x", new Shape(1, 1L << 31, 2)));
        Assert.assertEquals(
                e.getMessage(),
                "conv1d: x: expected axes of at most 2147483647 elements on a GPU, got the shape"
                        + " (1, 2147483648, 2)");
    }
}
