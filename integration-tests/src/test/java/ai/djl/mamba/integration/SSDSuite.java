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
import ai.djl.mamba.layer.mamba.MambaBlock;
import ai.djl.mamba.layer.mamba2.SSD;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import org.testng.annotations.DataProvider;

/** The contract of a block, for {@link SSD}. */
public abstract class SSDSuite extends SequenceBlockSuite {

    /** The layers. */
    protected enum Kind {
        PROJECTED(6) {
            @Override
            SSD.Builder builder() {
                SSDConfig config =
                        SSDConfig.builder()
                                .optHeadSize(1)
                                .optGroups(3)
                                .optChunkSize(4)
                                .optTimeStepLimit(0.02, 0.6)
                                .optChannelSkip(true)
                                .build();
                return SSD.builder().optStateSize(2).optConfig(config);
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

    protected SSDSuite(String engineName, Kind kind) {
        super(engineName, kind.features);
        this.kind = kind;
    }

    @DataProvider
    public static Object[][] kinds() {
        Object[][] rows = new Object[Kind.values().length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new Object[] {Kind.values()[i]};
        }
        return rows;
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return kind.block(returnState);
    }
}
