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

    /** Takes the arrays of a {@link SelectiveScanInput} in their order. */
    static native long[] selectiveScan(long[] tensors, boolean reverse);

    /**
     * Takes the arrays of an {@link SSDScanInput} in their order; returns {@code null} where the
     * device has no kernel for them.
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
     * Takes the arrays of a {@link GatedNormInput} in their order; returns 0 where the device has
     * no kernel for them.
     */
    static native long gatedRmsNorm(
            long[] tensors, long groups, double epsilon, boolean normBeforeGate);

    static native long linear(long x, long weight, long bias);

    /**
     * Takes the arrays of a {@link MambaStepInput} in their order; returns {@code null} where
     * gradients are recorded.
     */
    static native long[] mambaStep(long[] tensors);

    /**
     * Takes the arrays of a {@link Mamba2StepInput} in their order; returns {@code null} where
     * gradients are recorded, or the device has no such kernel.
     */
    static native long[] mamba2Step(
            long[] tensors,
            long groups,
            double timeStepLimitMin,
            double timeStepLimitMax,
            double epsilon,
            boolean normBeforeGate);
}
