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
package ai.djl.mamba.ops;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.Engines;
import org.testng.annotations.Factory;

/** The chunked selective scan, with the cut that it chooses and with given ones. */
public class ChunkedSelectiveScanTest extends SelectiveScanSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ChunkedSelectiveScanTest(EngineSetup engine) {
        super(
                engine,
                Scans.SELECTIVE.byName("chunked"),
                Scans.chunkedSelective(1, 16),
                Scans.chunkedSelective(4, 8),
                Scans.chunkedSelective(3, 5));
    }
}
