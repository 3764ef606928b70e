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

import ai.djl.Device;
import ai.djl.mamba.ops.OpsProvider.Availability;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the operators for an array and logs each choice, with its reason, once. */
final class OpsChoice {

    private static final Logger logger = LoggerFactory.getLogger(Ops.class);
    private static final Availability OFF =
            Availability.none("-D" + Ops.NATIVE_PROPERTY + "=off switches them off", null);

    private static final Map<String, OpsProvider> PROVIDERS =
            ServiceLoader.load(OpsProvider.class, OpsChoice.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .collect(Collectors.toMap(OpsProvider::engineName, Function.identity()));

    private static final Map<Kind, Ops> CHOSEN = new ConcurrentHashMap<>();

    private OpsChoice() {}

    /** What the choice depends on. */
    private record Kind(String engineName, DataType type, Device device, String wanted) {}

    static Ops of(NDArray array) {
        Kind kind =
                new Kind(
                        array.getManager().getEngine().getEngineName(),
                        array.getDataType(),
                        array.getDevice(),
                        wanted());
        Ops known = CHOSEN.get(kind);
        return known != null ? known : CHOSEN.computeIfAbsent(kind, key -> choose(key, array));
    }

    private static Ops choose(Kind kind, NDArray array) {
        Availability found = find(kind.engineName(), provider -> provider.forArray(array));
        Ops ops = found.exists() ? found.require() : Ops.composed();
        logger.info(
                "Operators on {}, {} on {}: {}{}",
                kind.engineName(),
                kind.type(),
                kind.device().getDeviceType(),
                ops.name(),
                found.exists()
                        ? "; made for this engine"
                        : " with chunked scans; the native operators cannot be used: "
                                + found.reason());
        return ops;
    }

    static Availability nativeFor(String engineName) {
        return find(engineName, OpsProvider::alone);
    }

    private static Availability find(
            String engineName, Function<OpsProvider, Availability> question) {
        OpsProvider provider = PROVIDERS.get(engineName);
        if (provider == null) {
            return Availability.none("there are none for " + engineName, null);
        }
        String wanted = wanted();
        return switch (wanted) {
            case "auto" -> question.apply(provider);
            case "off" -> OFF;
            default ->
                    throw new IllegalArgumentException(
                            "-D" + Ops.NATIVE_PROPERTY + ": expected auto or off, got " + wanted);
        };
    }

    private static String wanted() {
        return System.getProperty(Ops.NATIVE_PROPERTY, "auto");
    }
}
