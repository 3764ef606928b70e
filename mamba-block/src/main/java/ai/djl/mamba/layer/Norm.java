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
import ai.djl.nn.Block;
import ai.djl.nn.norm.LayerNorm;

/**
 * The norm of a model, over the last axis.
 *
 * @param rms whether it is an {@link RMSNorm}; otherwise it is a LayerNorm with bias
 * @param epsilon ε, the value added to the mean square or variance
 */
public record Norm(boolean rms, double epsilon) {

    /** RMSNorm with ε = 1e-5. */
    public static final Norm DEFAULT = rms(1e-5);

    /** Checks ε. */
    public Norm {
        Checks.require(
                epsilon >= 0 && epsilon < Double.POSITIVE_INFINITY,
                "Norm",
                "epsilon must be a number of at least 0, got %s",
                epsilon);
    }

    /**
     * Returns an RMSNorm.
     *
     * @param epsilon the value added to the mean square
     * @return the norm
     */
    public static Norm rms(double epsilon) {
        return new Norm(true, epsilon);
    }

    /**
     * Returns a LayerNorm.
     *
     * @param epsilon the value added to the variance
     * @return the norm
     */
    public static Norm layer(double epsilon) {
        return new Norm(false, epsilon);
    }

    /**
     * Creates the block.
     *
     * @return a new norm over the last axis of (B, L, d)
     */
    public Block newBlock() {
        return rms
                ? new RMSNorm(epsilon)
                : LayerNorm.builder().axis(2).optEpsilon((float) epsilon).build();
    }
}
