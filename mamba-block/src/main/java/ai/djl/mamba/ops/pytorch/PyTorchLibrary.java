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

import ai.djl.mamba.ops.GatedNormInput;
import ai.djl.mamba.ops.Mamba2StepInput;
import ai.djl.mamba.ops.MambaStepInput;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.SelectiveScanInput;

/**
 * The functions of the native library. Arrays are passed as handles, as returned by {@code
 * PtNDArray.getHandle}, with 0 for an absent array; results are new handles, owned by the caller.
 *
 * <p>They throw {@link IllegalArgumentException}, with the name of the argument, for an invalid
 * argument, and {@link ai.djl.engine.EngineException} for any other failure. Shapes are as in
 * {@link ai.djl.mamba.ops.Ops}.
 */
final class PyTorchLibrary {

    private PyTorchLibrary() {}

    /** Returns the version of libtorch that the library was built for. */
    static native String builtFor();

    /** Takes the arrays of a {@link SelectiveScanInput} in order. */
    static native long[] selectiveScan(long[] tensors, boolean reverse);

    /**
     * Takes the arrays of an {@link SSDScanInput} in order; returns {@code null} if the device has
     * no kernel for them.
     */
    static native long[] ssdScan(
            long[] tensors,
            long groups,
            double timeStepLimitMin,
            double timeStepLimitMax,
            boolean reverse);

    /** Returns why {@link #ssdScan} returned {@code null}. */
    static native String ssdScanRefusal(long[] tensors, long groups);

    /** Takes x, weight, bias, window, mask and resets. */
    static native long[] causalConv1d(long[] tensors, boolean silu);

    static native long rmsNorm(long x, long weight, double epsilon);

    /**
     * Takes the arrays of a {@link GatedNormInput} in order; returns 0 if the device has no kernel
     * for them.
     */
    static native long gatedRmsNorm(
            long[] tensors, long groups, double epsilon, boolean normBeforeGate);

    static native long linear(long x, long weight, long bias);

    /**
     * Takes the arrays of a {@link MambaStepInput} in order; returns {@code null} if gradients are
     * recorded.
     */
    static native long[] mambaStep(long[] tensors);

    /**
     * Takes the arrays of a {@link Mamba2StepInput} in order; returns {@code null} if gradients are
     * recorded or the device has no kernel for them.
     */
    static native long[] mamba2Step(
            long[] tensors,
            long groups,
            double timeStepLimitMin,
            double timeStepLimitMax,
            double epsilon,
            boolean normBeforeGate);
}
