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

import ai.djl.mamba.internal.Scoped;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;

/** The operators composed of the standard operations of every engine. */
final class ComposedOps implements Ops {

    static final Ops INSTANCE = new ComposedOps();

    private final Scan<SelectiveScanInput> selectiveScan = new ChunkedSelectiveScan();
    private final Scan<SSDScanInput> ssdScan = new ChunkedSSDScan();

    private ComposedOps() {}

    /** {@inheritDoc} */
    @Override
    public String name() {
        return "composed";
    }

    /** {@inheritDoc} */
    @Override
    public NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        Shape shape = x.getShape();
        Shape output = shape.slice(0, shape.dimension() - 1).add(weight.getShape().get(0));
        return Scoped.array(
                x.getManager(),
                () -> {
                    // PyTorch multiplies a batch of strided rows as one matrix or row by row,
                    // depending on whether the weight is frozen, and rounds differently
                    NDArray rows = x.reshape(-1, shape.get(shape.dimension() - 1));
                    return Linear.linear(rows, weight, bias).singletonOrThrow().reshape(output);
                });
    }

    /** {@inheritDoc} */
    @Override
    public NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        return ComposedNorms.rms(x, weight, epsilon);
    }

    /** {@inheritDoc} */
    @Override
    public NDList causalConv1d(ConvInput input) {
        return ComposedConv1d.run(input);
    }

    /** {@inheritDoc} */
    @Override
    public NDList selectiveScan(SelectiveScanInput input) {
        return selectiveScan.scan(input);
    }

    /** {@inheritDoc} */
    @Override
    public NDList ssdScan(SSDScanInput input) {
        return ssdScan.scan(input);
    }
}
