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
package ai.djl.mamba.examples.cli.common;

import ai.djl.mamba.layer.TimeStepInit;

/**
 * The sizes of a mixer; one that lacks some of them ignores those.
 *
 * @param inner E, the channels of a block
 * @param states N, the states of a channel
 * @param headSize P, the channels of a head, a divisor of E; 0 if there are no heads
 * @param groups G, the groups of heads that share B and C
 * @param timeStepInit the range of the initial Δ
 */
public record MixerSizes(
        int inner, int states, int headSize, int groups, TimeStepInit timeStepInit) {

    /** E / d, unless it is chosen. */
    public static final int EXPAND = 2;

    /**
     * Returns the default sizes.
     *
     * @param kind the kind of model
     * @param use what it is used for
     * @param inner E
     * @return the sizes, with the largest head size that divides E up to the usual one
     */
    public static MixerSizes usual(ModelKind kind, ModelKind.Use use, int inner) {
        ModelKind.Usual usual = kind.usual(use);
        int headSize = Math.min(inner, usual.headSize());
        while (headSize > 0 && inner % headSize != 0) {
            headSize--;
        }
        return new MixerSizes(inner, usual.states(), headSize, 1, TimeStepInit.DEFAULT);
    }

    /**
     * Changes the state size.
     *
     * @param statesOrNull N, or {@code null} to leave it
     * @return the sizes
     */
    public MixerSizes withStates(Integer statesOrNull) {
        return statesOrNull == null
                ? this
                : new MixerSizes(inner, statesOrNull, headSize, groups, timeStepInit);
    }

    /**
     * Changes the range of the initial time step.
     *
     * @param range the range
     * @return the sizes
     */
    public MixerSizes withTimeStepInit(TimeStepInit range) {
        return new MixerSizes(inner, states, headSize, groups, range);
    }

    /**
     * Returns the number of heads.
     *
     * @return E / P
     */
    public long heads() {
        return inner / headSize;
    }

    /** E / d. */
    int expand(int modelSize) {
        return inner / modelSize;
    }
}
