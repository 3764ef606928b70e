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
 * One token of inference through a whole block in one call of the engine, in place of a dozen small
 * ones: while decoding, calls take longer than arithmetic.
 */
public abstract class FusedStep {

    /** Whether the operator computes what the block would with its scan. */
    protected abstract boolean fits();

    /** The projections of the block; the operator knows their weights alone, no adapters. */
    protected abstract List<Projection> projections();

    /** Takes the step by these operators. */
    protected abstract NDList step(
            Ops ops, ParameterStore store, SequenceInput input, Supplier<NDList> otherwise);

    /**
     * Takes the step where the engine can.
     *
     * @param store the parameter store
     * @param input the sequence, (B, L, d), and the state
     * @param otherwise what the block does with sequences in general
     * @return what the block returns
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

    protected static NDArray value(ParameterStore store, NDArray x, Parameter parameter) {
        return store.getValue(parameter, x.getDevice(), false);
    }
}
