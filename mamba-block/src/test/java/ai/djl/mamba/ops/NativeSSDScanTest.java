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
import ai.djl.mamba.testing.NativeOperators;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import org.testng.SkipException;
import org.testng.annotations.BeforeClass;

/** The native SSD scan, which only PyTorch has. */
public class NativeSSDScanTest extends SSDScanSuite {

    public NativeSSDScanTest() {
        super(EngineSetup.PYTORCH, Scans.SSD.byName("native"));
    }

    @BeforeClass
    public void needsALibrary() {
        NativeOperators.skipWhereNoneWereBuilt();
    }

    @Override
    protected NDList run(Scan<SSDScanInput> scan, Arguments in) {
        NDArray x = in.steps().get(0);
        boolean wide = x.getDataType() == DataType.FLOAT64;
        if ("native".equals(scan.name()) && wide && x.getDevice().isGpu()) {
            throw new SkipException("The kernels of a GPU know no float64");
        }
        return super.run(scan, in);
    }
}
