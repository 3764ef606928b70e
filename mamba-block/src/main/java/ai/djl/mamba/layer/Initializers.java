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
package ai.djl.mamba.layer;

import ai.djl.mamba.internal.Scoped;
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
     * The bias of Δ: softplus⁻¹(dt) with dt in a range, so that softplus(bias) is a time step of
     * that range.
     *
     * @param range the range of the time step
     * @return the initializer
     */
    public static Initializer timeStepBias(TimeStepInit range) {
        return (manager, shape, dataType) ->
                Scoped.array(
                        manager,
                        () -> {
                            // in float64: the engines lack expm1, and 1 − exp(−dt) cancels
                            NDArray dt =
                                    logTimeStep(range.min(), range.max())
                                            .initialize(manager, shape, DataType.FLOAT64)
                                            .exp()
                                            .maximum(range.floor());
                            NDArray bias = dt.add(dt.neg().exp().neg().add(1).log());
                            return bias.toType(dataType, false);
                        });
    }

    /**
     * The logarithm of a log-uniform time step: uniform in [ln min, ln max].
     *
     * @param min the smallest time step
     * @param max the largest time step
     * @return the initializer
     */
    public static Initializer logTimeStep(double min, double max) {
        return (manager, shape, dataType) ->
                manager.randomUniform(
                        (float) Math.log(min), (float) Math.log(max), shape, dataType);
    }

    private static NDArray uniform(
            NDManager manager, Shape shape, DataType dataType, double bound) {
        return manager.randomUniform((float) -bound, (float) bound, shape, dataType);
    }
}
