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
package ai.djl.mamba.integration;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import org.testng.annotations.DataProvider;

/** The contract of a block, for {@link SelectiveSSM}. */
public abstract class SelectiveSSMSuite extends SequenceBlockSuite {

    private final boolean gated;
    private final boolean plain;

    protected SelectiveSSMSuite(String engineName, boolean gated, boolean plain) {
        super(engineName, 3);
        this.gated = gated;
        this.plain = plain;
    }

    @DataProvider
    public static Object[][] variants() {
        return new Object[][] {{false, false}, {true, false}, {false, true}};
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return SelectiveSSM.builder()
                .optStateSize(2)
                .optTimeStepRank(2)
                .optGate(gated)
                .optSkip(!plain)
                .optTimeStepBias(!plain)
                .optProjectionBias(plain)
                .optReturnState(returnState)
                .build();
    }
}
