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

import ai.djl.mamba.layer.Mixer;
import ai.djl.mamba.layer.Norm;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba2.Mamba2Options;
import ai.djl.mamba.layer.s4d.S4DOptions;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link MambaBackbone} with either norm. */
public class MambaBackboneTest extends SequenceBlockSuite {

    private static final Mixer MAMBA =
            MambaOptions.builder().optStateSize(2).optConvKernel(3).build();
    private static final Mixer MAMBA2 =
            Mamba2Options.builder().optStateSize(2).optConvKernel(3).optHeadSize(2).build();

    private static final Mixer S4D = S4DOptions.builder().optStateSize(2).optConvKernel(2).build();

    private final Norm norm;
    private final List<Mixer> layers;

    @Factory(dataProvider = "variants")
    public MambaBackboneTest(EngineSetup engine, Norm norm, List<Mixer> layers) {
        super(engine, 3);
        this.norm = norm;
        this.layers = layers;
    }

    @DataProvider
    public static Object[][] variants() {
        return Engines.eachAndComposed(
                new Object[][] {
                    {Norm.rms(1e-5), List.of(MAMBA, MAMBA)},
                    {Norm.layer(1e-5), List.of(MAMBA, MAMBA)},
                    {Norm.layer(1e-5), List.of(MAMBA2, MAMBA2)},
                    {Norm.rms(1e-5), List.of(S4D, MAMBA, MAMBA2)}
                });
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        MambaConfig config =
                MambaConfig.builder()
                        .setVocabSize(1)
                        .setModelSize(3)
                        .setLayers(layers)
                        .optNorm(norm)
                        .build();
        return new MambaBackbone(config, false, returnState);
    }
}
