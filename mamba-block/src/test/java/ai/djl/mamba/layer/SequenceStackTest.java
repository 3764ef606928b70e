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

import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link SequenceStack}s of different blocks. */
public class SequenceStackTest extends SequenceBlockSuite {

    /** The stacks. */
    protected enum Kind {
        SEQUENCES(3) {
            @Override
            SequenceStack.Builder builder() {
                return SequenceStack.builder()
                        .add("mixer", Mamba2Block.builder().optHeadSize(3).build())
                        .add("mixer", MambaBlock.builder().optExpand(1).build())
                        .add(CausalConv1d.builder().setKernel(3).build());
            }
        },
        /** Widths 3, 4, 4, 4, 4, 2; the first and the last child know nothing of sequences. */
        MIXED(3) {
            @Override
            SequenceStack.Builder builder() {
                Mamba2Block mixer = Mamba2Block.builder().optStateSize(3).optHeadSize(2).build();
                return SequenceStack.builder()
                        .add(Linear.builder().setUnits(4).build())
                        .add(ResidualBlock.builder().setMixer(mixer).build())
                        .add(new RMSNorm())
                        .add(CausalConv1d.builder().setKernel(2).build())
                        .add(Activation.tanhBlock())
                        .add(Linear.builder().setUnits(2).build());
            }
        },
        NESTED(3) {
            @Override
            SequenceStack.Builder builder() {
                SequenceStack inner =
                        SequenceStack.builder()
                                .add(CausalConv1d.builder().setKernel(2).build())
                                .add(LayerNorm.builder().axis(2).build())
                                .build();
                SelectiveSSM ssm = SelectiveSSM.builder().optStateSize(2).build();
                return SequenceStack.builder()
                        .add("inner", inner)
                        .add(ResidualBlock.builder().setMixer(ssm).build());
            }
        },
        /** Takes token ids, since its first child does. */
        MODEL(0) {
            @Override
            SequenceStack.Builder builder() {
                MambaConfig config =
                        MambaConfig.builder()
                                .setVocabSize(VOCABULARY)
                                .setModelSize(3)
                                .setNumLayers(1)
                                .optMixer(MambaOptions.builder().optStateSize(2).build())
                                .build();
                return SequenceStack.builder()
                        .add("model", new MambaLanguageModel(config))
                        .add(new Projection(4, true))
                        .add(CausalConv1d.builder().setKernel(3).build());
            }
        };

        private final int features;

        Kind(int features) {
            this.features = features;
        }

        abstract SequenceStack.Builder builder();
    }

    private final Kind kind;

    @Factory(dataProvider = "kinds")
    public SequenceStackTest(EngineSetup engine, Kind kind) {
        super(engine, kind.features);
        this.kind = kind;
    }

    @DataProvider
    public static Object[][] kinds() {
        return Engines.eachAndComposed(Engines.rows(List.of(Kind.values())));
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return kind.builder().optReturnState(returnState).build();
    }
}
