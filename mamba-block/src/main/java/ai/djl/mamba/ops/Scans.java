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
package ai.djl.mamba.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scans of one kind of layer, and the choice between them.
 *
 * @param <I> the arguments of these scans
 */
public final class Scans<I> {

    /**
     * The system property that names the scan of blocks that were not given their own: {@code auto}
     * (the default) or the {@link Scan#name} of a scan.
     */
    public static final String PROPERTY = "ai.djl.mamba.scan";

    private static final Logger logger = LoggerFactory.getLogger(Scans.class);
    private static final String AUTO = "auto";

    /** The scans of a selective state space layer (Gu and Dao 2023, algorithm 2). */
    public static final Scans<SelectiveScanInput> SELECTIVE =
            new Scans<>(
                    "Selective scan",
                    SelectiveScanInput::u,
                    Ops::selectiveScan,
                    new ChunkedSelectiveScan(),
                    new SequentialSelectiveScan(),
                    new CheckedScan.Selective());

    /** The scans of a state space dual layer (Dao and Gu 2024, section 6). */
    public static final Scans<SSDScanInput> SSD =
            new Scans<>(
                    "SSD scan",
                    SSDScanInput::x,
                    Ops::ssdScan,
                    new ChunkedSSDScan(),
                    new SequentialSSDScan(),
                    new CheckedScan.StateSpaceDual());

    private final String kind;
    private final Scan<I> auto;
    private final Scan<I> fused;
    private final Scan<I> chunked;
    private final List<Scan<I>> scans;
    private final CheckedScan.Probe<I> probe;
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    private Scans(
            String kind,
            Function<I, NDArray> sequence,
            BiFunction<Ops, I, NDList> operator,
            Scan<I> chunked,
            Scan<I> sequential,
            CheckedScan.Probe<I> probe) {
        this.kind = kind;
        this.probe = probe;
        this.chunked = chunked;
        auto = new OperatorScan<>(AUTO, sequence, Ops::of, operator);
        fused = new OperatorScan<>("native", sequence, Scans::nativeOps, operator);
        scans = List.of(fused, chunked, sequential);
    }

    private static Ops nativeOps(NDArray x) {
        return Ops.nativeFor(x.getManager().getEngine().getEngineName()).require();
    }

    /** A scan that runs an operator of its sequence's engine. */
    private record OperatorScan<I>(
            String name,
            Function<I, NDArray> sequence,
            Function<NDArray, Ops> ops,
            BiFunction<Ops, I, NDList> operator)
            implements Scan<I> {

        @Override
        public NDList scan(I input) {
            NDArray x = Objects.requireNonNull(sequence.apply(input), "the sequence");
            return operator.apply(ops.apply(x), input);
        }
    }

    /**
     * Returns the scan of blocks that were not given their own: the scan that {@link #PROPERTY}
     * names, or by default the operator of {@link Ops#of}. A name set by the property is logged
     * once.
     *
     * @return the scan; if it is the native one and cannot be used, running it throws {@link
     *     IllegalStateException} with the reason
     * @throws IllegalArgumentException if the property names no scan
     */
    public Scan<I> chosen() {
        String wanted = System.getProperty(PROPERTY, AUTO);
        if (AUTO.equals(wanted)) {
            return auto;
        }
        Scan<I> scan = byName(wanted);
        if (logged.add(wanted)) {
            logger.info("{}: {}, selected by -D{}={}", kind, wanted, PROPERTY, wanted);
        }
        return scan;
    }

    /**
     * Returns the scan that {@link #chosen} runs on an engine.
     *
     * @param engineName the name of the engine
     * @return the scan that the property names, or the fastest available
     * @throws IllegalArgumentException if the property names no scan
     * @throws IllegalStateException if the property names the native scan and it cannot be used
     */
    public Scan<I> forEngine(String engineName) {
        Scan<I> scan = chosen();
        if (scan == auto) {
            return Ops.nativeFor(engineName).exists() ? fused : chunked;
        }
        if (scan == fused) {
            Ops.nativeFor(engineName).require();
        }
        return scan;
    }

    /**
     * Returns whether an operator that takes a token through a whole block may replace a scan: it
     * may if the scan is the native one or was chosen automatically.
     *
     * @param scan the scan of the block
     * @return whether the operator computes what the scan would
     */
    public boolean allowsFusedStep(Scan<I> scan) {
        return scan == auto || scan == fused;
    }

    /**
     * Returns a scan that a block was given, which is checked before its first run if it is not one
     * of this class.
     *
     * @param scan the scan, or {@code null} if the block was given none
     * @return a scan that throws {@link IllegalArgumentException} if steps in two calls, with the
     *     state between, are not what they are in one; or {@code null}
     */
    public Scan<I> checked(Scan<I> scan) {
        boolean known =
                scan == null
                        || scan == auto
                        || scan instanceof CheckedScan
                        || scans.stream().anyMatch(own -> own.getClass() == scan.getClass());
        return known ? scan : new CheckedScan<>(scan, probe);
    }

    /**
     * Returns every scan, including those that cannot run on this machine: running one of those
     * throws {@link IllegalStateException} with the reason.
     *
     * @return the scans
     */
    public List<Scan<I>> all() {
        return scans;
    }

    /**
     * Returns the scan with the given name.
     *
     * @param name the name
     * @return the scan
     * @throws IllegalArgumentException if there is no such scan
     */
    public Scan<I> byName(String name) {
        for (Scan<I> scan : scans) {
            if (scan.name().equals(name)) {
                return scan;
            }
        }
        throw new IllegalArgumentException(
                "No scan is named "
                        + name
                        + ": expected auto or one of "
                        + scans.stream().map(Scan::name).toList());
    }

    /**
     * Creates a chunked selective scan with given chunks, for measurements.
     *
     * @param chunks the number of chunks that are scanned side by side
     * @param chunkLength the number of steps in a chunk
     * @return the scan
     */
    public static Scan<SelectiveScanInput> chunkedSelective(int chunks, int chunkLength) {
        return new ChunkedSelectiveScan(chunks, chunkLength);
    }

    /**
     * Creates a chunked SSD scan with a given chunk length, for measurements.
     *
     * @param chunkLength the number of steps in a chunk
     * @return the scan
     */
    public static Scan<SSDScanInput> chunkedSSD(int chunkLength) {
        return new ChunkedSSDScan(chunkLength);
    }
}
