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

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts rows that cannot be used. The first are logged; whether they stop the run is an option.
 *
 * <p>Later passes meet the same rows again: the count is that of the pass that met most.
 */
public final class BadRows {

    private static final Logger LOGGER = LoggerFactory.getLogger(BadRows.class);

    private final boolean stop;
    private final int logged;
    private final List<String> examples = new ArrayList<>();
    private long count;

    BadRows(boolean stop, int logged) {
        this.stop = stop;
        this.logged = logged;
    }

    /**
     * Returns the number of bad rows.
     *
     * @return the most that one pass has met
     */
    public long count() {
        return count;
    }

    /**
     * Returns the first bad rows.
     *
     * @return where they stand and what is wrong, as logged
     */
    public List<String> examples() {
        return List.copyOf(examples);
    }

    Pass newPass() {
        return new Pass();
    }

    /** The bad rows of one pass. */
    final class Pass {

        private long met;

        private Pass() {}

        void report(String origin, String problem) throws BadDataException {
            String message = origin + ": " + problem;
            if (stop) {
                throw new BadDataException(message);
            }
            met++;
            if (met <= count) {
                return; // met by an earlier pass
            }
            count = met;
            if (examples.size() < logged) {
                examples.add(message);
                LOGGER.warn("Left out: {}", message);
            } else if (examples.size() == logged && met == logged + 1L) {
                LOGGER.warn("More bad rows are counted, but not logged");
            }
        }
    }
}
