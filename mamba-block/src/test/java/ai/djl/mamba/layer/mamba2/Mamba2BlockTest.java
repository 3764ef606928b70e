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
package ai.djl.mamba.layer.mamba2;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba2.Mamba2Options.GatedNorm;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link Mamba2Block} with the norm at each place. */
public class Mamba2BlockTest extends SequenceBlockSuite {

    private final GatedNorm norm;
    private final int kernel;

    @Factory(dataProvider = "norms")
    public Mamba2BlockTest(EngineSetup engine, GatedNorm norm, int kernel) {
        super(engine, 3);
        this.norm = norm;
        this.kernel = kernel;
    }

    @DataProvider
    public static Object[][] norms() {
        return Engines.eachAndComposed(
                new Object[][] {
                    {GatedNorm.AFTER_GATE, 4},
                    {GatedNorm.BEFORE_GATE, 2},
                    {GatedNorm.NONE, 3},
                    {GatedNorm.AFTER_GATE, 1}
                });
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return builder().optConvKernel(kernel).optReturnState(returnState).build();
    }

    private Mamba2Block.Builder builder() {
        return switch (norm) {
            case AFTER_GATE ->
                    Mamba2Block.builder().optStateSize(4).optHeadSize(2).optNormEpsilon(1e-3);
            case BEFORE_GATE ->
                    Mamba2Block.builder()
                            .optStateSize(2)
                            .optBias(true)
                            .optHeadSize(1)
                            .optGroups(3)
                            .optChunkSize(4)
                            .optTimeStepLimit(0.02, 0.6)
                            .optChannelSkip(true)
                            .optGatedNorm(norm);
            case NONE ->
                    Mamba2Block.builder()
                            .optExpand(1)
                            .optStateSize(1)
                            .optHeadSize(3)
                            .optConvBias(false)
                            .optGatedNorm(norm);
        };
    }
}
