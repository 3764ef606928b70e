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
package ai.djl.mamba.families;

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.layer.Initializers;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * Attention with one head, whose state grows with the tokens read: keys and values, (B, T, d) each.
 * (B, L, d) → (B, L, d). Rows have equal lengths and one document.
 */
final class CausalAttentionBlock extends SequenceBlock {

    private static final byte VERSION = 1;

    private final Projection inputProjection;

    @SuppressWarnings("this-escape")
    CausalAttentionBlock(boolean returnState) {
        super(VERSION, returnState);
        inputProjection =
                addChildBlock("in_proj", new Projection(false, Initializers.fanIn(1), null));
    }

    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        Checks.require(input.padding() == null, "CausalAttentionBlock", "rows must not be padded");
        NDArray h = input.data();
        try (NDList scratch = new NDList()) {
            NDArray projected = inputProjection.apply(parameterStore, h, training); // (B, L, 3d)
            scratch.add(projected);
            return Scoped.run(h.getManager(), () -> attend(projected, input));
        }
    }

    private static NDList attend(NDArray projected, SequenceInput input) {
        NDList parts = projected.split(3, 2); // q, k, v: (B, L, d)
        long length = projected.getShape().get(1);
        NDArray keys = append(input.state(0), parts.get(1)); // (B, T + L, d)
        NDArray values = append(input.state(1), parts.get(2));
        long size = keys.getShape().get(2);
        NDArray scores = parts.get(0).matMul(keys.transpose(0, 2, 1)); // (B, L, T + L)
        scores = Differentiable.scale(scores, 1 / Math.sqrt((double) size));
        NDArray mask = mask(scores, length);
        NDArray y = scores.add(mask).softmax(-1).matMul(values);
        return input.needState()
                ? new NDList(y, Differentiable.copy(keys), Differentiable.copy(values))
                : new NDList(y);
    }

    private static NDArray append(NDArray before, NDArray added) {
        boolean isFirst = before == null || before.getShape().get(1) == 0;
        return isFirst ? added : before.concat(added, 1);
    }

    /** Large negative numbers at what comes after a step, (1, L, T + L). */
    private static NDArray mask(NDArray scores, long length) {
        int total = Math.toIntExact(scores.getShape().get(2));
        int rows = Math.toIntExact(length);
        float[] later = new float[rows * total];
        for (int t = 0; t < rows; t++) {
            for (int i = total - rows + t + 1; i < total; i++) {
                later[t * total + i] = -1e9f;
            }
        }
        try (NDArray made = scores.getManager().create(later, new Shape(1, rows, total));
                NDArray typed = made.toType(scores.getDataType(), false)) {
            return typed.duplicate();
        }
    }

    @Override
    public List<StateSpec> getStateSpecs() {
        Shape rows = new Shape(-1, inputSize());
        return List.of(new StateSpec("keys", rows), new StateSpec("values", rows));
    }

    @Override
    public DataType dataType() {
        return inputProjection.getWeight().getArray().getDataType();
    }

    @Override
    public long inputSize() {
        return inputProjection.getWeight().getArray().getShape().get(1);
    }

    @Override
    protected long outputSize(Shape inputShape) {
        return inputShape.get(2);
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        long modelSize = inputShapes[0].get(2);
        inputProjection.setUnits(3 * modelSize);
        inputProjection.initialize(manager, dataType, new Shape(1, 1, modelSize));
    }
}
