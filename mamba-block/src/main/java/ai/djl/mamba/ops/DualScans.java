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

import ai.djl.mamba.engine.EngineOperators;
import ai.djl.ndarray.NDArray;
import java.util.List;

/** Chooses the scan of a state space dual layer, by the same property as {@link Scans}. */
public final class DualScans {

    private static final ScanChoice<DualScan> CHOICE =
            new ScanChoice<>(
                    "Dual scan",
                    new NativeDualScan(),
                    new ChunkedDualScan(),
                    new SequentialDualScan());

    private DualScans() {}

    /**
     * Returns the scan for sequences such as the given one: that of {@link #forEngine}, unless the
     * native one was chosen freely and cannot take the type or that many states on the device.
     *
     * @param x the sequence, (B, L, E)
     * @param states N, the number of states per channel
     * @return the scan
     * @throws IllegalArgumentException if the property names no scan
     * @throws IllegalStateException if the property names the native scan and it cannot be used
     */
    public static DualScan forArray(NDArray x, long states) {
        return CHOICE.forArray(x, operators -> refusal(operators, x, states));
    }

    private static String refusal(EngineOperators operators, NDArray x, long states) {
        String refusal = operators.refusal(x);
        return refusal != null ? refusal : operators.dualRefusal(x, states);
    }

    /**
     * Returns the scan for an engine: the one that {@link Scans#PROPERTY} names, or the fastest
     * there is. The choice is logged once for each engine, with its reason.
     *
     * @param engineName the name of the engine
     * @return the scan
     * @throws IllegalArgumentException if the property names no scan
     * @throws IllegalStateException if the property names the native scan and it cannot be used
     */
    public static DualScan forEngine(String engineName) {
        return CHOICE.forEngine(engineName);
    }

    /**
     * Returns every scan, also one that cannot run on this machine: using that one throws {@link
     * IllegalStateException} with the reason.
     *
     * @return the scans
     */
    public static List<DualScan> all() {
        return CHOICE.all();
    }

    /**
     * Returns the scan of a name.
     *
     * @param name the name
     * @return the scan
     * @throws IllegalArgumentException if there is no such scan
     */
    public static DualScan byName(String name) {
        return CHOICE.byName(name);
    }
}
