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
package ai.djl.mamba.examples;

import ai.djl.mamba.MambaConfig.Ssm;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The layers whose scans {@code mamba bench} measures. */
@SuppressWarnings("ImmutableEnumChecker") // an enum and an int
enum BenchMixer {
    /** The selective state space layer. */
    MAMBA(Ssm.SELECTIVE, 16),
    /** The state space dual layer. */
    MAMBA2(Ssm.SSD, 128);

    private static final float SHORTEST_STEP = -6; // Δ before softplus, as layers start
    private static final float LONGEST_STEP = -2;

    private final Ssm ssm;
    private final int usualStates;

    BenchMixer(Ssm ssm, int usualStates) {
        this.ssm = ssm;
        this.usualStates = usualStates;
    }

    /**
     * What a scan reads: a batch of sequences.
     *
     * @param type the type of the arrays
     * @param batch B
     * @param length L
     * @param channels E
     * @param states N
     * @param ssd head size and groups, of the dual layer
     */
    record Size(DataType type, int batch, int length, int channels, int states, SSDConfig ssd) {}

    /** The layer in a configuration. */
    Ssm ssm() {
        return ssm;
    }

    /** N of the published models. */
    int usualStates() {
        return usualStates;
    }

    /** All scans of the layer. */
    List<? extends Scan<?>> scans() {
        return this == MAMBA2 ? Scans.SSD.all() : Scans.SELECTIVE.all();
    }

    /** The scan of a name as a function of the arrays that {@link #arrays} makes. */
    Function<NDList, NDList> scan(String name, SSDConfig ssd) {
        if (this == MAMBA2) {
            var scan = Scans.SSD.byName(name);
            return arrays -> scan.scan(ssdInput(arrays, ssd));
        }
        var selective = Scans.SELECTIVE.byName(name);
        return arrays -> selective.scan(selectiveInput(arrays));
    }

    /** Random arrays: the sequence, Δ, A, B, C. */
    NDList arrays(NDManager manager, Size size) {
        long heads = size.channels / size.ssd.headSize();
        boolean isSsd = this == MAMBA2;
        Shape steps = new Shape(size.batch, size.length, isSsd ? heads : size.channels);
        long states = isSsd ? (long) size.ssd.groups() * size.states : size.states;
        Shape perState = new Shape(size.batch, size.length, states);
        NDList arrays =
                new NDList(
                        manager.randomNormal(new Shape(size.batch, size.length, size.channels)),
                        manager.randomUniform(SHORTEST_STEP, LONGEST_STEP, steps),
                        isSsd
                                ? manager.randomUniform(-16, -1, new Shape(heads))
                                : manager.arange(1, size.states + 1)
                                        .toType(DataType.FLOAT32, false)
                                        .neg()
                                        .reshape(1, size.states)
                                        .broadcast(new Shape(size.channels, size.states))
                                        .mul(1),
                        manager.randomNormal(perState),
                        manager.randomNormal(perState));
        arrays.replaceAll(array -> array.toType(size.type, false));
        return arrays;
    }

    private static SelectiveScanInput selectiveInput(NDList arrays) {
        return new SelectiveScanInput(
                arrays.get(0),
                arrays.get(1),
                null,
                arrays.get(2),
                arrays.get(3),
                arrays.get(4),
                null,
                null,
                null,
                null,
                null,
                false);
    }

    private static SSDScanInput ssdInput(NDList arrays, SSDConfig ssd) {
        return new SSDScanInput(
                arrays.get(0),
                arrays.get(1),
                null,
                arrays.get(2),
                arrays.get(3),
                arrays.get(4),
                null,
                null,
                null,
                null,
                ssd.groups(),
                ssd.timeStepLimitMin(),
                ssd.timeStepLimitMax(),
                false,
                ssd.chunkSize());
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
