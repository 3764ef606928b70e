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

import ai.djl.ndarray.NDArray;
import java.util.List;

/** Chooses the scan of a selective state space layer. */
public final class Scans {

    /**
     * The system property that names the scan of all blocks which were not given one: {@code auto}
     * (the default) or the {@link Scan#name} of a scan. It holds for {@link DualScans}, too.
     */
    public static final String PROPERTY = "ai.djl.mamba.scan";

    private static final ScanChoice<SelectiveScan> CHOICE =
            new ScanChoice<>(
                    "Selective scan", new NativeScan(), new ChunkedScan(), new SequentialScan());

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
        return CHOICE.forArray(u, operators -> operators.refusal(u));
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
        return CHOICE.forEngine(engineName);
    }

    /**
     * Returns every scan, also one that cannot run on this machine: using that one throws {@link
     * IllegalStateException} with the reason.
     *
     * @return the scans
     */
    public static List<SelectiveScan> all() {
        return CHOICE.all();
    }

    /**
     * Returns the scan of a name.
     *
     * @param name the name
     * @return the scan
     * @throws IllegalArgumentException if there is no such scan
     */
    public static SelectiveScan byName(String name) {
        return CHOICE.byName(name);
    }
}
