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
package ai.djl.mamba.scan;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the scan of a block. */
public final class Scans {

    /**
     * The system property that names the scan of all blocks which were not given one: {@code auto}
     * (the default) or the {@link SelectiveScan#name} of a scan.
     */
    public static final String PROPERTY = "ai.djl.mamba.scan";

    private static final Logger logger = LoggerFactory.getLogger(Scans.class);
    private static final List<SelectiveScan> SCANS =
            List.of(new ChunkedScan(), new SequentialScan());
    private static final Map<String, SelectiveScan> CHOSEN = new ConcurrentHashMap<>();

    private Scans() {}

    /**
     * Returns the scan for an engine: the one that {@link #PROPERTY} names, or the fastest there
     * is. The choice is logged once for each engine, with its reason.
     *
     * @param engineName the name of the engine
     * @return the scan
     * @throws IllegalArgumentException if the property names no scan
     */
    public static SelectiveScan forEngine(String engineName) {
        String wanted = System.getProperty(PROPERTY, "auto");
        return CHOSEN.computeIfAbsent(engineName + ' ' + wanted, key -> choose(engineName, wanted));
    }

    private static SelectiveScan choose(String engineName, String wanted) {
        if ("auto".equals(wanted)) {
            SelectiveScan scan = SCANS.get(0);
            logger.info(
                    "Selective scan on {}: {}, the fastest that is composed of engine operators",
                    engineName,
                    scan.name());
            return scan;
        }
        SelectiveScan scan = byName(wanted);
        logger.info(
                "Selective scan on {}: {}, as -D{}={} asks",
                engineName,
                scan.name(),
                PROPERTY,
                wanted);
        return scan;
    }

    /**
     * Returns every scan, also one that cannot run on this machine: using that one throws {@link
     * IllegalStateException} with the reason.
     *
     * @return the scans
     */
    public static List<SelectiveScan> all() {
        return SCANS;
    }

    /**
     * Returns the scan of a name.
     *
     * @param name the name
     * @return the scan
     * @throws IllegalArgumentException if there is no such scan
     */
    public static SelectiveScan byName(String name) {
        for (SelectiveScan scan : SCANS) {
            if (scan.name().equals(name)) {
                return scan;
            }
        }
        throw new IllegalArgumentException(
                "No scan is named "
                        + name
                        + ": expected auto or one of "
                        + SCANS.stream().map(SelectiveScan::name).toList());
    }
}
