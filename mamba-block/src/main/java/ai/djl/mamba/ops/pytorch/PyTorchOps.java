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
import ai.djl.mamba.ops.Documents;
import ai.djl.mamba.ops.GatedNormInput;
import ai.djl.mamba.ops.Mamba2StepInput;
import ai.djl.mamba.ops.MambaStepInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.Padding;
import ai.djl.mamba.ops.SSDScanInput;
import ai.djl.mamba.ops.SelectiveScanInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operators of PyTorch, implemented by {@link PyTorchLibrary}. Each reads its arguments once,
 * and its backward pass recomputes intermediate values rather than keeping them in memory. At
 * padding y and all gradients are 0. Equal arguments give bit-identical results.
 */
final class PyTorchOps implements Ops {

    private static final Logger logger = LoggerFactory.getLogger(PyTorchOps.class);
    private static final Set<String> REFUSALS =
            ConcurrentHashMap.newKeySet(); // those already logged

    private final boolean alone;

    /**
     * Creates the operators.
     *
     * @param alone whether a scan that the library rejects fails instead of falling back to the
     *     composed one
     */
    PyTorchOps(boolean alone) {
        this.alone = alone;
    }

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "native";
    }

    /** {@inheritDoc} */
    @Override
    public NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        PtNDArray data = TensorHandles.tensor("x", x);
        long result =
                PyTorchLibrary.linear(
                        data.getHandle(),
                        TensorHandles.of("weight", weight),
                        TensorHandles.of("bias", bias));
        return new PtNDArray(data.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        PtNDArray data = TensorHandles.tensor("x", x);
        long result =
                PyTorchLibrary.rmsNorm(
                        data.getHandle(), TensorHandles.of("weight", weight), epsilon);
        return new PtNDArray(data.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDArray gatedRmsNorm(GatedNormInput in) {
        PtNDArray x = TensorHandles.tensor("x", in.x());
        long[] tensors =
                new TensorHandles(3)
                        .add("x", x)
                        .add("gate", in.gate())
                        .add("weight", in.weight())
                        .toArray();
        long result =
                PyTorchLibrary.gatedRmsNorm(
                        tensors, in.groups(), in.epsilon(), in.normBeforeGate());
        return result == 0 ? Ops.super.gatedRmsNorm(in) : new PtNDArray(x.getManager(), result);
    }

    /** {@inheritDoc} */
    @Override
    public NDList causalConv1d(ConvInput in) {
        if (in.weight().getShape().get(in.weight().getShape().dimension() - 1) == 1) {
            return Ops.composed().causalConv1d(in); // a product
        }
        Padding padding = in.padding();
        Documents documents = padding == null ? null : padding.documents();
        NDList result =
                causalConv1d(
                        in,
                        padding == null ? null : padding.mask(),
                        documents == null ? null : documents.resets());
        if (!in.needWindow() || !hasWindow(in.weight())) {
            result.remove(1).close();
        }
        return result;
    }

    /**
     * Runs a causal convolution with its padding given as arrays.
     *
     * @param in the arguments, whose padding is ignored
     * @param mask 1 at tokens and 0 at padding after them, (B, L, 1), or {@code null}
     * @param resets 1 at tokens before which everything counts as zero, otherwise 0, (B, L, 1); or
     *     {@code null} for none
     * @return the output, (B, L, E), and the new window, (B, K−1, E)
     */
    NDList causalConv1d(ConvInput in, NDArray mask, NDArray resets) {
        PtNDArray x = TensorHandles.tensor("x", in.x());
        long[] tensors =
                new TensorHandles(6)
                        .add("x", x)
                        .add("weight", in.weight())
                        .add("bias", in.bias())
                        .add("window", in.window())
                        .add("mask", mask)
                        .add("resets", resets)
                        .toArray();
        return arrays(x, PyTorchLibrary.causalConv1d(tensors, in.silu()));
    }

    /** {@inheritDoc} */
    @Override
    public NDList selectiveScan(SelectiveScanInput in) {
        PtNDArray u = TensorHandles.tensor("u", in.u());
        long[] tensors =
                new TensorHandles(11)
                        .add("u", u)
                        .add("delta", in.delta())
                        .add("deltaBias", in.deltaBias())
                        .add("a", in.a())
                        .add("b", in.b())
                        .add("c", in.c())
                        .add("d", in.d())
                        .add("gate", in.gate())
                        .add("mask", in.mask())
                        .add("resets", in.resets())
                        .add("initialState", in.initialState())
                        .toArray();
        return arrays(u, PyTorchLibrary.selectiveScan(tensors, in.reverse()));
    }

    /** {@inheritDoc} */
    @Override
    public NDList ssdScan(SSDScanInput in) {
        PtNDArray x = TensorHandles.tensor("x", in.x());
        long[] tensors =
                new TensorHandles(10)
                        .add("x", x)
                        .add("delta", in.delta())
                        .add("deltaBias", in.deltaBias())
                        .add("a", in.a())
                        .add("b", in.b())
                        .add("c", in.c())
                        .add("d", in.d())
                        .add("mask", in.mask())
                        .add("resets", in.resets())
                        .add("initialState", in.initialState())
                        .toArray();
        long[] results =
                PyTorchLibrary.ssdScan(
                        tensors,
                        in.groups(),
                        in.timeStepLimitMin(),
                        in.timeStepLimitMax(),
                        in.reverse());
        return results == null ? refusedScan(in, tensors) : arrays(x, results);
    }

    private NDList refusedScan(SSDScanInput in, long[] tensors) {
        String refusal = PyTorchLibrary.ssdScanRefusal(tensors, in.groups());
        if (alone) {
            throw new IllegalStateException("The native SSD scan cannot be used: " + refusal);
        }
        if (REFUSALS.add(refusal)) {
            logger.info(
                    "SSD scan on {}: composed; the native one cannot be used: {}",
                    in.x().getDevice().getDeviceType(),
                    refusal);
        }
        return Ops.composed().ssdScan(in);
    }

    /** {@inheritDoc} */
    @Override
    public NDList mambaStep(MambaStepInput in, Supplier<NDList> otherwise) {
        PtNDArray x = TensorHandles.tensor("x", in.x());
        long[] tensors =
                new TensorHandles(15)
                        .add("x", x)
                        .add("inWeight", in.inWeight())
                        .add("inBias", in.inBias())
                        .add("convWeight", in.convWeight())
                        .add("convBias", in.convBias())
                        .add("xWeight", in.xWeight())
                        .add("xBias", in.xBias())
                        .add("dtWeight", in.dtWeight())
                        .add("dtBias", in.dtBias())
                        .add("aLog", in.aLog())
                        .add("d", in.d())
                        .add("outWeight", in.outWeight())
                        .add("outBias", in.outBias())
                        .add("window", in.window())
                        .add("state", in.state())
                        .toArray();
        long[] results = PyTorchLibrary.mambaStep(tensors);
        return results == null ? otherwise.get() : stepped(arrays(x, results), in.convWeight());
    }

    /** {@inheritDoc} */
    @Override
    public NDList mamba2Step(Mamba2StepInput in, Supplier<NDList> otherwise) {
        PtNDArray x = TensorHandles.tensor("x", in.x());
        long[] tensors =
                new TensorHandles(13)
                        .add("x", x)
                        .add("inWeight", in.inWeight())
                        .add("inBias", in.inBias())
                        .add("convWeight", in.convWeight())
                        .add("convBias", in.convBias())
                        .add("dtBias", in.dtBias())
                        .add("aLog", in.aLog())
                        .add("d", in.d())
                        .add("normWeight", in.normWeight())
                        .add("outWeight", in.outWeight())
                        .add("outBias", in.outBias())
                        .add("window", in.window())
                        .add("state", in.state())
                        .toArray();
        long[] results =
                PyTorchLibrary.mamba2Step(
                        tensors,
                        in.groups(),
                        in.timeStepLimitMin(),
                        in.timeStepLimitMax(),
                        in.epsilon(),
                        in.normBeforeGate());
        return results == null ? otherwise.get() : stepped(arrays(x, results), in.convWeight());
    }

    /** The results of a step without the empty window of a convolution of width 1. */
    private static NDList stepped(NDList results, NDArray convWeight) {
        if (!hasWindow(convWeight)) {
            results.remove(1).close();
        }
        return results;
    }

    /** Whether a convolution with the given weight, (E, 1, K), has a window: K−1 inputs. */
    private static boolean hasWindow(NDArray weight) {
        Shape shape = weight.getShape();
        return shape.get(shape.dimension() - 1) > 1;
    }

    /** Attaches results as DJL does: to the manager of the first operand, and to the scope. */
    private static NDList arrays(PtNDArray first, long[] handles) {
        PtNDManager manager = first.getManager();
        NDList arrays = new NDList(handles.length);
        for (long handle : handles) {
            arrays.add(ofType(first.getDataType(), new PtNDArray(manager, handle)));
        }
        return arrays;
    }

    /**
     * For half-precision sequences the library keeps states in float32, a block in its own type.
     */
    private static PtNDArray ofType(DataType type, PtNDArray array) {
        if (array.getDataType() == type) {
            return array;
        }
        try (array) {
            return array.toType(type, false);
        }
    }
}
