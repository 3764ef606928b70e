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

import ai.djl.mamba.MambaBackbone;
import ai.djl.mamba.MambaConfig;
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba.MambaOptions;
import ai.djl.mamba.layer.mamba.SelectiveSSM;
import ai.djl.mamba.layer.mamba2.Mamba2Block;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.s4d.S4D;
import ai.djl.mamba.testing.BlockPackingSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** Several documents in a row, for blocks that read backwards. */
public class BidirectionalBlockTest extends BlockPackingSuite {

    /** The blocks. */
    protected enum Kind {
        REVERSED {
            @Override
            SequenceBlock block() {
                return SelectiveSSM.builder().optStateSize(2).optReverse(true).build();
            }
        },
        REVERSED_IN_BLOCK {
            @Override
            SequenceBlock block() {
                SequenceBlock ssm =
                        SelectiveSSM.builder()
                                .optStateSize(2)
                                .optGate(true)
                                .optReverse(true)
                                .build();
                return MambaBlock.builder().optExpand(1).optSsm(ssm).build();
            }
        },
        CONVOLUTIONS {
            @Override
            SequenceBlock block() {
                return new BidirectionalBlock(
                        CausalConv1d.builder().setKernel(3).build(),
                        CausalConv1d.builder().setKernel(4).build());
            }
        },
        BLOCKS {
            @Override
            SequenceBlock block() {
                return new BidirectionalBlock(
                        MambaBlock.builder().optExpand(1).build(),
                        MambaBlock.builder().optSsm(S4D.builder().build()).build());
            }
        },
        SSD_LAYER {
            @Override
            SequenceBlock block() {
                return SSD.builder().optStateSize(2).optHeadSize(1).optReverse(true).build();
            }
        },
        SSD_IN_BLOCK {
            @Override
            SequenceBlock block() {
                return Mamba2Block.builder()
                        .optStateSize(2)
                        .optHeadSize(2)
                        .optReverse(true)
                        .build();
            }
        },
        MAMBA2_BLOCKS {
            @Override
            SequenceBlock block() {
                return new BidirectionalBlock(
                        Mamba2Block.builder().optStateSize(3).optHeadSize(3).build(),
                        Mamba2Block.builder().optStateSize(2).optHeadSize(1).optGroups(2).build());
            }
        },
        BACKBONE {
            @Override
            SequenceBlock block() {
                MambaConfig config =
                        MambaConfig.builder()
                                .setVocabSize(VOCABULARY)
                                .setModelSize(3)
                                .setNumLayers(2)
                                .optMixer(MambaOptions.builder().optStateSize(2).build())
                                .build();
                return new MambaBackbone(config, true, false);
            }
        };

        abstract SequenceBlock block();
    }

    private final Kind kind;

    @Factory(dataProvider = "kinds")
    public BidirectionalBlockTest(EngineSetup engine, Kind kind) {
        super(engine, 3);
        this.kind = kind;
    }

    @DataProvider
    public static Object[][] kinds() {
        return Engines.each(Engines.rows(List.of(Kind.values())));
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return kind.block();
    }

    @Override
    protected NDList state(SequenceBlock block, long seed, long rows) {
        return new NDList(); // they carry none
    }
}
