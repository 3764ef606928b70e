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
import java.util.LinkedHashMap;
import java.util.Map;

/** A copy of the trainable parameters at the best evaluation. */
final class BestParameters implements AutoCloseable {

    private final NDManager manager;
    private final Map<String, NDArray> copies = new LinkedHashMap<>();

    BestParameters(NDManager parent) {
        manager = parent.newSubManager();
    }

    /** Copies the current values of the parameters. */
    void keep(Map<String, NDArray> parameters) {
        room(parameters).forEach((name, copy) -> ArrayFile.copy(parameters.get(name), copy));
    }

    /** Allocates the copies if necessary; returns the arrays to fill, by name. */
    Map<String, NDArray> room(Map<String, NDArray> parameters) {
        if (copies.isEmpty()) {
            parameters.forEach(
                    (name, array) ->
                            copies.put(name, manager.zeros(array.getShape(), array.getDataType())));
        }
        return copies;
    }

    /** The copies by name; empty before the first evaluation. */
    Map<String, NDArray> arrays() {
        return copies;
    }

    /** Copies the best values back into the parameters. */
    void restore(Map<String, NDArray> parameters) {
        copies.forEach((name, copy) -> ArrayFile.copy(copy, parameters.get(name)));
    }

    @Override
    public void close() {
        manager.close();
    }
}
