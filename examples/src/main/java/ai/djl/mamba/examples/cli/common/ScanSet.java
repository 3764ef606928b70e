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
import ai.djl.mamba.ops.Scans;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The scans of a kind of model, to be measured on random sequences.
 *
 * @param <I> the arguments of the scans
 */
public final class ScanSet<I> {

    private static final float MIN_STEP = -6; // Δ before softplus, as layers start
    private static final float MAX_STEP = -2;

    private final Scans<I> scans;
    private final ToLongFunction<MixerSizes> steps;
    private final ToLongFunction<MixerSizes> states;
    private final BiFunction<NDManager, MixerSizes, NDArray> decay;
    private final BiFunction<NDList, MixerSizes, I> input;

    /**
     * Describes the scans.
     *
     * @param scans the scans
     * @param steps the number of different Δ of a token, such as E
     * @param states the size of B and of C of a token, such as N
     * @param decay makes A
     * @param input makes the arguments from the arrays of {@link #arrays}
     */
    ScanSet(
            Scans<I> scans,
            ToLongFunction<MixerSizes> steps,
            ToLongFunction<MixerSizes> states,
            BiFunction<NDManager, MixerSizes, NDArray> decay,
            BiFunction<NDList, MixerSizes, I> input) {
        this.scans = scans;
        this.steps = steps;
        this.states = states;
        this.decay = decay;
        this.input = input;
    }

    /**
     * Returns the names of the scans.
     *
     * @return the names
     */
    public List<String> names() {
        return scans.all().stream().map(Scan::name).toList();
    }

    /**
     * Returns the scan that a model runs.
     *
     * @param engineName the name of the engine
     * @return the name of the scan
     */
    public String nameFor(String engineName) {
        return scans.forEngine(engineName).name();
    }

    /**
     * Returns a scan as a function.
     *
     * @param name the name of the scan
     * @param sizes the sizes of the layer
     * @return the function from the arrays of {@link #arrays} to the output and the final state
     */
    public Function<NDList, NDList> scan(String name, MixerSizes sizes) {
        Scan<I> scan = scans.byName(name);
        return arrays -> scan.scan(input.apply(arrays, sizes));
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
