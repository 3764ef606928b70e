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

/** The chunked SSD scan, with the chunks that it chooses and with given ones. */
public class ChunkedSSDScanTest extends SSDScanSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public ChunkedSSDScanTest(EngineSetup engine) {
        super(
                engine,
                Scans.SSD.byName("chunked"),
                Scans.chunkedSSD(1),
                Scans.chunkedSSD(500),
                Scans.chunkedSSD(7));
    }
}
