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
package ai.djl.mamba.layer.s4d;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.testing.BlockPackingSuite;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;

/** Several documents in a row, for {@link S4D}. */
public class S4DPackingTest extends BlockPackingSuite {

    private final S4D.Mode mode;
    private final S4D.Init init;

    @Factory(dataProvider = "variants")
    public S4DPackingTest(EngineSetup engine, S4D.Mode mode, S4D.Init init) {
        super(engine, 3);
        boolean transforms = "PyTorch".equals(engineName);
        this.mode = transforms ? mode : S4D.Mode.AUTO;
        this.init = init;
    }

    @DataProvider
    public static Object[][] variants() {
        return Engines.each(
                new Object[][] {
                    {S4D.Mode.AUTO, S4D.Init.LIN},
                    {S4D.Mode.CONVOLUTION, S4D.Init.LEGS},
                    {S4D.Mode.RECURRENCE, S4D.Init.REAL}
                });
    }

    @Override
    protected SequenceBlock newBlock(boolean returnState) {
        return S4D.builder()
                .optStateSize(4)
                .optMode(mode)
                .optInit(init)
                .optReturnState(returnState)
                .build();
    }
}
