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
package ai.djl.mamba.examples.cli.common;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The part of a file that is read: a number of bytes, cut between characters. */
public final class TextWindow {

    private static final int MAX_CONTINUATION = 3; // bytes of a character after the first

    private TextWindow() {}

    /** Where the window is. */
    public enum Place {
        /** At the start, where licences and the names of interpreters are. */
        START,
        /** In the middle. */
        MIDDLE,
        /** Anywhere. */
        RANDOM
    }

    /**
     * Cuts a window out.
     *
     * @param bytes the file, in UTF-8; invalid bytes become U+FFFD
     * @param max the maximum number of bytes in the window
     * @param place where it is, if the file is longer
     * @param random chooses the place for {@link Place#RANDOM}
     * @return the text
     */
    public static String of(byte[] bytes, int max, Place place, Random random) {
        int spare = bytes.length - max;
        if (spare <= 0) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        int start =
                switch (place) {
                    case START -> 0;
                    case MIDDLE -> spare / 2;
                    case RANDOM -> random.nextInt(spare + 1);
                };
        int end = start + max;
        for (int i = 0; i < MAX_CONTINUATION && start < end && isInside(bytes, start); i++) {
            start++;
        }
        for (int i = 0; i < MAX_CONTINUATION && start < end && isInside(bytes, end); i++) {
            end--;
        }
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    /** Whether a cut before this byte would be inside a character. */
    private static boolean isInside(byte[] bytes, int at) {
        return at < bytes.length && (bytes[at] & 0xC0) == 0x80;
    }
}
