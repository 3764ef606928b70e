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
package ai.djl.mamba.benchmarks;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.Scan;
import ai.djl.mamba.ops.Scans;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Times the scans, forward and forward with backward.
 *
 * <p>A scan is named as in {@link Scans}, or {@code chunkedCxT} for C chunks of T steps of the
 * selective scan, {@code chunkedT} for chunks of T steps of the SSD scan.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ScanBenchmark {

    private static final Pattern CHUNKED = Pattern.compile("chunked(\\d+)x(\\d+)");
    private static final Pattern SSD_CHUNKED = Pattern.compile("chunked(\\d+)");

    @Param({"sequential", "chunked", "native"})
    public String scan;

    @Param("PyTorch")
    public String engine;

    @Param("cpu")
    public String device;

    @Param("1")
    public int batch;

    @Param({"512", "4096"})
    public int length;

    @Param("1536")
    public int channels;

    @Param("16")
    public int states;

    /** The layer: {@code mamba}, or {@code mamba2} with the SSD scan. */
    @Param("mamba")
    public String mixer;

    /** P, the channels of a head of Mamba-2. */
    @Param("64")
    public int headSize;

    private NDManager manager;
    private NDList arrays; // the sequence, Δ, A, B, C
    private UnaryOperator<NDList> implementation;

    /** Makes the inputs. */
    @Setup(Level.Trial)
    public void setUp() {
        manager = NDManager.newBaseManager(Device.fromName(device), engine);
        manager.getEngine().setRandomSeed(1);
        boolean isSsd = "mamba2".equals(mixer);
        int heads = channels / headSize;
        arrays =
                new NDList(
                        manager.randomNormal(new Shape(batch, length, channels)),
                        manager.randomUniform(
                                -6, -2, new Shape(batch, length, isSsd ? heads : channels)),
                        isSsd ? manager.randomUniform(-16, -1, new Shape(heads)) : stateMatrix(),
                        manager.randomNormal(new Shape(batch, length, states)),
                        manager.randomNormal(new Shape(batch, length, states)));
        implementation = isSsd ? ssd(scan) : selective(scan);
    }

    private NDArray stateMatrix() {
        NDArray row = manager.arange(1, states + 1).toType(DataType.FLOAT32, false).neg();
        return row.reshape(1, states).broadcast(new Shape(channels, states)).mul(1);
    }

    private static UnaryOperator<NDList> selective(String name) {
        Matcher chunks = CHUNKED.matcher(name);
        Scan<SelectiveScanInput> scan =
                chunks.matches()
                        ? Scans.chunkedSelective(
                                Integer.parseInt(chunks.group(1)),
                                Integer.parseInt(chunks.group(2)))
                        : Scans.SELECTIVE.byName(name);
        return in ->
                scan.scan(
                        new SelectiveScanInput(
                                in.get(0), in.get(1), null, in.get(2), in.get(3), in.get(4), null,
                                null, null, null, null, false));
    }

    private static UnaryOperator<NDList> ssd(String name) {
        Matcher chunks = SSD_CHUNKED.matcher(name);
        Scan<SSDScanInput> scan =
                chunks.matches()
                        ? Scans.chunkedSSD(Integer.parseInt(chunks.group(1)))
                        : Scans.SSD.byName(name);
        return in ->
                scan.scan(
                        new SSDScanInput(
                                in.get(0),
                                in.get(1),
                                null,
                                in.get(2),
                                in.get(3),
                                in.get(4),
                                null,
                                null,
                                null,
                                null,
                                1,
                                0,
                                Double.POSITIVE_INFINITY,
                                false,
                                0));
    }

    /** Releases the inputs. */
    @TearDown(Level.Trial)
    public void tearDown() {
        manager.close();
    }

    /**
     * Times the forward pass.
     *
     * @return a number that depends on all outputs
     */
    @Benchmark
    public float forward() {
        requireGradients(false);
        try (NDList result = implementation.apply(arrays)) {
            return sum(result.get(0));
        }
    }

    /**
     * Times the forward and the backward pass.
     *
     * @return a number that depends on all gradients of the sequence
     */
    @Benchmark
    public float forwardBackward() {
        requireGradients(true);
        try (GradientCollector collector = Engine.getEngine(engine).newGradientCollector();
                NDList result = implementation.apply(arrays);
                NDArray loss = result.get(0).sum()) {
            collector.backward(loss);
        }
        try (NDArray gradient = arrays.get(0).getGradient()) {
            return sum(gradient);
        }
    }

    private void requireGradients(boolean wanted) {
        for (NDArray array : arrays) {
            if (array.hasGradient() != wanted) {
                array.setRequiresGradient(wanted);
            }
        }
    }

    /** Reads a number: engines compute in the background until somebody looks. */
    private static float sum(NDArray array) {
        try (NDArray sum = array.sum()) {
            return sum.getFloat();
        }
    }
}
