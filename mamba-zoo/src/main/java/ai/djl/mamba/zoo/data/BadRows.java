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
package ai.djl.mamba.zoo.data;

import ai.djl.mamba.internal.Printable;
import ai.djl.mamba.zoo.data.RecordSource.BadDataException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts rows that cannot be used. The first ones are logged. Optionally, a bad row stops the run.
 *
 * <p>Later passes find the same rows again: the count is the highest of any pass.
 */
final class BadRows {

    private static final Logger LOGGER = LoggerFactory.getLogger(BadRows.class);

    private final boolean stop;
    private final int logged;
    private final List<String> examples = new ArrayList<>();
    private long count;

    BadRows(boolean stop, int logged) {
        this.stop = stop;
        this.logged = logged;
    }

    /** Returns the highest number found in any pass. */
    long count() {
        return count;
    }

    /** Returns the first bad rows: where they are and what is wrong with them, as logged. */
    List<String> examples() {
        return List.copyOf(examples);
    }

    Pass newPass() {
        return new Pass();
    }

    /** The bad rows of one pass. */
    final class Pass {

        private long found;

        private Pass() {}

        void report(String origin, String problem) throws BadDataException {
            String message = origin + ": " + problem;
            if (stop) {
                throw new BadDataException(message);
            }
            found++;
            if (found <= count) {
                return; // already reported by an earlier pass
            }
            count = found;
            if (examples.size() < logged) {
                examples.add(message);
                LOGGER.warn("Skipped: {}", Printable.of(message));
            } else if (examples.size() == logged && found == logged + 1L) {
                LOGGER.warn("Further bad rows are counted, but not logged");
            }
        }
    }
}
