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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes one step from several small batches, as if they were one large batch: each is weighted by
 * the number of its labels that are not ignored.
 *
 * <pre>{@code
 * MaskedCrossEntropy loss = new MaskedCrossEntropy();
 * try (GradientAccumulation accumulation = new GradientAccumulation(model.getBlock())) {
 *     for (Batch part : parts) {
 *         try (GradientCollector collector = trainer.newGradientCollector()) {
 *             NDList logits = trainer.forward(part.getData());
 *             collector.backward(loss.evaluateSum(part.getLabels(), logits)); // the sum
 *         }
 *         accumulation.add(loss.count(part.getLabels()));
 *     }
 *     accumulation.finish(); // now the gradients are those of the mean
 * }
 * trainer.step();
 * }</pre>
 *
 * <p>{@link #trainBatch} does this with the parts of one batch. Only one device is supported.
 */
public final class GradientAccumulation implements AutoCloseable {

    private static final String NAME = "GradientAccumulation";

    /** The engine whose backward adds to the gradients until a step; the others overwrite them. */
    private static final String ADDING_ENGINE = "PyTorch";

    private final Block block;
    private final Map<Parameter, NDArray> sums = new HashMap<>();
    private NDManager manager;
    private double total;

    /**
     * Begins a step.
     *
     * @param block the block to train; its gradients must be 0, as they are after a step
     */
    public GradientAccumulation(Block block) {
        this.block = Checks.given(NAME, "block", block);
    }

    /**
     * Adds the gradients that the last {@code backward} computed.
     *
     * @param count the number of labels that the loss was summed over
     * @throws IllegalArgumentException if the count is negative
     */
    public void add(long count) {
        Checks.require(count >= 0, NAME, "the number of labels must be at least 0, got %d", count);
        total += count;
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.requiresGradient() && overwrites(parameter.getArray())) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    addTo(parameter, gradient);
                }
            }
        }
    }

    private static boolean overwrites(NDArray array) {
        return !ADDING_ENGINE.equals(array.getManager().getEngine().getEngineName());
    }

    private void addTo(Parameter parameter, NDArray gradient) {
        NDArray sum = sums.get(parameter);
        if (sum == null) {
            if (manager == null) {
                manager = gradient.getManager().newSubManager();
            }
            sum = gradient.duplicate();
            sum.attach(manager);
            sums.put(parameter, sum);
        } else {
            sum.addi(gradient);
        }
        gradient.subi(gradient); // not overwritten by a part that does not use the parameter
    }

    /**
     * Sets the gradients to their sum divided by the sum of the counts, ready for the step.
     *
     * @return the sum of the counts; if it is 0, so are the gradients
     */
    public long finish() {
        double factor = total > 0 ? 1 / total : 1;
        for (Parameter parameter : block.getParameters().values()) {
            if (parameter.requiresGradient()) {
                try (NDArray gradient = parameter.getArray().getGradient()) {
                    NDArray sum = sums.get(parameter);
                    if (sum != null) {
                        sum.copyTo(gradient);
                    }
                    gradient.muli(factor);
                }
            }
        }
        long count = (long) total;
        close();
        return count;
    }

    /** Drops the sums. */
    @Override
    public void close() {
        total = 0;
        sums.clear();
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /**
     * Computes the gradients of a batch in parts, where {@code EasyTrain.trainBatch} computes them
     * at once. Call {@code trainer.step()} afterwards. Listeners are notified when the gradients
     * are complete. They get the labels and predictions of the last part only: those of all parts
     * would need the memory that splitting saves.
     *
     * @param trainer the trainer, with one device and the loss {@link MaskedCrossEntropy}
     * @param batch the batch
     * @param parts the number of parts, at most the number of rows
     * @return the mean loss of the batch
     * @throws IllegalArgumentException if the trainer has another loss or several devices
     */
    public static double trainBatch(Trainer trainer, Batch batch, int parts) {
        Checks.positive(NAME, "parts", parts);
        Gradients.requireOneDevice(trainer, NAME);
        Checks.require(
                trainer.getLoss() instanceof MaskedCrossEntropy,
                NAME,
                "the loss must be a MaskedCrossEntropy, which can be summed, but is %s",
                trainer.getLoss().getClass().getSimpleName());
        Device[] devices = new Device[parts];
        Arrays.fill(devices, trainer.getDevices()[0]);
        Batch[] split = batch.split(devices, false);
        try (GradientAccumulation accumulation =
                new GradientAccumulation(trainer.getModel().getBlock())) {
            double sum = 0;
            for (int i = 0; i < split.length - 1; i++) {
                try (Batch part = split[i]) { // closes what was computed from it, too
                    sum += accumulation.trainPart(trainer, part).sum();
                }
            }
            Batch last = split[split.length - 1]; // closed with the batch, as listeners use it
            Result result = accumulation.trainPart(trainer, last);
            sum += result.sum();
            long count = accumulation.finish();
            BatchData data =
                    new BatchData(
                            batch,
                            Map.of(devices[0], last.getLabels()),
                            Map.of(devices[0], result.predictions()));
            trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, data));
            return count == 0 ? 0 : sum / count;
        }
    }

    private Result trainPart(Trainer trainer, Batch part) {
        MaskedCrossEntropy loss = (MaskedCrossEntropy) trainer.getLoss();
        NDList data = part.getData();
        NDList labels = part.getLabels();
        NDList predictions;
        NDArray sum;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            predictions = trainer.forward(data, labels);
            sum = loss.evaluateSum(labels, predictions);
            collector.backward(sum);
        }
        add(loss.count(labels));
        return new Result(predictions, sum.toArray()[0].doubleValue());
    }

    private record Result(NDList predictions, double sum) {}
}
