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

import ai.djl.mamba.ops.Scan;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/** The scans of a layer, to be measured on random sequences. */
public final class ScanSet {

    private static final float MIN_STEP = -6; // Δ before softplus, as layers start
    private static final float MAX_STEP = -2;

    private final List<String> names;
    private final ToLongFunction<MixerSizes> steps;
    private final ToLongFunction<MixerSizes> states;
    private final BiFunction<NDManager, MixerSizes, NDArray> decay;
    private final Run run;

    /**
     * Describes the scans.
     *
     * @param scans the scans
     * @param steps the number of different Δ of a token, such as E
     * @param states the size of B and of C of a token, such as N
     * @param decay makes A
     * @param run runs a scan
     */
    ScanSet(
            List<? extends Scan> scans,
            ToLongFunction<MixerSizes> steps,
            ToLongFunction<MixerSizes> states,
            BiFunction<NDManager, MixerSizes, NDArray> decay,
            Run run) {
        names = scans.stream().map(Scan::name).toList();
        this.steps = steps;
        this.states = states;
        this.decay = decay;
        this.run = run;
    }

    /** Runs a scan. */
    @FunctionalInterface
    public interface Run {

        /**
         * Runs a scan.
         *
         * @param name the name of the scan
         * @param arrays the sequence (B, L, E), Δ, A, B, C, as {@link ScanSet#arrays} makes them
         * @param sizes the sizes of the layer
         * @return the output and the final state
         */
        NDList scan(String name, NDList arrays, MixerSizes sizes);
    }

    /**
     * Returns the names of the scans.
     *
     * @return the names
     */
    public List<String> names() {
        return names;
    }

    /**
     * Returns what runs a scan.
     *
     * @return the function
     */
    public Run run() {
        return run;
    }

    /**
     * Makes random arrays.
     *
     * @param manager the manager that owns them
     * @param type their type
     * @param batch B
     * @param length L
     * @param sizes the sizes of the layer
     * @return the sequence (B, L, E), Δ, A, B, C
     */
    public NDList arrays(
            NDManager manager, DataType type, int batch, int length, MixerSizes sizes) {
        Shape perStep = new Shape(batch, length, steps.applyAsLong(sizes));
        Shape perState = new Shape(batch, length, states.applyAsLong(sizes));
        NDList arrays =
                new NDList(
                        manager.randomNormal(new Shape(batch, length, sizes.inner())),
                        manager.randomUniform(MIN_STEP, MAX_STEP, perStep),
                        decay.apply(manager, sizes),
                        manager.randomNormal(perState),
                        manager.randomNormal(perState));
        arrays.replaceAll(array -> array.toType(type, false));
        return arrays;
    }
}
