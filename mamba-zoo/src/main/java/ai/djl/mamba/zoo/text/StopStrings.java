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

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Ends a text, which comes in pieces, before the first of some strings.
 *
 * <p>The first is the one that begins first; of those that begin at the same place it is the
 * longest that was read by then. Only what may become a stop string is held back. It is for one
 * text and one thread.
 */
final class StopStrings {

    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private String found;

    /**
     * Creates a filter.
     *
     * @param stops the strings that end the text, perhaps none
     * @throws IllegalArgumentException if one of them is empty
     */
    public StopStrings(Collection<String> stops) {
        this.stops = List.copyOf(stops);
        if (this.stops.contains("")) {
            throw new IllegalArgumentException("A stop string is empty: it would end every text");
        }
    }

    /**
     * Takes the next piece of the text.
     *
     * @param piece the piece
     * @return the text that is certain not to belong to a stop string, perhaps none; nothing once a
     *     stop string was found
     */
    public String next(String piece) {
        return read(piece, false);
    }

    /**
     * Ends the text.
     *
     * @return what was held back, up to the first stop string in it
     */
    public String finish() {
        return read("", true);
    }

    private String read(String piece, boolean isEnd) {
        if (found != null) {
            return "";
        }
        held.append(piece);
        String text = held.toString();
        int end = 0;
        while (end < text.length() && found == null && (isEnd || !mayStop(text, end))) {
            found = longest(text, end);
            end += found == null ? 1 : 0;
        }
        held.delete(0, found == null ? end : text.length());
        return text.substring(0, end);
    }

    /** Whether a stop string begins here that is not complete, and none that is. */
    private boolean mayStop(String text, int start) {
        int rest = text.length() - start;
        boolean isPart = false;
        for (String stop : stops) {
            if (text.startsWith(stop, start)) {
                return false;
            }
            isPart |= rest < stop.length() && stop.startsWith(text.substring(start));
        }
        return isPart;
    }

    private String longest(String text, int start) {
        String longest = null;
        for (String stop : stops) {
            if (text.startsWith(stop, start)
                    && (longest == null || stop.length() > longest.length())) {
                longest = stop;
            }
        }
        return longest;
    }

    /**
     * Tells whether the text has ended.
     *
     * @return whether a stop string was found: nothing more will come
     */
    public boolean isStopped() {
        return found != null;
    }

    /**
     * Returns what ended the text.
     *
     * @return the stop string, or nothing if none was found yet
     */
    public Optional<String> found() {
        return Optional.ofNullable(found);
    }
}
