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
package ai.djl.mamba.layer.mamba2;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.ParameterLoader;
import ai.djl.mamba.internal.Parameters;
import ai.djl.mamba.ops.GatedNormInput;
import ai.djl.mamba.ops.Ops;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The norm of a Mamba-2 block (Dao and Gu 2024, section 7): RMSNorm(y · SiLU(z)), or RMSNorm(y) ·
 * SiLU(z), with each group of channels normalized separately: 2 × (…, E) → (…, E).
 *
 * <p>Parameter: {@code weight} (E), initially 1.
 */
public final class GatedRMSNorm extends AbstractBlock {

    private final int groups;
    private final double epsilon;
    private final boolean normBeforeGate;
    private final Parameter weight;

    /**
     * Creates a norm.
     *
     * @param groups G, a divisor of E
     * @param epsilon the value added to the mean square
     * @param normBeforeGate whether y is normalized before the gate is applied rather than after
     */
    @SuppressWarnings("this-escape")
    public GatedRMSNorm(int groups, double epsilon, boolean normBeforeGate) {
        Checks.positive("GatedRMSNorm", "groups", groups);
        Checks.require(epsilon >= 0, "GatedRMSNorm", "negative epsilon %s", epsilon);
        this.groups = groups;
        this.epsilon = epsilon;
        this.normBeforeGate = normBeforeGate;
        weight = addParameter(Parameters.of("weight", Initializer.ONES));
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        Checks.require(
                inputs.size() == 2 && inputs.get(0).getShape().equals(inputs.get(1).getShape()),
                "GatedRMSNorm",
                "expected an input and a gate of the same shape, got %s",
                Arrays.toString(inputs.getShapes()));
        Checks.lastAxis("GatedRMSNorm", inputs.get(0), weight.getArray());
        Checks.engine("GatedRMSNorm", inputs.get(1), weight.getArray());
        return new NDList(apply(parameterStore, inputs.get(0), inputs.get(1), training));
    }

    /**
     * Applies the norm to checked input.
     *
     * @param store the parameter store
     * @param y the input, (…, E)
     * @param z the gate, (…, E)
     * @param training whether this is a training forward pass
     * @return the normalized and gated input, (…, E), attached to the manager of y
     */
    public NDArray apply(ParameterStore store, NDArray y, NDArray z, boolean training) {
        NDArray w = store.getValue(weight, y.getDevice(), training);
        return Ops.of(y).gatedRmsNorm(new GatedNormInput(y, z, w, groups, epsilon, normBeforeGate));
    }

    /**
     * Returns the value added to the mean square.
     *
     * @return ε
     */
    public double getEpsilon() {
        return epsilon;
    }

    /**
     * Returns the weight.
     *
     * @return the weight, (E)
     */
    public Parameter getWeight() {
        return weight;
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        long channels = inputShapes[0].get(inputShapes[0].dimension() - 1);
        Checks.require(
                channels % groups == 0,
                "GatedRMSNorm",
                "expected a number of channels divisible into %d groups, got %d",
                groups,
                channels);
        weight.setShape(new Shape(channels));
    }

    /** {@inheritDoc} */
    @Override
    public void loadParameters(NDManager manager, DataInputStream is)
            throws IOException, MalformedModelException {
        ParameterLoader.load(this, manager, is, this::readMetadata);
    }

    private Shape[] readMetadata(DataInputStream is) throws IOException, MalformedModelException {
        loadMetadata(is.readByte(), is);
        return inputShapes;
    }

    /** {@inheritDoc} */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {inputShapes[0]};
    }
}
