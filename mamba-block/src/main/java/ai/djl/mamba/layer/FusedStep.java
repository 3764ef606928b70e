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

import ai.djl.mamba.ops.Ops;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.Supplier;

/**
 * The base of fused steps: takes one token through a whole block in a single engine call instead of
 * a dozen small ones. During decoding, calls cost more than arithmetic.
 */
public abstract class FusedStep {

    /** Creates a step. */
    protected FusedStep() {}

    /**
     * Returns whether the operator computes the same as the block with its scan.
     *
     * @return whether {@link #step} may be called
     */
    protected abstract boolean fits();

    /**
     * Returns the projections of the block: the operator takes their weights only, not their
     * adapters.
     *
     * @return the projections; {@link #step} is called only if none has an adapter
     */
    protected abstract List<Projection> projections();

    /**
     * Takes the step with the operators of an engine.
     *
     * @param ops the operators for the type and device of the token
     * @param store the parameter store
     * @param input the token, (B, 1, d), and the state
     * @param otherwise the general path of the block, for operators without such a step
     * @return the output, (B, 1, d), and the state after the token, one array for each of {@link
     *     SequenceBlock#getStateSpecs}
     */
    protected abstract NDList step(
            Ops ops, ParameterStore store, SequenceInput input, Supplier<NDList> otherwise);

    /**
     * Takes the step if the engine has an operator for it, or else the general path.
     *
     * @param store the parameter store
     * @param input the sequence, (B, L, d), and the state
     * @param otherwise the general path of the block
     * @return the outputs of the block
     */
    public final NDList run(ParameterStore store, SequenceInput input, Supplier<NDList> otherwise) {
        NDArray x = input.data();
        if (x.getShape().get(1) != 1 || input.padding() != null || hasAdapter() || !fits()) {
            return otherwise.get();
        }
        NDList result = step(Ops.of(x), store, input, otherwise);
        while (!input.needState() && result.size() > 1) {
            result.remove(result.size() - 1).close();
        }
        return result;
    }

    private boolean hasAdapter() {
        for (Projection projection : projections()) {
            if (projection.getAdapter() != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the value of a parameter for inference.
     *
     * @param store the parameter store
     * @param x an array on the device of the computation
     * @param parameter the parameter, or {@code null}
     * @return the array of the parameter on that device, or {@code null} if there is no parameter
     */
    protected static NDArray value(ParameterStore store, NDArray x, Parameter parameter) {
        return store.getValue(parameter, x.getDevice(), false);
    }
}
