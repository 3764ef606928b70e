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

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Initializers;
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
 * A linear layer over the last axis, y = x·Wᵀ + b, initialized as in the reference implementation:
 * (…, in) → (…, out).
 *
 * <p>Parameters: {@code weight} (out, in) and, if requested, {@code bias} (out). A {@link
 * LowRankAdapter} may be added; its parameters {@code lora_A} and {@code lora_B} come after them.
 */
public final class Projection extends AbstractBlock {

    /** The number of rows up to which native operators use a kernel that records no gradients. */
    private static final long FEW_ROWS = 8;

    private long units; // 0 until known
    private final Parameter weight;
    private final Parameter bias;
    private LowRankAdapter adapter; // null if there is none

    /**
     * Creates a projection with the standard initial values, uniform ±1/√in.
     *
     * @param units the output size
     * @param hasBias whether a bias is added
     */
    public Projection(long units, boolean hasBias) {
        this(hasBias, Initializers.fanIn(1), null);
        setUnits(units);
    }

    /**
     * Creates a projection with given initial values, whose output size depends on the input of the
     * block around it: {@link #setUnits} must be called before initialization.
     *
     * @param hasBias whether a bias is added
     * @param weightInitializer the initializer of the weight
     * @param biasInitializer the initializer of the bias, or {@code null} for uniform ±1/√in
     */
    @SuppressWarnings("this-escape")
    public Projection(boolean hasBias, Initializer weightInitializer, Initializer biasInitializer) {
        weight = addParameter(Parameters.of("weight", weightInitializer));
        bias = hasBias ? addParameter(Parameters.of("bias", biasInitializer)) : null;
    }

    /**
     * Sets the output size.
     *
     * @param units the output size
     * @return this block
     */
    public Projection setUnits(long units) {
        Checks.require(units > 0, "Projection", "units must be positive, got %d", units);
        this.units = units;
        return this;
    }

    /** {@inheritDoc} */
    @Override
    protected NDList forwardInternal(
            ParameterStore parameterStore,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(apply(parameterStore, inputs.head(), training));
    }

    /**
     * Applies the layer.
     *
     * @param parameterStore the parameter store
     * @param x the input, (…, in)
     * @param training whether this is a training forward pass
     * @return the output, (…, out), attached to the manager of the input
     */
    public NDArray apply(ParameterStore parameterStore, NDArray x, boolean training) {
        Device device = x.getDevice();
        NDArray b = parameterStore.getValue(bias, device, training);
        return product(parameterStore, x, b, training);
    }

    /**
     * Applies the layer without its bias, for a caller that adds it elsewhere.
     *
     * @param parameterStore the parameter store
     * @param x the input, (…, in)
     * @param training whether this is a training forward pass
     * @return x·Wᵀ, (…, out), attached to the manager of the input
     */
    public NDArray applyWithoutBias(ParameterStore parameterStore, NDArray x, boolean training) {
        return product(parameterStore, x, null, training);
    }

    private NDArray product(ParameterStore store, NDArray x, NDArray b, boolean training) {
        Checks.lastAxis("Projection", x, weight.getArray());
        NDArray w = store.getValue(weight, x.getDevice(), training);
        NDArray product = multiply(x, w, b, training);
        if (adapter == null) {
            return product;
        }
        try (product) {
            return adapter.addTo(product, store, x, training);
        }
    }

    /**
     * Computes x·Wᵀ + b.
     *
     * @param x the input, (…, in)
     * @param w the weight, (out, in)
     * @param b the bias, (out), or {@code null}
     * @param training whether this is a training forward pass
     * @return the product, (…, out), attached to the manager of the input
     */
    public static NDArray multiply(NDArray x, NDArray w, NDArray b, boolean training) {
        Shape shape = x.getShape();
        boolean few = shape.size() <= FEW_ROWS * shape.get(shape.dimension() - 1);
        // in training, results for few rows must not depend on what is frozen
        Ops ops = training && few ? Ops.composed() : Ops.of(x);
        return ops.linear(x, w, b);
    }

    /**
     * Adds an adapter. Like any new parameters, those of the adapter are not frozen.
     *
     * @param adapter the adapter, new
     * @param manager the manager that owns its parameters if this layer is initialized; if it is
     *     not, they are initialized together with it, and the manager may be {@code null}
     * @return this block
     * @throws IllegalArgumentException if there is already an adapter
     */
    public Projection addAdapter(LowRankAdapter adapter, NDManager manager) {
        Checks.require(this.adapter == null, "Projection", "there is already an adapter");
        if (weight.isInitialized()) {
            NDArray w = weight.getArray();
            adapter.setSize(w.getShape().get(0), w.getShape().get(1));
            adapter.initialize(manager, w.getDataType());
        }
        this.adapter = adapter;
        addParameter(adapter.getDown());
        addParameter(adapter.getUp());
        return this;
    }

    /** Removes the adapter, if there is one, and frees its parameters; the weight is unchanged. */
    public void removeAdapter() {
        if (adapter != null) {
            parameters.remove(adapter.getDown().getName());
            parameters.remove(adapter.getUp().getName());
            adapter.close();
            adapter = null;
        }
    }

    /**
     * Merges the adapter into the weight, in place, and removes it; does nothing without an
     * adapter. Copies of the weight that a {@link ParameterStore} made earlier are not updated.
     */
    public void mergeAdapter() {
        if (adapter == null) {
            return;
        }
        boolean trainable = weight.requiresGradient();
        weight.freeze(true); // engines refuse to write to arrays that require gradients
        try (NDArray increment = adapter.increment()) {
            weight.getArray().addi(increment);
        } finally {
            weight.freeze(!trainable);
        }
        removeAdapter();
    }

    /**
     * Returns the adapter.
     *
     * @return the adapter, or {@code null} if the layer has none
     */
    public LowRankAdapter getAdapter() {
        return adapter;
    }

    /**
     * Returns the weight.
     *
     * @return the weight, (out, in)
     */
    public Parameter getWeight() {
        return weight;
    }

    /**
     * Returns the bias.
     *
     * @return the bias, (out), or {@code null} if the layer has none
     */
    public Parameter getBias() {
        return bias;
    }

    /** {@inheritDoc} */
    @Override
    protected void prepare(Shape[] inputShapes) {
        Shape in = inputShapes[0];
        long inputSize = in.get(in.dimension() - 1);
        weight.setShape(new Shape(units, inputSize));
        if (bias != null) {
            bias.setShape(new Shape(units));
            if (bias.getInitializer() == null) {
                bias.setInitializer(Initializers.uniform(1 / Math.sqrt((double) inputSize)));
            }
        }
        if (adapter != null) {
            adapter.setSize(units, inputSize);
        }
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
        Shape in = inputShapes[0];
        return new Shape[] {in.slice(0, in.dimension() - 1).add(units)};
    }
}
