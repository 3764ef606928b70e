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
package ai.djl.mamba.ops;

import ai.djl.mamba.engine.Availability;
import ai.djl.mamba.engine.EngineOperators;
import ai.djl.mamba.engine.Operators;
import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses among the scans of one kind of layer, and logs each choice once with its reason.
 *
 * @param <S> the kind of scan
 */
final class ScanChoice<S extends Scan> {

    private static final Logger logger = LoggerFactory.getLogger(Scans.class);
    private static final String AUTO = "auto";

    private final String kind;
    private final S fused;
    private final S composed;
    private final List<S> scans;
    private final Map<String, S> chosen = new ConcurrentHashMap<>();

    /**
     * Creates a choice.
     *
     * @param kind what the log calls the scan
     * @param fused the scan by native operators
     * @param composed the fastest scan by the engine's usual operations
     * @param oracle the scan that is not chosen, only named
     */
    ScanChoice(String kind, S fused, S composed, S oracle) {
        this.kind = kind;
        this.fused = fused;
        this.composed = composed;
        scans = List.of(fused, composed, oracle);
    }

    /**
     * As {@link #forEngine}, unless the native scan cannot take the array.
     *
     * @param array the sequence
     * @param refusals says why the operators cannot take it, or {@code null} where they can
     */
    S forArray(NDArray array, Function<EngineOperators, String> refusals) {
        String engineName = array.getManager().getEngine().getEngineName();
        S scan = forEngine(engineName);
        if (scan != fused || !AUTO.equals(wanted())) {
            return scan;
        }
        EngineOperators operators = Operators.forEngine(engineName).operators();
        String refusal = refusals.apply(operators);
        if (refusal == null) {
            return scan;
        }
        String where =
                engineName
                        + ", "
                        + array.getDataType()
                        + " on "
                        + array.getDevice().getDeviceType();
        return chosen.computeIfAbsent(
                where + ": " + refusal,
                key -> log(where, composed, "the native operators cannot be used: " + refusal));
    }

    /** The scan that the property names, or the fastest there is. */
    S forEngine(String engineName) {
        String wanted = wanted();
        String key = engineName + ' ' + wanted + ' ' + System.getProperty(Operators.SWITCH);
        return chosen.computeIfAbsent(key, unused -> choose(engineName, wanted));
    }

    private static String wanted() {
        return System.getProperty(Scans.PROPERTY, AUTO);
    }

    private S choose(String engineName, String wanted) {
        if (!AUTO.equals(wanted)) {
            S scan = byName(wanted);
            if (scan == fused) {
                Operators.forEngine(engineName).require();
            }
            return log(engineName, scan, "as -D" + Scans.PROPERTY + '=' + wanted + " asks");
        }
        Availability availability = Operators.forEngine(engineName);
        return availability.exists()
                ? log(engineName, fused, "one fused operator")
                : log(
                        engineName,
                        composed,
                        "the native operators cannot be used: " + availability.reason());
    }

    private S log(String where, S scan, String why) {
        logger.info("{} on {}: {}; {}", kind, where, scan.name(), why);
        return scan;
    }

    List<S> all() {
        return scans;
    }

    S byName(String name) {
        for (S scan : scans) {
            if (scan.name().equals(name)) {
                return scan;
            }
        }
        throw new IllegalArgumentException(
                "No scan is named "
                        + name
                        + ": expected auto or one of "
                        + scans.stream().map(Scan::name).toList());
    }
}
