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
package ai.djl.mamba.ops.pytorch;

import ai.djl.mamba.ops.ConvInput;
import ai.djl.mamba.ops.MambaStepInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.mamba.testing.EngineSetup;
import ai.djl.mamba.testing.EngineSuite;
import ai.djl.mamba.testing.NativeOperators;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Whatever the native operators are given, they name what is wrong, and the JVM lives on. */
public class NativeBadInputTest extends EngineSuite {

    private static final long ROWS = 2;
    private static final long LENGTH = 3;
    private static final long CHANNELS = 4;
    private static final long STATES = 5;
    private static final long TAPS = 4;

    private static final String[] SCAN = {
        "u", "delta", "deltaBias", "a", "b", "c", "d", "gate|z", "mask", "resets", "initialState"
    };
    private static final String[] CONVOLUTION = {"x", "weight", "bias", "window", "mask", "resets"};
    private static final String[] LINEAR = {"x", "weight", "bias"};
    private static final String[] NORM = {"x", "weight"};
    // the library names some by their part in the step: the bias of a linear layer
    private static final String[] STEP = {
        "x",
        "inWeight",
        "inBias|bias",
        "convWeight|weight",
        "convBias|bias",
        "xWeight",
        "xBias|bias",
        "dtWeight",
        "dtBias|deltaBias",
        "aLog",
        "d",
        "outWeight",
        "outBias|bias",
        "window",
        "state|initialState"
    };

    private Ops operators;

    public NativeBadInputTest() {
        super(EngineSetup.PYTORCH);
    }

    @BeforeClass
    public void skipWhereNoneWereBuilt() {
        NativeOperators.skipWhereNoneWereBuilt();
    }

    @BeforeMethod(dependsOnMethods = "openManager")
    public void findOperators() {
        operators = Ops.nativeFor("PyTorch").require();
    }

    private NDArray ones(long... shape) {
        return manager.ones(new Shape(shape));
    }

    private NDArray[] scan() {
        return new NDArray[] {
            ones(ROWS, LENGTH, CHANNELS),
            ones(ROWS, LENGTH, CHANNELS),
            ones(CHANNELS),
            ones(CHANNELS, STATES).neg(),
            ones(ROWS, LENGTH, STATES),
            ones(ROWS, LENGTH, STATES),
            ones(CHANNELS),
            ones(ROWS, LENGTH, CHANNELS),
            ones(ROWS, LENGTH, 1),
            ones(ROWS, LENGTH, 1),
            ones(ROWS, CHANNELS, STATES)
        };
    }

    private void runScan(NDArray... x) {
        operators.selectiveScan(
                new SelectiveScanInput(
                        x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], false));
    }

    private NDArray[] convolution() {
        return new NDArray[] {
            ones(ROWS, LENGTH, CHANNELS),
            ones(CHANNELS, 1, TAPS),
            ones(CHANNELS),
            ones(ROWS, TAPS - 1, CHANNELS),
            ones(ROWS, LENGTH, 1),
            ones(ROWS, LENGTH, 1)
        };
    }

    /** Takes a mask and resets that no padding would have. */
    private void convolve(NDArray... x) {
        ConvInput input = new ConvInput(x[0], x[1], x[2], x[3], null, true, true);
        ((PyTorchOps) operators).causalConv1d(input, x[4], x[5]);
    }

    private NDArray[] linear() {
        return new NDArray[] {ones(ROWS, CHANNELS), ones(STATES, CHANNELS), ones(STATES)};
    }

    private NDArray[] norm() {
        return new NDArray[] {ones(ROWS, LENGTH, CHANNELS), ones(CHANNELS)};
    }

    private NDArray[] step() {
        long size = 3;
        long rank = 2;
        return new NDArray[] {
            ones(ROWS, 1, size),
            ones(2 * CHANNELS, size),
            ones(2 * CHANNELS),
            ones(CHANNELS, 1, TAPS),
            ones(CHANNELS),
            ones(rank + 2 * STATES, CHANNELS),
            ones(rank + 2 * STATES),
            ones(CHANNELS, rank),
            ones(CHANNELS),
            ones(CHANNELS, STATES),
            ones(CHANNELS),
            ones(size, CHANNELS),
            ones(size),
            ones(ROWS, TAPS - 1, CHANNELS),
            ones(ROWS, CHANNELS, STATES)
        };
    }

    private void runStep(NDArray... x) {
        operators.mambaStep(
                new MambaStepInput(
                        x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11],
                        x[12], x[13], x[14]),
                () -> {
                    throw new AssertionError("the operator was not run");
                });
    }

    /** Calls each operator with good arguments, which it accepts, and with each of them changed. */
    private void forEachArgument(BiConsumer<Call, Integer> test) {
        forEach(new Call(SCAN, scan(), this::runScan), test);
        forEach(new Call(CONVOLUTION, convolution(), this::convolve), test);
        forEach(new Call(LINEAR, linear(), x -> operators.linear(x[0], x[1], x[2])), test);
        forEach(new Call(NORM, norm(), x -> operators.rmsNorm(x[0], x[1], 1e-5)), test);
        forEach(new Call(STEP, step(), this::runStep), test);
    }

    private static void forEach(Call call, BiConsumer<Call, Integer> test) {
        call.operator().accept(call.arguments());
        for (int i = 0; i < call.names().length; i++) {
            test.accept(call, i);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Call(String[] names, NDArray[] arguments, Consumer<NDArray[]> operator) {

        /** Asserts that a change of an argument is refused with a message that names it. */
        void assertRefused(
                int index, UnaryOperator<NDArray> change, Class<? extends Exception> type) {
            NDArray[] changed = arguments.clone();
            changed[index] = change.apply(changed[index]);
            Exception e = Assert.expectThrows(type, () -> operator.accept(changed));
            String plain = e.getMessage().replace("_", "").toLowerCase(Locale.ROOT);
            String name = names[index].toLowerCase(Locale.ROOT); // the library's delta_bias is ours
            Assert.assertTrue(
                    Pattern.compile("\\b(" + name + ")\\b").matcher(plain).find(),
                    name + " is not named in: " + e.getMessage());
        }
    }

    private void assertRefused(UnaryOperator<NDArray> change) {
        forEachArgument((call, i) -> call.assertRefused(i, change, IllegalArgumentException.class));
    }

    @Test
    public void closedArrays() {
        UnaryOperator<NDArray> closed =
                array -> {
                    NDArray copy = array.duplicate();
                    copy.close();
                    return copy;
                };
        forEachArgument((call, i) -> call.assertRefused(i, closed, IllegalStateException.class));
    }

    @Test
    public void arraysOfAnotherEngine() {
        try (NDManager other = NDManager.newBaseManager(manager.getDevice(), "MXNet")) {
            assertRefused(array -> other.ones(array.getShape()));
        }
    }

    @Test
    public void strings() {
        assertRefused(array -> manager.create(new String[] {"a"}));
    }

    @Test
    public void missingArrays() {
        for (int i : new int[] {0, 1, 3, 4, 5}) {
            new Call(SCAN, scan(), this::runScan)
                    .assertRefused(i, array -> null, IllegalArgumentException.class);
        }
        for (int i : new int[] {0, 1, 3, 5, 7, 9, 11}) {
            new Call(STEP, step(), this::runStep)
                    .assertRefused(i, array -> null, IllegalArgumentException.class);
        }
    }

    @Test
    public void wholeNumbers() {
        forEachArgument(
                (call, i) -> {
                    // masks and resets may be of any type, and exp(A_log) is a fraction anyway
                    if (!List.of("mask", "resets", "aLog").contains(call.names()[i])) {
                        call.assertRefused(
                                i,
                                array -> array.toType(DataType.INT32, false),
                                IllegalArgumentException.class);
                    }
                });
    }

    @Test
    public void halfOnTheCpu() {
        forEachArgument(
                (call, i) -> {
                    if (i == 0) {
                        call.assertRefused(
                                0,
                                array -> array.toType(DataType.FLOAT16, false),
                                IllegalArgumentException.class);
                    }
                });
    }

    /** Parameters and states are brought to the type of the sequence, other sequences are not. */
    @Test
    public void sequencesOfTwoTypes() {
        Call call = new Call(SCAN, scan(), this::runScan);
        for (int i : new int[] {1, 4, 5, 7}) {
            call.assertRefused(
                    i,
                    array -> array.toType(DataType.FLOAT64, false),
                    IllegalArgumentException.class);
        }
    }

    @Test
    public void otherShapes() {
        assertRefused(array -> manager.ones(new Shape()));
        forEachArgument(
                (call, i) -> {
                    if (i > 0) { // all others have to fit the first
                        call.assertRefused(
                                i,
                                array -> manager.ones(new Shape(7, 11, 13)),
                                IllegalArgumentException.class);
                        call.assertRefused(
                                i,
                                array -> array.expandDims(0).expandDims(0),
                                IllegalArgumentException.class);
                    }
                });
    }

    @Test
    public void emptyArrays() {
        forEachArgument(
                (call, i) ->
                        call.assertRefused(
                                i,
                                array -> {
                                    long[] shape = array.getShape().getShape();
                                    shape[0] = 0;
                                    return manager.zeros(new Shape(shape));
                                },
                                IllegalArgumentException.class));
    }

    /** What a view's strides may do, no argument is copied by Java first. */
    @Test
    public void transposedViewsAreTakenOrRefused() {
        forEachArgument(
                (call, i) -> {
                    NDArray[] changed = call.arguments().clone();
                    NDArray array = changed[i];
                    int last = array.getShape().dimension() - 1;
                    changed[i] = array.swapAxes(0, last).duplicate().swapAxes(0, last);
                    call.operator().accept(changed);
                });
    }
}
