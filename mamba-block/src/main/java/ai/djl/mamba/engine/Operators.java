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
package ai.djl.mamba.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import java.io.IOException;

/** Finds the operators that an engine offers beyond DJL's API. */
public final class Operators {

    /**
     * The system property that switches all native operators off: {@code off}, or {@code auto} (the
     * default) to use them wherever they work. It may change at any time.
     */
    public static final String SWITCH = "ai.djl.mamba.native";

    /**
     * The system property with the path of a native library of the user's own build, to be loaded
     * in place of the one that this module brings.
     */
    public static final String LIBRARY = "ai.djl.mamba.native.library";

    private static final String PYTORCH = "PyTorch";
    private static final Availability OFF =
            Availability.none("-D" + SWITCH + "=off switches them off", null);

    private Operators() {}

    /**
     * Returns the operators for arrays of the type and on the device of the given one.
     *
     * @param array the array
     * @return the operators, or {@code null} where the engine's usual ones have to do
     */
    public static EngineOperators forArray(NDArray array) {
        EngineOperators operators = forEngineOf(array).operators();
        return operators != null && operators.refusal(array) == null ? operators : null;
    }

    /**
     * Returns the operators of the engine of an array.
     *
     * @param array the array
     * @return the operators, or why there are none
     */
    public static Availability forEngineOf(NDArray array) {
        return forEngine(array.getManager().getEngine().getEngineName());
    }

    /**
     * Returns the operators of an engine.
     *
     * @param engineName the name of the engine
     * @return the operators, or why there are none
     * @throws IllegalArgumentException if {@link #SWITCH} is neither {@code auto} nor {@code off}
     */
    public static Availability forEngine(String engineName) {
        if (!PYTORCH.equals(engineName)) {
            return Availability.none("there are none for " + engineName, null);
        }
        String wanted = System.getProperty(SWITCH, "auto");
        return switch (wanted) {
            case "auto" -> PyTorch.FOUND;
            case "off" -> OFF;
            default ->
                    throw new IllegalArgumentException(
                            "-D" + SWITCH + ": expected auto or off, got " + wanted);
        };
    }

    /** Loads the library when it is first asked for; keeps the engine's classes out until then. */
    private static final class PyTorch {

        static final Availability FOUND = find();

        private static Availability find() {
            if (!Engine.hasEngine(PYTORCH)) {
                return Availability.none("the PyTorch engine is not on the class path", null);
            }
            try {
                // first the engine: the library finds libtorch where the engine has loaded it
                NativeLibrary.load(Engine.getEngine(PYTORCH).getVersion());
                return Availability.of(new PyTorchOperators());
            } catch (IOException | EngineException e) {
                return Availability.none(e.getMessage(), e);
            } catch (LinkageError e) {
                return Availability.none("their library could not be linked: " + e, e);
            }
        }
    }
}
