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
package ai.djl.mamba.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.function.Supplier;

/**
 * Runs a computation and closes every array it created, except its results.
 *
 * <p>DJL attaches a result to the manager of its first operand, so an expression such as {@code
 * aLog.exp().neg()} on a parameter would otherwise live as long as the model.
 *
 * <p>Parameters are read from the {@link ai.djl.training.ParameterStore} <b>before</b> the scope
 * opens: the store may copy a parameter to another device on first use, and that copy has to
 * outlive the scope.
 */
public final class Scoped {

    private Scoped() {}

    /**
     * Runs a computation whose results are attached to a manager.
     *
     * @param manager the manager that owns the results
     * @param body the computation; it must return arrays that it made, not its inputs
     * @return the results of the computation
     */
    public static NDList run(NDManager manager, Supplier<NDList> body) {
        NDList results;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            results = body.get();
            NDScope.unregister(results);
        }
        for (NDArray result : results) {
            result.attach(manager);
            // a scope around this one owns them now
            NDScope.register(result);
        }
        return results;
    }

    /**
     * Applies a block of any kind, which may leave arrays behind, as LayerNorm does on MXNet.
     *
     * @param block the block, with one output that is not its input
     * @param parameterStore the parameter store
     * @param x the input
     * @param training whether this is a training forward pass
     * @return the output, attached to the manager of the input
     * @throws IllegalArgumentException if the block has more outputs
     */
    public static NDArray apply(
            Block block, ParameterStore parameterStore, NDArray x, boolean training) {
        for (Parameter parameter : block.getParameters().values()) {
            parameterStore.getValue(parameter, x.getDevice(), training);
        }
        return array(
                x.getManager(),
                () -> {
                    NDList outputs = block.forward(parameterStore, new NDList(x), training);
                    Checks.require(
                            outputs.size() == 1,
                            block.getClass().getSimpleName(),
                            "a block that is handed a sequence must have one output, got %d",
                            outputs.size());
                    return outputs.get(0);
                });
    }

    /**
     * Runs a computation with one result.
     *
     * @param manager the manager that owns the result
     * @param body the computation; it must return an array that it made, not one of its inputs
     * @return the result of the computation
     */
    public static NDArray array(NDManager manager, Supplier<NDArray> body) {
        return run(manager, () -> new NDList(body.get())).get(0);
    }
}
