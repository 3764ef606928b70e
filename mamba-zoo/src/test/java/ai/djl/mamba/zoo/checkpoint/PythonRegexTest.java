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
package ai.djl.mamba.zoo.checkpoint;

import com.google.re2j.Pattern;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Expressions mean what they mean to Python. */
public class PythonRegexTest {

    /** Expressions, a text that each matches as a whole, and one that it does not. */
    @DataProvider
    public Object[][] expressions() {
        return new Object[][] {
            {
                ".*\\.(?P<layer_index>\\d+)\\.mixer\\.(?:in|x)_proj\\Z",
                "a.3.mixer.x_proj",
                "a.b.mixer.x_proj"
            },
            {"[[]a[]]", "[a]", "a"},
            {"[^]a]", "b", "]"},
            {"[\\]a]+", "]a", "["},
            {"[[:alpha:]", "[", "b"},
            {"[(]{2}", "((", "("},
            {"[a&&b]+", "a&b", "c"},
            {"a{,2}b", "aab", "aaab"},
            {"a{2,}", "aaa", "a"},
            {"a{2}", "aa", "a"},
            {"a{x}", "a{x}", "a"},
            {"(?i)A|b", "a", "c"},
        };
    }

    @Test(dataProvider = "expressions")
    public void matchesAsPythonDoes(String regex, String match, String other) {
        Pattern pattern = PythonRegex.compile(regex);
        Assert.assertTrue(pattern.matches(match));
        Assert.assertFalse(pattern.matches(other));
    }

    /** A backtracking engine needs 2^n steps. */
    @Test
    public void timeIsLinearInTheText() {
        String text = "a".repeat(50_000) + "!";
        for (String regex : new String[] {"(a+)+", "(a|a)*", "(a|aa)+b", "(.*)*x"}) {
            Assert.assertFalse(PythonRegex.compile(regex).matches(text));
        }
    }
}
