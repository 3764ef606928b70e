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

import org.testng.Assert;
import org.testng.annotations.Test;

/** What a terminal would obey is shown. */
public class PrintableTest {

    @Test
    public void theStartOfAFormatIsTextAndDigits() {
        Assert.assertEquals(Printable.start(0x4d535431), "\"MST1\" (4d535431)");
        Assert.assertEquals(Printable.start(0x80e2001b), "\"....\" (80e2001b)");
        Assert.assertEquals(Printable.start(0), "\"....\" (00000000)");
    }

    @Test
    public void controlCharactersAreEscaped() {
        Assert.assertEquals(
                Printable.of("a\u001b[2Jb\u009b\u007f\0"), "a\\u001b[2Jb\\u009b\\u007f\\u0000");
        Assert.assertEquals(Printable.of("a\tb\r\n"), "a\\u0009b\\u000d\\u000a");
        Assert.assertEquals(Printable.of("\u202Etxt\u2069\u2028"), "\\u202etxt\\u2069\\u2028");
    }

    @Test
    public void linesStay() {
        Assert.assertEquals(Printable.lines("a\tb\r\nc\n\rd\b"), "a\tb\r\nc\n\\u000dd\\u0008");
    }

    @Test
    public void allElseStays() {
        String text = "Größe 東京 \uD83D\uDE00 α/√r – \\u001b";
        Assert.assertEquals(Printable.of(text), text);
        Assert.assertEquals(Printable.lines(text), text);
        Assert.assertEquals(Malformed.of("x\u001b").getMessage(), "x\\u001b");
    }
}
