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
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** The contract of a block, for {@link SSD}. */
public class SSDTest extends SequenceBlockSuite {

    /** The layers. */
    protected enum Kind {
        PROJECTED(6) {
            @Override
            SSD.Builder builder() {
                return SSD.builder()
                        .optStateSize(2)
                        .optHeadSize(1)
                        .optGroups(3)
                        .optChunkSize(4)
                        .optTimeStepLimit(0.02, 0.6)
                        .optChannelSkip(true);
            }
        },
        /** Three heads of two channels: 6 for x, 4 for B, 4 for C, 3 for Δ. */
        UNPROJECTED(17) {
            @Override
            SSD.Builder builder() {
                return SSD.builder().optStateSize(4).optHeadSize(2).optProjection(false);
            }
        },
        /** In the place of a selective layer; the block applies the gate. */
        IN_BLOCK(3) {
            @Override
            SSD.Builder builder() {
                return SSD.builder().optStateSize(2).optHeadSize(3).optGroups(2).optSkip(false);
            }

            @Override
            SequenceBlock block(boolean returnState) {
                return MambaBlock.builder()
                        .optSsm(builder().build())
                        .optReturnState(returnState)
                        .build();
            }
        };

        private final int features;

        Kind(int features) {
            this.features = features;
        }

        abstract SSD.Builder builder();

        SequenceBlock block(boolean returnState) {
            return builder().optReturnState(returnState).build();
        }
    }

    private final Kind kind;

    @Factory(dataProvider = "kinds")
    public SSDTest(EngineSetup engine, Kind kind) {
        super(engine, kind.features);
        this.kind = kind;
    }

    @DataProvider
    public static Object[][] kinds() {
        return Engines.eachAndComposed(Engines.rows(List.of(Kind.values())));
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return kind.block(returnState);
    }
}
