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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;

/**
 * The initial values of the reference implementation (Gu and Dao 2023, section 3.6 and the code of
 * {@code state-spaces/mamba}).
 *
 * <p>The parameters of the blocks here have type {@link ai.djl.nn.Parameter.Type#OTHER}, which
 * {@code TrainingConfig.optInitializer(initializer, Parameter.Type.WEIGHT)} leaves alone: a state
 * space layer does not train from the usual initializers.
 */
public final class Initializers {

    private Initializers() {}

    /**
     * Uniform in ±scale/√fan_in, where fan_in is the product of all axes but the first.
     *
     * @param scale the factor on the bound
     * @return the initializer
     */
    public static Initializer fanIn(double scale) {
        return (manager, shape, dataType) ->
                uniform(
                        manager,
                        shape,
                        dataType,
                        scale / Math.sqrt((double) shape.slice(1).size()));
    }

    /**
     * Uniform in ±bound.
     *
     * @param bound the bound
     * @return the initializer
     */
    public static Initializer uniform(double bound) {
        return (manager, shape, dataType) -> uniform(manager, shape, dataType, bound);
    }

    /**
     * Uniform in [ln min, ln max]: the logarithms of log-uniform numbers.
     *
     * @param min the smallest number
     * @param max the largest number
     * @return the initializer
     */
    public static Initializer logUniform(double min, double max) {
        return (manager, shape, dataType) ->
                manager.randomUniform(
                        (float) Math.log(min), (float) Math.log(max), shape, dataType);
    }

    private static NDArray uniform(
            NDManager manager, Shape shape, DataType dataType, double bound) {
        return manager.randomUniform((float) -bound, (float) bound, shape, dataType);
    }
}
