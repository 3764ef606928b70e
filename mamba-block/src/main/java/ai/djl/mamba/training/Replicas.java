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
import ai.djl.Model;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.EngineChecks;
import ai.djl.mamba.layer.SegmentedBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A block on one or several devices of one host, trained as one: each device computes some rows of
 * a batch, the gradients are summed on the first device, and all get the same update.
 *
 * <p>Clipping by the global norm needs the gradients of all devices, but DJL's {@code Trainer} only
 * exposes those of the first. This class therefore uses DJL's {@link ParameterStore}, on which
 * trainers are built. It has a parameter server of its own, because DJL's {@code
 * LocalParameterServer} would leave an empty manager for each parameter and step: it updates the
 * parameters on the first device and copies them to the others.
 */
final class Replicas implements AutoCloseable {

    private final Block block;
    private final List<Device> devices;
    private final NDManager manager;
    private final ParameterStore store;

    /**
     * Copies the parameters to all devices.
     *
     * @param model the model, on the first device, with an initialized block
     * @param devices distinct devices
     * @param optimizer the optimizer
     */
    Replicas(Model model, List<Device> devices, AdamW optimizer) {
        this.devices = devices;
        block = model.getBlock();
        manager = model.getNDManager().newSubManager();
        store = new ParameterStore(manager, false);
        store.setParameterServer(new Server(optimizer), devices.toArray(new Device[0]));
        for (Parameter parameter : block.getParameters().values()) {
            store.getValue(parameter, devices.get(0), true);
        }
    }

    /** Checks that a model can be trained on the given devices. */
    static void check(Model model, List<Device> devices) {
        Checks.require(!devices.isEmpty(), "TrainingRun", "expected at least one device");
        Checks.require(
                devices.stream().distinct().count() == devices.size(),
                "TrainingRun",
                "expected distinct devices, got %s",
                devices);
        Device home = model.getNDManager().getDevice();
        devices.forEach(
                device ->
                        EngineChecks.requireDevice(
                                "TrainingRun", model.getNDManager().getEngine(), device));
        Checks.require(
                devices.get(0).equals(home),
                "TrainingRun",
                "expected the model's device %s as the first device, got %s",
                home,
                devices);
        for (int i = 0; i < devices.size() && devices.size() > 1; i++) {
            // in any other order, DJL's store mixes them up
            Checks.require(
                    devices.get(i).isGpu()
                            && (i == 0
                                    || devices.get(i - 1).getDeviceId()
                                            < devices.get(i).getDeviceId()),
                    "TrainingRun",
                    "several devices must be GPUs in ascending order, got %s",
                    devices);
        }
    }

    /** Returns the block, whose own parameters are those on the first device. */
    Block block() {
        return block;
    }

    /** Creates a manager for the arrays of a step, on the first device. */
    NDManager newScratch() {
        return manager.newSubManager(devices.get(0));
    }

    /**
     * The rows of a batch on one device.
     *
     * @param inputs the inputs of the block
     * @param labels the labels
     */
    record Part(NDList inputs, NDArray labels) {}

    /**
     * Distributes the rows of a batch over the devices.
     *
     * @param batch the batch, on the first device; its arrays are attached to the scratch manager
     * @param begin the begin state, empty for none
     * @param scratch the manager that owns the parts
     * @return a part for each device, or fewer parts if there are fewer rows than devices
     */
    List<Part> split(SequenceBatch batch, NDList begin, NDManager scratch) {
        long rows = batch.ids().getShape().get(0);
        int count = (int) Math.min(rows, devices.size());
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NDList inputs = new NDList(batch.ids());
            if (block instanceof SegmentedBlock && batch.segments() != null) {
                inputs.add(batch.segments());
            }
            inputs.addAll(begin);
            NDArray labels = batch.labels();
            if (devices.size() == 1) {
                inputs.forEach(array -> array.attach(scratch));
                labels.attach(scratch);
            } else {
                NDIndex part = new NDIndex().addSliceDim(rows * i / count, rows * (i + 1) / count);
                Device device = devices.get(i);
                NDManager owner = scratch.newSubManager(device);
                inputs = to(device, part, inputs, owner);
                labels = to(device, part, new NDList(labels), owner).head();
            }
            parts.add(new Part(inputs, labels));
        }
        return parts;
    }

    private static NDList to(Device device, NDIndex rows, NDList arrays, NDManager owner) {
        NDList moved = new NDList();
        for (NDArray array : arrays) {
            try (NDArray slice = array.get(rows)) {
                // a copy: on the same device, a slice would share memory that is freed here
                NDArray copy =
                        device.equals(array.getDevice())
                                ? slice.duplicate()
                                : slice.toDevice(device, true);
                copy.attach(owner);
                moved.add(copy);
            }
        }
        return moved;
    }

    /** Concatenates the results of the parts along the rows, on the first device. */
    NDList join(List<NDList> parts, NDManager scratch) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        NDList joined = new NDList();
        for (int i = 0; i < parts.get(0).size(); i++) {
            NDList rows = new NDList();
            for (NDList part : parts) {
                NDArray moved = part.get(i).toDevice(devices.get(0), false);
                moved.attach(scratch);
                rows.add(moved);
            }
            joined.add(NDArrays.concat(rows, 0));
        }
        return joined;
    }

    /** Applies the block on the device of the inputs. */
    NDList forward(NDList inputs, boolean training) {
        return block.forward(store, inputs, training);
    }

    /** Returns the trainable parameters on a device by name. */
    Map<String, NDArray> trainable(int device) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (var pair : block.getParameters()) {
            if (pair.getValue().requiresGradient()) {
                arrays.put(
                        pair.getKey(), store.getValue(pair.getValue(), devices.get(device), true));
            }
        }
        return arrays;
    }

    /** Sums the gradients of all devices on the first one, and zeroes them on the others. */
    void reduce() {
        Map<String, NDArray> first = trainable(0);
        for (int i = 1; i < devices.size(); i++) {
            try (NDManager scratch = manager.newSubManager(devices.get(i))) {
                trainable(i).forEach((name, array) -> addTo(first.get(name), array, scratch));
            }
        }
    }

    private void addTo(NDArray target, NDArray array, NDManager scratch) {
        try (NDArray sum = target.getGradient();
                NDArray gradient = array.getGradient()) {
            gradient.attach(scratch); // so that temporary arrays of DJL are closed with it
            sum.addi(gradient.toDevice(devices.get(0), true));
            gradient.subi(gradient);
        }
    }

    /** Updates the parameters on all devices by the gradients on the first one. */
    void update() {
        store.updateAllParameters();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Updates the parameters on the first device, and copies them to the others. */
    private record Server(AdamW optimizer) implements ParameterServer {

        @Override
        public void init(String parameterId, NDArray[] value) {
            // nothing to do: the store has copied the value
        }

        @Override
        public void update(String parameterId, NDArray[] gradients, NDArray[] copies) {
            optimizer.update(parameterId, copies[0], gradients[0]);
            for (int i = 1; i < copies.length; i++) {
                Device device = copies[i].getDevice();
                try (NDManager scratch = copies[0].getManager().newSubManager();
                        NDArray updated = copies[0].stopGradient()) {
                    updated.attach(scratch); // so that temporary arrays of DJL are closed with it
                    ArrayFile.copy(updated.toDevice(device, true), copies[i]);
                }
            }
        }

        @Override
        public void close() {
            optimizer.close();
        }
    }
}
