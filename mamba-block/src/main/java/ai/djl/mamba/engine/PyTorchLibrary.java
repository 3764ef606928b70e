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
package ai.djl.mamba.engine;

/**
 * The functions of the native library. Arrays are handles, as {@code PtNDArray.getHandle} returns
 * them, 0 for one that is absent; results are new handles, which their receiver owns.
 *
 * <p>They throw {@link IllegalArgumentException} for an argument that is wrong, with its name, and
 * {@link ai.djl.engine.EngineException} for whatever else fails. Shapes are those of {@link
 * EngineOperators}.
 */
final class PyTorchLibrary {

    private PyTorchLibrary() {}

    /** Returns the version of libtorch that the library was built for. */
    static native String builtFor();

    static native long[] selectiveScan(
            long u,
            long delta,
            long deltaBias,
            long a,
            long b,
            long c,
            long d,
            long gate,
            long mask,
            long resets,
            long initialState,
            boolean reverse);

    /** Returns why {@link #dualScan} cannot take x with that many states, or {@code null}. */
    static native String dualRefusal(long x, long states);

    static native long[] dualScan(
            long x,
            long delta,
            long deltaBias,
            long a,
            long b,
            long c,
            long d,
            long mask,
            long resets,
            long initialState,
            long groups,
            double timeStepMin,
            double timeStepMax,
            boolean reverse);

    static native long[] causalConv1d(
            long x, long weight, long bias, long window, long mask, long resets, boolean silu);

    static native long rmsNorm(long x, long weight, double epsilon);

    /** May return 0: there is none for the device. */
    static native long gatedRmsNorm(
            long x, long gate, long weight, long groups, double epsilon, boolean normBeforeGate);

    static native long linear(long x, long weight, long bias);

    /** Takes the arrays of a {@link StepInput} in their order; may return {@code null}. */
    static native long[] step(long[] tensors);

    /** Takes the arrays of a {@link DualStepInput} in their order; may return {@code null}. */
    static native long[] dualStep(
            long[] tensors,
            long groups,
            double timeStepMin,
            double timeStepMax,
            double epsilon,
            boolean normBeforeGate);
}
