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
package ai.djl.mamba.layer;

import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.ParameterLoader;
import ai.djl.mamba.internal.Parameters;
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

/**
 * Root mean square normalization over the last axis: x / √(mean(x²) + ε) · weight, with no
 * centering and no bias (Zhang and Sennrich 2019): (…, d) → (…, d).
 *
 * <p>Parameter: {@code weight} (d), initially 1.
 */
public final class RMSNorm extends AbstractBlock {

    private final double epsilon;
    private final Parameter weight;

    /** Creates a norm with ε = 1e-5. */
    public RMSNorm() {
        this(1e-5);
    }

    /**
     * Creates a norm.
     *
     * @param epsilon the value added to the mean square
     */
    @SuppressWarnings("this-escape")
    public RMSNorm(double epsilon) {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("RMSNorm: negative epsilon " + epsilon);
        }
        this.epsilon = epsilon;
        weight = addParameter(Parameters.of("weight", Initializer.ONES));
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        NDArray x = inputs.head();
        Checks.lastAxis("RMSNorm", x, weight.getArray());
        NDArray w = parameterStore.getValue(weight, x.getDevice(), training);
        return new NDList(Ops.of(x).rmsNorm(x, w, epsilon));
    }

    /**
     * Returns the weight.
     *
     * @return the weight, (d)
     */
    public Parameter getWeight() {
        return weight;
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        Shape in = inputShapes[0];
        weight.setShape(new Shape(in.get(in.dimension() - 1)));
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
