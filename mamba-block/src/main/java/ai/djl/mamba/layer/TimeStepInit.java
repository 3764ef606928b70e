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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Scoped;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.initializer.Initializer;

/**
 * The range of the initial time step Δ: log-uniform in [min, max], but not below a floor (Gu and
 * Dao 2023, section 3.6).
 *
 * @param min the smallest initial Δ
 * @param max the largest initial Δ
 * @param floor the lower bound
 */
public record TimeStepInit(double min, double max, double floor) {

    /** From 0.001 to 0.1, with a floor of 1e-4, as in all published models. */
    public static final TimeStepInit DEFAULT = new TimeStepInit(0.001, 0.1, 1e-4);

    /** Checks the range. */
    public TimeStepInit {
        Checks.require(
                min > 0 && min <= max && max < Double.POSITIVE_INFINITY && floor >= 0,
                "TimeStepInit",
                "expected a time step range 0 < min ≤ max and a floor ≥ 0, got [%s, %s], %s",
                min,
                max,
                floor);
    }

    /**
     * Returns the initializer of the bias of Δ: softplus⁻¹(dt), so that softplus(bias) is a time
     * step dt in this range.
     *
     * @return the initializer
     */
    public Initializer bias() {
        return (manager, shape, dataType) ->
                Scoped.array(
                        manager,
                        () -> {
                            // in float64: the engines lack expm1, and 1 − exp(−dt) cancels
                            NDArray dt =
                                    Initializers.logUniform(min, max)
                                            .initialize(manager, shape, DataType.FLOAT64)
                                            .exp()
                                            .maximum(floor);
                            NDArray bias = dt.add(dt.neg().exp().neg().add(1).log());
                            return bias.toType(dataType, false);
                        });
    }
}
