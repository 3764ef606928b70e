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

import ai.djl.mamba.engine.EngineOperators;
import ai.djl.mamba.engine.Operators;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.List;

/**
 * One token of inference through a whole block in one call of the engine, in place of a dozen small
 * ones: while decoding, calls take longer than arithmetic.
 */
public abstract class FusedStep {

    /** Whether the scan of such a token would be the native one, whose step the operator takes. */
    protected abstract boolean fits(NDArray x);

    /** The projections of the block; the operator knows their weights alone, no adapters. */
    protected abstract List<Projection> projections();

    /** Takes the step, or returns {@code null} where gradients are recorded. */
    protected abstract NDList step(
            EngineOperators operators, ParameterStore store, SequenceInput input);

    /**
     * Takes the step where the engine can.
     *
     * @param store the parameter store
     * @param input one token of each row, (B, 1, d), and the state
     * @return what the block returns, or {@code null} where the general path has to be taken
     */
    public final NDList run(ParameterStore store, SequenceInput input) {
        NDArray x = input.data();
        EngineOperators operators = Operators.forArray(x);
        if (operators == null
                || x.getShape().get(1) != 1
                || input.padding() != null
                || hasAdapter()
                || !fits(x)) {
            return null;
        }
        NDList result = step(operators, store, input);
        if (result != null && !input.needState()) {
            result.remove(2).close();
            result.remove(1).close();
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
