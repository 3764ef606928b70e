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
package ai.djl.mamba.families;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import ai.djl.mamba.testing.SequenceBlockSuite;
import org.testng.annotations.Factory;

/** The contract of a block, for a family that is not part of the project. */
public class GatedLinearBlockTest extends SequenceBlockSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public GatedLinearBlockTest(EngineSetup engine) {
        super(engine, 3);
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return new GatedLinearBlock(2, 1, returnState);
    }
}
