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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.testing.Fuzz;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Damaged prompt states and alphabets, see {@link Fuzz}. */
public class TextFuzzTest {

    @DataProvider
    public static Object[][] formats() {
        return new Object[][] {{"prompt state"}, {"alphabet.json"}};
    }

    @Test(dataProvider = "formats")
    public void survivesDamage(String format) throws Exception {
        Fuzz.assertSurvives(TextFuzzRun.class, format);
    }
}
