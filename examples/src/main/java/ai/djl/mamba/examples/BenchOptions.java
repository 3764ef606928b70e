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

import ai.djl.engine.Engine;
import ai.djl.mamba.examples.RoundRobin.Entry;
import ai.djl.mamba.examples.RoundRobin.Outcome;
import ai.djl.mamba.layer.mamba2.SSDConfig;
import ai.djl.mamba.ops.Scan;
import ai.djl.ndarray.types.DataType;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options that all of {@code mamba bench} share. */
final class BenchOptions {

    /** How all three commands measure; the end of their help. */
    static final String METHOD =
            "The scans run in turns, A B C A B C ..., after a warm-up, and figures are medians over"
                    + " the rounds. Trust ratios within one run, not times of different runs. A"
                    + " scan that cannot run here is listed with the reason, and left out of the"
                    + " JSON.";

    private static final int MOST_CALLS = 1000;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "1",
            description = "sequences at a time (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--state",
            paramLabel = "N",
            description = "states of a channel (default: 16; 128 of mamba2)")
    private Integer state;

    @Option(
            names = "--mixer",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "mamba",
            description =
                    "the layer: ${COMPLETION-CANDIDATES}, or several, separated by commas, in one"
                            + " run (default: ${DEFAULT-VALUE})")
    private Set<BenchMixer> mixers;

    @Mixin private DualFlags dual;

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
            description = "most measurements of each scan (default: ${DEFAULT-VALUE})")
    private int repeats;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "8",
            description =
                    "seconds after which no new round of measurements starts, such as 30 or 0.5;"
                            + " warming up takes a quarter of that more (default:"
                            + " ${DEFAULT-VALUE})")
    private double seconds;

    private BenchOptions() {}

    /** The types that every scan knows. */
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
            return scanNames(Set.of(BenchMixer.values())).iterator();
        }
    }

    /** Unlike the other commands, these look for a GPU. */
    static final class Defaults implements IDefaultValueProvider {

        @Override
        public String defaultValue(ArgSpec argument) {
            boolean isDevice =
                    argument instanceof OptionSpec option
                            && option.longestName().equals("--device");
            return isDevice ? CommonOptions.AUTO : null;
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
        dual.check(common, mixers.contains(BenchMixer.MAMBA2), "--mixer mamba2", inner);
    }

    private static Set<String> scanNames(Set<BenchMixer> mixers) {
        return mixers.stream()
                .flatMap(mixer -> mixer.scans().stream())
                .map(Scan::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    int batch() {
        return batch;
    }

    int states(BenchMixer mixer) {
        return state == null ? mixer.usualStates() : state;
    }

    /** The layers that are wanted. */
    Set<BenchMixer> mixers() {
        return mixers;
    }

    /** The options of the dual layer in a block of E channels. */
    SSDConfig ssd(int inner) {
        return dual.config(inner);
    }

    /** The size of what a scan reads. */
    BenchMixer.Size size(BenchMixer mixer, int length, int inner) {
        return new BenchMixer.Size(dataType(), batch, length, inner, states(mixer), ssd(inner));
    }

    /** The sizes that a layer has of its own, and the type, for people. */
    String sizesOf(BenchMixer mixer, int inner) {
        String heads =
                mixer == BenchMixer.MAMBA2
                        ? String.format("P %d, G %d, ", ssd(inner).headSize(), ssd(inner).groups())
                        : "";
        return String.format("%sN %d, %s", heads, states(mixer), precisionName());
    }

    DataType dataType() {
        return DataType.valueOf(precision.name());
    }

    /** The scans of a layer that are wanted. */
    List<? extends Scan<?>> scans(BenchMixer mixer) {
        return mixer.scans().stream()
                .filter(scan -> scans == null || scans.contains(scan.name()))
                .toList();
    }

    /** Measures, and says where and how. */
    List<Outcome> measure(CommonOptions common, Engine engine, List<Entry> entries) {
        // a row of calls needs an engine that computes them in their order
        boolean isOrdered = "PyTorch".equals(engine.getEngineName());
        RoundRobin roundRobin = new RoundRobin(repeats, seconds, isOrdered ? MOST_CALLS : 1);
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
