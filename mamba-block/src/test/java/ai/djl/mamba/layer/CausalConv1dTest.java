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
package ai.djl.mamba.layer;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import ai.djl.ndarray.types.DataType;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The contract of a block, for {@link CausalConv1d}. */
public class CausalConv1dTest extends SequenceBlockSuite {

    private final int kernel;

    @Factory(dataProvider = "kernels")
    public CausalConv1dTest(EngineSetup engine, int kernel) {
        super(engine, 3);
        this.kernel = kernel;
    }

    @DataProvider
    public static Object[][] kernels() {
        return Engines.eachAndComposed(new Object[][] {{1}, {2}, {3}, {4}});
    }

    /** With one tap there is none. */
    @Test
    @Override
    public void theBeginStateMatters() {
        if (kernel > 1) {
            super.theBeginStateMatters();
        } else {
            Assert.assertTrue(block(DataType.FLOAT64).getStateSpecs().isEmpty());
        }
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return CausalConv1d.builder()
                .setKernel(kernel)
                .optBias(kernel != 3)
                .optSilu(kernel != 2)
                .optReturnState(returnState)
                .build();
    }
}
