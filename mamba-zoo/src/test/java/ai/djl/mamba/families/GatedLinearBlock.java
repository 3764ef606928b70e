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

import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.Initializers;
import ai.djl.mamba.internal.Scoped;
import ai.djl.mamba.internal.Silu;
import ai.djl.mamba.layer.Projection;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.mamba.layer.SequenceInput;
import ai.djl.mamba.layer.StateSpec;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * A diagonal gated linear recurrence, the smallest selective layer: (B, L, d) → (B, L, d).
 *
 * <pre>
 *   [x | a | z] = in_proj(h)                      (B, L, E) each
 *   s_t = σ(a_t) s_{t−1} + (1 − σ(a_t)) x_t       the state, (B, 1, E)
 *   out = out_proj(s · SiLU(z))
 * </pre>
 */
final class GatedLinearBlock extends SequenceBlock {

    private static final byte VERSION = 1;

    private final int expand;
    private final Projection inputProjection;
    private final Projection outputProjection;

    @SuppressWarnings("this-escape")
    GatedLinearBlock(int expand, double outputScale, boolean returnState) {
        super(VERSION, returnState);
        this.expand = expand;
        inputProjection =
                addChildBlock("in_proj", new Projection(true, Initializers.fanIn(1), null));
        outputProjection =
                addChildBlock(
                        "out_proj", new Projection(false, Initializers.fanIn(outputScale), null));
    }

    @Override
    public NDList forwardSequence(
            ParameterStore parameterStore, SequenceInput input, boolean training) {
        NDArray h = input.data();
        try (NDList scratch = new NDList()) {
            NDArray projected = inputProjection.apply(parameterStore, h, training); // (B, L, 3E)
            scratch.add(projected);
            NDArray resets = input.resets(false, scratch);
            NDList mixed = Scoped.run(h.getManager(), () -> recur(projected, input, resets));
            NDArray y = mixed.remove(0); // (B, L, E)
            scratch.add(y);
            if (!input.needState()) {
                scratch.add(mixed.remove(0));
            }
            NDList result = new NDList(outputProjection.apply(parameterStore, y, training));
            result.addAll(mixed);
            return result;
        }
    }

    private static NDList recur(NDArray projected, SequenceInput input, NDArray resets) {
        long length = projected.getShape().get(1);
        NDList parts = projected.split(3, 2); // x, a, z: (B, L, E)
        NDArray keep = Activation.sigmoid(parts.get(1));
        if (input.mask() != null) { // padding keeps the state as it is
            keep = keep.mul(input.mask()).add(input.mask().neg().add(1));
        }
        NDList added = parts.get(0).mul(keep.neg().add(1)).split(length, 1);
        NDArray decay = resets == null ? keep : keep.mul(resets.neg().add(1));
        NDList decays = decay.split(length, 1); // once: a loop that slices is quadratic in L
        NDArray s = input.state(0); // (B, 1, E)
        NDList states = new NDList();
        for (int t = 0; t < length; t++) {
            s = s == null ? added.get(t) : decays.get(t).mul(s).add(added.get(t));
            states.add(s);
        }
        NDArray all = Differentiable.concat(states, 1);
        return new NDList(all.mul(Silu.apply(parts.get(2))), s);
    }

    @Override
    public List<StateSpec> getStateSpecs() {
        long inner = outputProjection.getWeight().getArray().getShape().get(1);
        return List.of(new StateSpec("state", new Shape(1, inner)));
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
        inputProjection.setUnits(3L * expand * modelSize);
        inputProjection.initialize(manager, dataType, new Shape(1, 1, modelSize));
        outputProjection.setUnits(modelSize);
        outputProjection.initialize(manager, dataType, new Shape(1, 1, expand * modelSize));
    }
}
