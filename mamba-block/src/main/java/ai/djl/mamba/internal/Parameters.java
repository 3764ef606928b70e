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
package ai.djl.mamba.internal;

import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;

/** Makes the parameters of the blocks, all of a type whose initial values survive a Trainer. */
public final class Parameters {

    private Parameters() {}

    /**
     * Makes a parameter with its own initializer.
     *
     * @param name the name
     * @param initializer the initializer
     * @return the parameter, of {@link Parameter.Type#OTHER}
     */
    public static Parameter of(String name, Initializer initializer) {
        return Parameter.builder()
                .setName(name)
                .setType(Parameter.Type.OTHER)
                .optInitializer(initializer)
                .build();
    }
}
