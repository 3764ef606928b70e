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

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that somebody probably meant, for messages about unknown ones. */
public final class Nearest {

    /** A name is near if at most one of so many characters has to be edited. */
    private static final int CHARACTERS_PER_EDIT = 3;

    private Nearest() {}

    /**
     * Finds the known name that is nearest to another one. Case, underscores and hyphens do not
     * count.
     *
     * @param wanted the name that is not known
     * @param known the known names
     * @return the nearest one; of equally near ones the first; empty if none is near enough to be
     *     meant
     */
    public static Optional<String> of(String wanted, Collection<String> known) {
        String plain = plain(wanted);
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(plain, plain(name))))
                .filter(name -> isNear(plain, plain(name)));
    }

    /**
     * Says which known name was probably meant, to be put behind a message.
     *
     * @param wanted the name that is not known
     * @param known the known names
     * @return {@code "; did you mean NAME?"}, or nothing if none is near
     */
    public static String hint(String wanted, Collection<String> known) {
        return of(wanted, known).map(name -> "; did you mean " + name + "?").orElse("");
    }

    private static boolean isNear(String wanted, String name) {
        int longer = Math.max(wanted.length(), name.length());
        return distance(wanted, name) <= Math.max(1, longer / CHARACTERS_PER_EDIT);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    }

    /**
     * Returns the edit distance of two texts, ignoring case.
     *
     * @param a a text
     * @param b another one
     * @return how many characters have to be put in, left out, replaced, or swapped with the next
     */
    public static int distance(String a, String b) {
        String from = a.toLowerCase(Locale.ROOT);
        String to = b.toLowerCase(Locale.ROOT);
        int[][] edits = new int[from.length() + 1][to.length() + 1]; // of the first i and j
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                edits[i][j] = i == 0 || j == 0 ? i + j : edits(edits, from, to, i, j);
            }
        }
        return edits[from.length()][to.length()];
    }

    private static int edits(int[][] edits, String from, String to, int i, int j) {
        boolean isSame = from.charAt(i - 1) == to.charAt(j - 1);
        int least = edits[i - 1][j - 1] + (isSame ? 0 : 1);
        least = Math.min(least, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        boolean isSwapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return isSwapped ? Math.min(least, 1 + edits[i - 2][j - 2]) : least;
    }
}
