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

import ai.djl.mamba.MambaConfig.Ssm;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link MambaBackbone} with either norm. */
public class MambaBackboneTest extends SequenceBlockSuite {

    private final boolean rmsNorm;
    private final Ssm ssm;

    @Factory(dataProvider = "variants")
    public MambaBackboneTest(EngineSetup engine, boolean rmsNorm, Ssm ssm) {
        super(engine, 3);
        this.rmsNorm = rmsNorm;
        this.ssm = ssm;
    }

    @DataProvider
    public static Object[][] variants() {
        return Engines.eachAndComposed(
                new Object[][] {{true, Ssm.SELECTIVE}, {false, Ssm.SELECTIVE}, {false, Ssm.SSD}});
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(1)
                        .setModelSize(3)
                        .setNumLayers(2)
                        .optStateSize(2)
                        .optConvKernel(3)
                        .optNorm(rmsNorm, 1e-5)
                        .optSsm(ssm)
                        .optSsd(SSDConfig.builder().optHeadSize(2).build())
                        .build();
        return new MambaBackbone(config, false, returnState);
    }
}
