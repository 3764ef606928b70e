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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.report.Numbers;
import java.util.Locale;

/** Decides when a model stops: before a call that would take too much, not after it. */
final class StopRules {

    private static final String LONGER = "as at L ";

    private StopRules() {}

    /**
     * Judges the memory that a call is likely to take.
     *
     * @param bytes the memory
     * @param limit the most
     * @return why not to start it, or {@code null}
     */
    static String memory(double bytes, double limit) {
        return bytes <= limit
                ? null
                : String.format(
                        "needs about %s, there are %s", Numbers.bytes(bytes), Numbers.bytes(limit));
    }

    /**
     * Judges the time that a call is likely to take.
     *
     * @param seconds the time
     * @param limit the most
     * @return why not to start it, or {@code null}
     */
    static String time(double seconds, double limit) {
        return seconds <= limit
                ? null
                : String.format(
                        "a call takes about %s s, the limit is %s s",
                        Numbers.significant(seconds), Numbers.significant(limit));
    }

    /**
     * Returns why a model does not run at longer lengths.
     *
     * @param reason the reason at a length, or {@code null}
     * @param length the length
     * @return the reason at longer lengths, or {@code null}
     */
    static String longer(String reason, int length) {
        return reason == null || reason.startsWith(LONGER)
                ? reason
                : String.format(Locale.ROOT, LONGER + "%,d", length);
    }
}
