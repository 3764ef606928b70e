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
package ai.djl.mamba.testing;

/** An engine, and whether its native operators are used. */
public enum EngineSetup {
    PYTORCH("PyTorch", "auto"),
    /** PyTorch with the operators of DJL's arrays alone. */
    PYTORCH_COMPOSED("PyTorch", "off"),
    MXNET("MXNet", "auto");

    private final String engineName;
    private final String nativeOperators;

    EngineSetup(String engineName, String nativeOperators) {
        this.engineName = engineName;
        this.nativeOperators = nativeOperators;
    }

    /** The name that DJL knows the engine by. */
    public String engineName() {
        return engineName;
    }

    /** The value of the system property that says whether native operators are used. */
    public String nativeOperators() {
        return nativeOperators;
    }

    /** How reports of tests name it. */
    @Override
    public String toString() {
        return this == PYTORCH_COMPOSED ? "PyTorch composed" : engineName;
    }
}
