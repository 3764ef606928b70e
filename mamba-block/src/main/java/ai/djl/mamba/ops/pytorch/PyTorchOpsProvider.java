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
package ai.djl.mamba.ops.pytorch;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.mamba.ops.OpsProvider;
import ai.djl.ndarray.NDArray;
import java.io.IOException;

/** Provides the native operators for PyTorch. */
public final class PyTorchOpsProvider implements OpsProvider {

    /**
     * The system property with the path of a native library built by the user, which is loaded in
     * place of the one in this module.
     */
    public static final String LIBRARY = "ai.djl.mamba.native.library";

    private static final String PYTORCH = "PyTorch";

    /** Creates a provider, which loads nothing until operators are requested. */
    public PyTorchOpsProvider() {}

    /** {@inheritDoc} */
    @Override
    public String engineName() {
        return PYTORCH;
    }

    /** {@inheritDoc} */
    @Override
    public Availability alone() {
        return Loaded.ALONE;
    }

    /** {@inheritDoc} */
    @Override
    public Availability forArray(NDArray array) {
        return Loaded.ALONE.exists() ? Shared.forArray(array) : Loaded.ALONE;
    }

    /** Loads the library on first use; no engine class is loaded before. */
    private static final class Loaded {

        static final Availability ALONE = load();

        private static Availability load() {
            if (!Engine.hasEngine(PYTORCH)) {
                return Availability.none("the PyTorch engine is not on the class path", null);
            }
            try {
                // the engine first: the library uses the libtorch that the engine has loaded
                NativeLibrary.load(Engine.getEngine(PYTORCH).getVersion());
                return Availability.of(new PyTorchOps(true));
            } catch (IOException | EngineException e) {
                return Availability.none(e.getMessage(), e);
            } catch (LinkageError e) {
                return Availability.none("their library could not be linked: " + e, e);
            }
        }
    }

    /** The operators for all arrays that the library supports. */
    private static final class Shared {

        private static final ArrayKinds KINDS = new ArrayKinds();
        private static final Availability OPS = Availability.of(new PyTorchOps(false));

        static Availability forArray(NDArray array) {
            String refusal = KINDS.refusal(array);
            return refusal == null ? OPS : Availability.none(refusal, null);
        }
    }
}
