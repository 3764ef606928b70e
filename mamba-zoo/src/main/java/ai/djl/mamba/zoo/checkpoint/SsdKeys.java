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
package ai.djl.mamba.zoo.checkpoint;

import ai.djl.MalformedModelException;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.zoo.checkpoint.ConfigFile.Range;
import com.google.gson.JsonArray;

/** What both dialects say of Mamba-2 in the same way, under different keys. */
final class SsdKeys {

    /** The range of the initial −A where none is given. */
    static final Range DECAY_RANGE = new Range(1, 16);

    private static final Range ANY_TIME_STEP = new Range(0, Double.POSITIVE_INFINITY);

    /** That of the published models. */
    private static final int CHUNK_SIZE = 256;

    private SsdKeys() {}

    /**
     * Reads options.
     *
     * <p>The size of the chunks is read for its sense alone. It is what suits the kernels that a
     * checkpoint was trained with and changes no result; a model that is loaded chooses its own,
     * for the shape of each input.
     */
    static SSDConfig.Builder builder(
            ConfigFile config, String chunkSize, String timeStepLimit, String decayRange)
            throws MalformedModelException {
        config.positive(chunkSize, CHUNK_SIZE);
        Range limit = config.range(timeStepLimit, ANY_TIME_STEP);
        Range decay = config.range(decayRange, DECAY_RANGE);
        if (decay.min() == 0 || Double.isInfinite(decay.max())) {
            throw config.malformed(decayRange, "[min, max] with 0 < min ≤ max < Infinity");
        }
        return SSDConfig.builder()
                .optTimeStepLimit(limit.min(), limit.max())
                .optDecayRange(decay.min(), decay.max());
    }

    /** The size of the chunks to write, which both libraries want to have. */
    static int chunkSize(SSDConfig ssd) {
        return ssd.chunkSize() == 0 ? CHUNK_SIZE : ssd.chunkSize();
    }

    /**
     * Makes a list of a range. An infinite end becomes a bare word, which is what Python's JSON
     * writes and all versions of both libraries read.
     */
    static JsonArray array(Range range) {
        JsonArray array = new JsonArray();
        array.add(range.min());
        array.add(range.max());
        return array;
    }

    /** Whether a model clamps no time step. */
    static boolean isAnyTimeStep(SSDConfig ssd) {
        return timeStepLimit(ssd).equals(ANY_TIME_STEP);
    }

    static Range timeStepLimit(SSDConfig ssd) {
        return new Range(ssd.timeStepLimitMin(), ssd.timeStepLimitMax());
    }

    static Range decayRange(SSDConfig ssd) {
        return new Range(ssd.decayMin(), ssd.decayMax());
    }
}
