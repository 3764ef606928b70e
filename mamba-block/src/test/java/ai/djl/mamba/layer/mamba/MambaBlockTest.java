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
package ai.djl.mamba.layer.mamba;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link MambaBlock} with a selective SSM. */
public class MambaBlockTest extends SequenceBlockSuite {

    private final int kernel;
    private final int expand;

    @Factory(dataProvider = "sizes")
    public MambaBlockTest(EngineSetup engine, int modelSize, int kernel, int expand) {
        super(engine, modelSize);
        this.kernel = kernel;
        this.expand = expand;
    }

    @DataProvider
    public static Object[][] sizes() {
        return Engines.eachAndComposed(new Object[][] {{3, 4, 2}, {4, 2, 1}, {1, 3, 3}, {2, 1, 2}});
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        boolean gated = expand != 1;
        // with kernel 3 the block applies the gate, otherwise the scan does
        SequenceBlock ssm =
                SelectiveSSM.builder().optStateSize(2).optGate(gated && kernel != 3).build();
        return MambaBlock.builder()
                .optExpand(expand)
                .optConvKernel(kernel)
                .optGate(gated)
                .optBias(expand == 3)
                .optSsm(ssm)
                .optReturnState(returnState)
                .build();
    }
}
