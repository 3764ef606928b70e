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

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.mamba.ops.DualScanInput;
import ai.djl.mamba.ops.ScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The operators of the native library on the arrays of the PyTorch engine.
 *
 * <p>This class sees to it that every handle is one of a live PyTorch array; types, shapes and
 * devices are checked by the library.
 */
final class PyTorchOperators implements EngineOperators {

    /** The handle that DJL gives to arrays of strings, which are no tensors. */
    private static final long STRINGS = -1;

    /** Why the kernels do not run on a GPU; empty where they do. */
    private final Map<Device, Optional<String>> gpuProblems = new ConcurrentHashMap<>();

    /** {@inheritDoc} */
    @Override
    public String refusal(NDArray array) {
        Device device = array.getDevice();
        boolean gpu = device.isGpu();
        DataType type = array.getDataType();
        boolean known =
                switch (type) {
                    case FLOAT32, FLOAT64 -> gpu || Device.Type.CPU.equals(device.getDeviceType());
                    case FLOAT16, BFLOAT16 -> gpu;
                    default -> false;
                };
        if (!known) {
            return "they do not know " + type + " on " + device.getDeviceType();
        }
        return gpu ? gpuProblems.computeIfAbsent(device, this::tryGpu).orElse(null) : null;
    }

    /** Compiles and runs a small kernel: the driver or its compiler may be missing. */
    private Optional<String> tryGpu(Device device) {
        try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
                NDArray one = manager.ones(new Shape(1, 1));
                NDArray weight = manager.ones(new Shape(1));
                NDArray norm = rmsNorm(one, weight, 0)) {
            float found = norm.getFloat();
            return found == 1 ? Optional.empty() : Optional.of("the norm of 1 is " + found);
        } catch (EngineException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** {@inheritDoc} */
    @Override
    public NDList selectiveScan(ScanInput in) {
        PtNDArray u = tensor("u", in.u());
        long[] results =
                PyTorchLibrary.selectiveScan(
                        u.getHandle(),
                        handle("delta", in.delta()),
                        handle("deltaBias", in.deltaBias()),
                        handle("a", in.a()),
                        handle("b", in.b()),
                        handle("c", in.c()),
                        handle("d", in.d()),
                        handle("gate", in.gate()),
                        handle("mask", in.mask()),
                        handle("resets", in.resets()),
                        handle("initialState", in.initialState()),
                        in.reverse());
        return arrays(u, results);
    }

    /** {@inheritDoc} */
    @Override
    public String dualRefusal(NDArray x, long states) {
        return PyTorchLibrary.dualRefusal(handle("x", x), states);
    }

    /** {@inheritDoc} */
    @Override
    public NDList dualScan(DualScanInput in) {
        PtNDArray x = tensor("x", in.x());
        long[] results =
                PyTorchLibrary.dualScan(
                        x.getHandle(),
                        handle("delta", in.delta()),
                        handle("deltaBias", in.deltaBias()),
                        handle("a", in.a()),
                        handle("b", in.b()),
                        handle("c", in.c()),
                        handle("d", in.d()),
                        handle("mask", in.mask()),
                        handle("resets", in.resets()),
                        handle("initialState", in.initialState()),
                        in.groups(),
                        in.timeStepMin(),
                        in.timeStepMax(),
                        in.reverse());
        return arrays(x, results);
    }

    /** {@inheritDoc} */
    @Override
    public NDList causalConv1d(
            NDArray x,
            NDArray weight,
            NDArray bias,
            NDArray window,
            NDArray mask,
            NDArray resets,
            boolean silu) {
        PtNDArray data = tensor("x", x);
        long[] results =
                PyTorchLibrary.causalConv1d(
                        data.getHandle(),
                        handle("weight", weight),
                        handle("bias", bias),
                        handle("window", window),
                        handle("mask", mask),
                        handle("resets", resets),
                        silu);
        return arrays(data, results);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        PtNDArray data = tensor("x", x);
        long result = PyTorchLibrary.rmsNorm(data.getHandle(), handle("weight", weight), epsilon);
        return new PtNDArray(data.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray gatedRmsNorm(
            NDArray x,
            NDArray gate,
            NDArray weight,
            int groups,
            double epsilon,
            boolean normBeforeGate) {
        PtNDArray data = tensor("x", x);
        long result =
                PyTorchLibrary.gatedRmsNorm(
                        data.getHandle(),
                        handle("gate", gate),
                        handle("weight", weight),
                        groups,
                        epsilon,
                        normBeforeGate);
        return result == 0 ? null : new PtNDArray(data.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        PtNDArray data = tensor("x", x);
        long result =
                PyTorchLibrary.linear(
                        data.getHandle(), handle("weight", weight), handle("bias", bias));
        return new PtNDArray(data.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDList step(StepInput in) {
        PtNDArray x = tensor("x", in.x());
        long[] results =
                PyTorchLibrary.step(
                        new long[] {
                            x.getHandle(),
                            handle("inWeight", in.inWeight()),
                            handle("inBias", in.inBias()),
                            handle("convWeight", in.convWeight()),
                            handle("convBias", in.convBias()),
                            handle("xWeight", in.xWeight()),
                            handle("xBias", in.xBias()),
                            handle("dtWeight", in.dtWeight()),
                            handle("dtBias", in.dtBias()),
                            handle("aLog", in.aLog()),
                            handle("d", in.d()),
                            handle("outWeight", in.outWeight()),
                            handle("outBias", in.outBias()),
                            handle("window", in.window()),
                            handle("state", in.state())
                        });
        return results == null ? null : arrays(x, results);
    }

    /** {@inheritDoc} */
    @Override
    public NDList dualStep(DualStepInput in) {
        PtNDArray x = tensor("x", in.x());
        long[] results =
                PyTorchLibrary.dualStep(
                        new long[] {
                            x.getHandle(),
                            handle("inWeight", in.inWeight()),
                            handle("inBias", in.inBias()),
                            handle("convWeight", in.convWeight()),
                            handle("convBias", in.convBias()),
                            handle("dtBias", in.dtBias()),
                            handle("aLog", in.aLog()),
                            handle("d", in.d()),
                            handle("normWeight", in.normWeight()),
                            handle("outWeight", in.outWeight()),
                            handle("outBias", in.outBias()),
                            handle("window", in.window()),
                            handle("state", in.state())
                        },
                        in.groups(),
                        in.timeStepMin(),
                        in.timeStepMax(),
                        in.epsilon(),
                        in.normBeforeGate());
        return results == null ? null : arrays(x, results);
    }

    /** The handle of an argument, 0 where it is absent, which the library may refuse. */
    private static long handle(String name, NDArray array) {
        return array == null ? 0 : tensor(name, array).getHandle();
    }

    private static PtNDArray tensor(String name, NDArray array) {
        if (array == null) {
            throw new IllegalArgumentException(name + ": expected an array, got null");
        }
        if (!(array instanceof PtNDArray tensor)) {
            throw new IllegalArgumentException(
                    name + ": expected an array of PyTorch, got a " + array.getClass().getName());
        }
        if (tensor.isReleased()) {
            throw new IllegalStateException(name + ": the array is closed");
        }
        if (tensor.getHandle() == STRINGS) {
            throw new IllegalArgumentException(name + ": expected numbers, got strings");
        }
        return tensor;
    }

    /** Arrays like DJL's own results: in the manager of the first operand, and in the scope. */
    private static NDList arrays(PtNDArray first, long[] handles) {
        PtNDManager manager = first.getManager();
        NDList arrays = new NDList(handles.length);
        for (long handle : handles) {
            arrays.add(ofType(first.getDataType(), new PtNDArray(manager, handle)));
        }
        return arrays;
    }

    /** The library keeps states of half precision sequences in float32, a block in its own type. */
    private static PtNDArray ofType(DataType type, PtNDArray array) {
        if (array.getDataType() == type) {
            return array;
        }
        try (array) {
            return array.toType(type, false);
        }
    }
}
