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
import java.util.ServiceLoader;

/** Brings native operators for an engine; found by {@link ServiceLoader}. */
public interface OpsProvider {

    /**
     * Returns the engine whose arrays the operators take.
     *
     * @return the name of the engine
     */
    String engineName();

    /**
     * Returns the operators alone: what they do not take they refuse with an exception. Whatever
     * has to be loaded is loaded by the first call.
     *
     * @return the operators, or why there are none
     */
    Availability alone();

    /**
     * Returns the operators for arrays of the type and on the device of the given one, which leave
     * what they do not take to {@link Ops#composed}.
     *
     * @param array the array, of this engine
     * @return the operators, or why there are none
     */
    Availability forArray(NDArray array);
}
