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
package ai.djl.mamba.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.Map;

/** A copy of the parameters of a block, on their device. */
final class ParameterSnapshot implements AutoCloseable {

    private final Map<Parameter, NDArray> values = new HashMap<>();
    private NDManager manager;

    /** Copies the current values of the parameters, replacing an earlier copy. */
    void take(Block block) {
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            NDArray copy = values.get(parameter);
            if (copy == null) {
                copy = copyOf(array);
                values.put(parameter, copy);
            } else {
                array.copyTo(copy);
            }
        }
    }

    private NDArray copyOf(NDArray array) {
        if (manager == null) {
            manager =
                    NDManager.newBaseManager(
                            array.getDevice(), array.getManager().getEngine().getEngineName());
        }
        NDArray copy = manager.zeros(array.getShape(), array.getDataType(), array.getDevice());
        array.copyTo(copy);
        return copy;
    }

    /** Copies the values back into the parameters. */
    void restore() {
        values.forEach((parameter, copy) -> copy.copyTo(parameter.getArray()));
    }

    @Override
    public void close() {
        values.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }
}
