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

import ai.djl.mamba.engine.Availability;
import ai.djl.mamba.engine.Operators;
import ai.djl.ndarray.NDArray;
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
    private static final String AUTO = "auto";
    private static final SelectiveScan NATIVE = new NativeScan();
    private static final SelectiveScan CHUNKED = new ChunkedScan();
    private static final List<SelectiveScan> SCANS = List.of(NATIVE, CHUNKED, new SequentialScan());
    private static final Map<String, SelectiveScan> CHOSEN = new ConcurrentHashMap<>();

    private Scans() {}

    /**
     * Returns the scan for sequences such as the given one: that of {@link #forEngine}, unless the
     * native one was chosen freely and does not know the type on the device.
     *
     * @param u the sequence
     * @return the scan
     * @throws IllegalArgumentException if the property names no scan
     * @throws IllegalStateException if the property names the native scan and it cannot be used
     */
    public static SelectiveScan forArray(NDArray u) {
        String engineName = u.getManager().getEngine().getEngineName();
        SelectiveScan scan = forEngine(engineName);
        if (scan != NATIVE || !AUTO.equals(wanted())) {
            return scan;
        }
        String refusal = Operators.forEngine(engineName).operators().refusal(u);
        if (refusal == null) {
            return scan;
        }
        String kind = engineName + ", " + u.getDataType() + " on " + u.getDevice().getDeviceType();
        return CHOSEN.computeIfAbsent(
                kind, key -> log(key, CHUNKED, "the native operators cannot be used: " + refusal));
    }

    /**
     * Returns the scan for an engine: the one that {@link #PROPERTY} names, or the fastest there
     * is. The choice is logged once for each engine, with its reason.
     *
     * @param engineName the name of the engine
     * @return the scan
     * @throws IllegalArgumentException if the property names no scan
     * @throws IllegalStateException if the property names the native scan and it cannot be used
     */
    public static SelectiveScan forEngine(String engineName) {
        String wanted = wanted();
        String key = engineName + ' ' + wanted + ' ' + System.getProperty(Operators.SWITCH);
        return CHOSEN.computeIfAbsent(key, unused -> choose(engineName, wanted));
    }

    private static String wanted() {
        return System.getProperty(PROPERTY, AUTO);
    }

    private static SelectiveScan choose(String engineName, String wanted) {
        if (!AUTO.equals(wanted)) {
            SelectiveScan scan = byName(wanted);
            if (scan == NATIVE) {
                Operators.forEngine(engineName).require();
            }
            return log(engineName, scan, "as -D" + PROPERTY + '=' + wanted + " asks");
        }
        Availability availability = Operators.forEngine(engineName);
        return availability.exists()
                ? log(engineName, NATIVE, "one fused operator")
                : log(
                        engineName,
                        CHUNKED,
                        "the native operators cannot be used: " + availability.reason());
    }

    private static SelectiveScan log(String where, SelectiveScan scan, String why) {
        logger.info("Selective scan on {}: {}; {}", where, scan.name(), why);
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
