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
     * Returns the Levenshtein distance of two texts, ignoring case.
     *
     * @param a a text
     * @param b another one
     * @return how many characters have to be put in, left out or replaced
     */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same =
                        Character.toLowerCase(a.charAt(i - 1))
                                == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
