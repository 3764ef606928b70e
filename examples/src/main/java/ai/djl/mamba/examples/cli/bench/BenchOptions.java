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
package ai.djl.mamba.examples.cli.bench;

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Entry;
import ai.djl.mamba.examples.cli.bench.RoundRobin.Outcome;
import ai.djl.mamba.examples.cli.common.CommonOptions;
import ai.djl.mamba.examples.cli.common.HeadFlags;
import ai.djl.mamba.examples.cli.common.KindNames;
import ai.djl.mamba.examples.cli.common.MixerSizes;
import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.mamba.examples.cli.common.ModelKind.Use;
import ai.djl.mamba.examples.cli.common.ModelKinds;
import ai.djl.ndarray.types.DataType;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that all commands of {@code mamba bench} share. */
final class BenchOptions {

    /** How all three commands measure, at the end of their help. */
    static final String METHOD =
            "The scans run in turns, A B C A B C ..., after a warm-up, and figures are medians over"
                    + " the rounds. Trust ratios within one run, not times of different runs. A"
                    + " scan that cannot run here is listed with the reason, and is missing in the"
                    + " JSON.";

    private static final int MAX_CALLS = 1000;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "1",
            description = "sequences at a time (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--state",
            paramLabel = "N",
            description = "states of a channel (default: " + ModelKinds.BENCH_STATES + ")")
    private Integer state;

    @Option(
            names = "--mixer",
            split = ",",
            paramLabel = "NAME",
            defaultValue = ModelKinds.DEFAULT,
            converter = KindNames.OfBench.class,
            completionCandidates = KindNames.OfBench.class,
            description =
                    "the layer: ${COMPLETION-CANDIDATES}, or several, separated by commas, in one"
                            + " run (default: ${DEFAULT-VALUE})")
    private Set<ModelKind> mixers;

    @Mixin private HeadFlags heads;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "FLOAT32",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Precision precision;

    @Option(
            names = "--scan",
            split = ",",
            paramLabel = "NAME",
            completionCandidates = ScanNames.class,
            description = "only these of ${COMPLETION-CANDIDATES} (default: all)")
    private List<String> scans;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "20",
            description = "maximum number of measurements of each scan (default: ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "8",
            description =
                    "seconds after which no new round of measurements starts, such as 30 or 0.5;"
                            + " the warm-up takes another quarter of that (default:"
                            + " ${DEFAULT-VALUE})")
    private double seconds;

    private BenchOptions() {}

    /** The types that every scan supports. */
    enum Precision {
        /** 32 bits. */
        FLOAT32,
        /** 64 bits. */
        FLOAT64
    }

    /** The names of all scans. */
    static final class ScanNames implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return scanNames(ModelKinds.all(Use.BENCH)).iterator();
        }
    }

    void check(CommonOptions common) {
        common.atLeast("--batch", batch, 1);
        common.atLeast("--state", state, 1);
        common.atLeast("--repeats", repeats, 1);
        boolean isTime = seconds > 0 && !Double.isInfinite(seconds);
        common.require("--seconds", isTime, "expected a positive number, got " + seconds);
        Set<String> known = scanNames(mixers);
        for (String name : scans == null ? known : scans) {
            common.require(
                    "--scan",
                    known.contains(name),
                    "there is no scan '" + name + "', expected some of " + known);
        }
    }

    /** Checks what depends on the channels of a block, E. */
    void checkMixers(CommonOptions common, int inner) {
        heads.check(common, mixers, "--mixer", Use.BENCH, inner);
    }

    private static Set<String> scanNames(Collection<ModelKind> mixers) {
        return mixers.stream()
                .flatMap(mixer -> mixer.scans().names().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    int batch() {
        return batch;
    }

    /** The layers that are wanted. */
    Set<ModelKind> mixers() {
        return mixers;
    }

    /** The sizes of a layer in a block of E channels. */
    MixerSizes sizes(ModelKind mixer, int inner) {
        return heads.sizes(mixer, Use.BENCH, inner).withStates(state);
    }

    /** The sizes that a layer has of its own, and the type, for people. */
    String describe(ModelKind mixer, int inner) {
        MixerSizes sizes = sizes(mixer, inner);
        String ofHeads =
                mixer.hasHeads()
                        ? String.format("P %d, G %d, ", sizes.headSize(), sizes.groups())
                        : "";
        return String.format("%sN %d, %s", ofHeads, sizes.states(), precisionName());
    }

    DataType dataType() {
        return DataType.valueOf(precision.name());
    }

    /** The names of the scans of a layer that are wanted. */
    List<String> scans(ModelKind mixer) {
        return mixer.scans().names().stream()
                .filter(scan -> scans == null || scans.contains(scan))
                .toList();
    }

    /** Measures, and prints where and how. */
    List<Outcome> measure(CommonOptions common, Engine engine, List<Entry> entries) {
        // several calls in a row need an engine that computes them in order
        boolean isOrdered = "PyTorch".equals(engine.getEngineName());
        RoundRobin roundRobin = new RoundRobin(repeats, seconds, isOrdered ? MAX_CALLS : 1);
        List<Outcome> outcomes = roundRobin.measure(entries);
        common.output()
                .line(
                        "%s on %s, medians of %d rounds",
                        engine.getEngineName(), common.deviceName(), roundRobin.rounds());
        return outcomes;
    }

    private String precisionName() {
        return dataType().name().toLowerCase(Locale.ROOT);
    }
}
