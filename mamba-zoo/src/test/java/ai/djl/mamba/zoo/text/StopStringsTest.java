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

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Texts that end before the first of some strings. */
public class StopStringsTest {

    private static String random(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }

    private static int firstOf(String text, List<String> stops) {
        return stops.stream().mapToInt(text::indexOf).filter(i -> i >= 0).min().orElse(-1);
    }

    @Test
    public void agreesWithIndexOf() {
        Random random = new Random(17);
        for (int round = 0; round < 20_000; round++) {
            String text = random(random, random.nextInt(16));
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                stops.add(random(random, 1 + random.nextInt(5)));
            }
            check(text, stops, random);
        }
    }

    private static void check(String text, List<String> stops, Random random) {
        StopStrings filter = new StopStrings(stops);
        StringBuilder out = new StringBuilder();
        int end = 0;
        while (end < text.length()) {
            int start = end;
            end = Math.min(text.length(), end + random.nextInt(4));
            out.append(filter.next(text.substring(start, end)));
            if (!filter.isStopped()) {
                Assert.assertEquals(end - out.length(), held(text.substring(0, end), stops));
            }
        }
        out.append(filter.finish());
        int first = firstOf(text, stops);
        String message = text + " without " + stops;
        Assert.assertEquals(out.toString(), first < 0 ? text : text.substring(0, first), message);
        Assert.assertEquals(filter.isStopped(), first >= 0, message);
        Assert.assertEquals(filter.found().isPresent(), first >= 0, message);
        if (first >= 0) {
            String found = filter.found().orElseThrow();
            Assert.assertTrue(stops.contains(found) && text.startsWith(found, first), message);
        }
    }

    /** The length of the longest end of the text that may become a stop string. */
    private static int held(String text, List<String> stops) {
        for (int start = 0; start < text.length(); start++) {
            String end = text.substring(start);
            if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
                return end.length();
            }
        }
        return 0;
    }

    @Test
    public void findsWhatOverlapsItself() {
        StopStrings filter = new StopStrings(List.of("aab"));
        Assert.assertEquals(filter.next("a"), "");
        Assert.assertEquals(filter.next("a"), "");
        Assert.assertEquals(filter.next("a"), "a");
        Assert.assertEquals(filter.next("bcd"), "");
        Assert.assertTrue(filter.isStopped());
        Assert.assertEquals(filter.next("more"), "");
        Assert.assertEquals(filter.finish(), "");
    }

    @Test
    public void takesTheLongestOfThoseInTheSamePlace() {
        StopStrings filter = new StopStrings(List.of("\n", "\n\n", "\n\nx"));
        Assert.assertEquals(filter.next("one\n\ntwo"), "one");
        Assert.assertEquals(filter.found().orElseThrow(), "\n\n");
    }

    @Test
    public void waitsForOneThatBeganEarlier() {
        StopStrings filter = new StopStrings(List.of("bc", "abcd"));
        Assert.assertEquals(filter.next("xabc"), "x");
        Assert.assertFalse(filter.isStopped());
        Assert.assertEquals(filter.finish(), "a");
        Assert.assertEquals(filter.found().orElseThrow(), "bc");
    }

    @Test
    public void refusesEmptyStrings() {
        Assert.assertEquals(new StopStrings(List.of()).next("text"), "text");
        Assert.expectThrows(
                IllegalArgumentException.class, () -> new StopStrings(List.of("a", "")));
    }
}
