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
package ai.djl.mamba.internal;

import java.util.List;
import java.util.Optional;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** An unknown name leads to the known one that was meant, and to none if none is near. */
public class NearestTest {

    private static final List<String> KNOWN =
            List.of("max_new_tokens", "max_length", "stop", "stop_strings", "top_k", "top_p");

    @DataProvider
    public static Object[][] names() {
        return new Object[][] {
            {"max_new_token", "max_new_tokens"},
            {"maxNewTokens", "max_new_tokens"},
            {"MAX-LENGTH", "max_length"},
            {"max_tokens", "max_new_tokens"},
            {"stop_string", "stop_strings"},
            {"topk", "top_k"},
            {"top_q", "top_k"}, // the first of equally near ones
            {"grammar", null},
            {"", null}
        };
    }

    @Test(dataProvider = "names")
    public void testNearest(String wanted, String expected) {
        Assert.assertEquals(Nearest.of(wanted, KNOWN), Optional.ofNullable(expected));
    }

    @Test
    public void testHint() {
        Assert.assertEquals(Nearest.hint("topP", KNOWN), "; did you mean top_p?");
        Assert.assertEquals(Nearest.hint("grammar", KNOWN), "");
        Assert.assertEquals(Nearest.of("a", List.of()), Optional.empty());
    }
}
