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
package ai.djl.mamba.documentation;

import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.Engines;
import org.testng.Assert;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** The example of docs/native.md works on every engine. */
public class NativeSnippetsTest extends EngineSuite {

    @Factory(dataProvider = "each", dataProviderClass = Engines.class)
    public NativeSnippetsTest(EngineSetup engine) {
        super(engine);
    }

    @Test
    public void scanIsNativeOrThereIsAReason() {
        String[] found = NativeSnippets.nativeOperators(engineName);
        Assert.assertEquals(found[0], found[1] == null ? "native" : "chunked");
    }
}
