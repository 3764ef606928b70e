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

import ai.djl.Device;
import ai.djl.mamba.internal.Checks;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The running means of an {@link AdamW}, by parameter and device. */
final class AdamState implements AutoCloseable {

    private final Map<Key, Moments> states = new HashMap<>();
    private final Map<String, Moments> loaded = new HashMap<>(); // by parameter id
    private NDManager manager;

    /**
     * Returns the state of a copy of a parameter. A new state starts from the loaded one if there
     * is any, otherwise from the one on another device (a new trainer may use a different device),
     * otherwise from 0.
     *
     * @param updated the copies already updated in this step, whose states are one step ahead
     */
    Moments get(Key key, NDArray weight, Set<Key> updated) {
        Moments state = states.get(key);
        if (state == null) {
            Moments start = start(key, updated);
            state = start == null ? zeros(weight) : copy(start, key.device());
            states.put(key, state);
        }
        return state;
    }

    private Moments start(Key key, Set<Key> updated) {
        if (loaded.containsKey(key.parameterId())) {
            return loaded.get(key.parameterId());
        }
        for (Map.Entry<Key, Moments> entry : states.entrySet()) {
            if (entry.getKey().parameterId().equals(key.parameterId())
                    && !updated.contains(entry.getKey())) {
                return entry.getValue();
            }
        }
        return null;
    }

    private Moments zeros(NDArray weight) {
        Checks.require(
                weight.getDataType().isFloating() && weight.getDataType().getNumOfBytes() >= 4,
                "AdamW",
                "expected FLOAT32 or FLOAT64 parameters, got %s",
                weight.getDataType());
        NDManager owner = owner(weight);
        return new Moments(
                0,
                owner.zeros(weight.getShape(), weight.getDataType(), weight.getDevice()),
                owner.zeros(weight.getShape(), weight.getDataType(), weight.getDevice()));
    }

    private Moments copy(Moments from, Device device) {
        NDArray mean = copy(from.mean, device);
        NDArray variance = copy(from.variance, device);
        mean.attach(owner(mean));
        variance.attach(owner(variance));
        return new Moments(from.updates, mean, variance);
    }

    /** Always copies: PyTorch's toDevice does not copy if the device is the same. */
    private static NDArray copy(NDArray array, Device device) {
        return array.getDevice().equals(device) ? array.duplicate() : array.toDevice(device, true);
    }

    /** Returns a manager of our own: on MXNet, that of a parameter lives for one update only. */
    private NDManager owner(NDArray like) {
        if (manager == null) {
            manager =
                    NDManager.newBaseManager(
                            like.getDevice(), like.getManager().getEngine().getEngineName());
            manager.setName("AdamW");
        }
        return manager;
    }

    /** Replaces all states. */
    void replace(Map<String, Moments> moments) {
        close();
        loaded.putAll(moments);
        for (Moments state : moments.values()) {
            state.mean.attach(owner(state.mean));
            state.variance.attach(owner(state.variance));
        }
    }

    /** Drops loaded states that have been copied to the devices that use them. */
    void dropLoaded() {
        List<String> inUse = new ArrayList<>();
        for (Key key : states.keySet()) {
            inUse.add(key.parameterId());
        }
        for (String id : inUse) {
            Moments state = loaded.remove(id);
            if (state != null) {
                state.mean.close();
                state.variance.close();
            }
        }
    }

    /** The state of each parameter on one of its devices; all devices have the same. */
    Map<String, AdamW.State> byName(ParameterGroups groups) {
        Map<String, AdamW.State> byName = new TreeMap<>();
        loaded.forEach((id, state) -> byName.put(groups.withId(id).name(), state.view()));
        states.forEach(
                (key, state) -> byName.put(groups.withId(key.parameterId()).name(), state.view()));
        return byName;
    }

    @Override
    public void close() {
        states.clear();
        loaded.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /** Identifies a copy of a parameter. */
    record Key(String parameterId, Device device) {}

    /** The state of one copy of a parameter. */
    static final class Moments {

        int updates;
        final NDArray mean;
        final NDArray variance;

        Moments(int updates, NDArray mean, NDArray variance) {
            this.updates = updates;
            this.mean = mean;
            this.variance = variance;
            // a scope around the training step must not close them
            NDScope.unregister(mean);
            NDScope.unregister(variance);
        }

        AdamW.State view() {
            return new AdamW.State(updates, mean, variance);
        }
    }
}
