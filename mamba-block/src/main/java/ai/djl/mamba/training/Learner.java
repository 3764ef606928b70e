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

import ai.djl.mamba.training.Replicas.Part;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Computes losses and gradients of batches, and evaluates a model. */
final class Learner {

    private final Replicas replicas;
    private final MaskedCrossEntropy loss;
    private final CarriedState carried; // null if no state is carried

    Learner(Replicas replicas, MaskedCrossEntropy loss, CarriedState carriedOrNull) {
        this.replicas = replicas;
        this.loss = loss;
        carried = carriedOrNull;
    }

    /**
     * Computes the gradients of the mean loss over the labels of several batches.
     *
     * @param batches the batches of a step, on the first device
     * @return the loss
     */
    double backward(List<SequenceBatch> batches) {
        double sum = 0;
        try (GradientAccumulation accumulation = new GradientAccumulation(replicas.block())) {
            for (SequenceBatch batch : batches) {
                long labels = loss.count(new NDList(batch.labels()));
                try (NDManager scratch = replicas.newScratch()) {
                    sum += backward(batch, scratch);
                    replicas.reduce();
                    accumulation.add(labels);
                }
            }
            return sum / Math.max(1, accumulation.finish());
        }
    }

    /** Adds the gradients of the sum of the losses over the labels of a batch; returns the sum. */
    private double backward(SequenceBatch batch, NDManager scratch) {
        NDList sums = new NDList();
        List<NDList> states = new ArrayList<>();
        try (GradientCollector collector = scratch.getEngine().newGradientCollector()) {
            for (Part part : parts(batch, carried, scratch)) {
                NDList outputs = replicas.forward(part.inputs(), true);
                NDArray sum = loss.evaluateSum(new NDList(part.labels()), outputs);
                collector.backward(sum);
                sums.add(sum);
                states.add(outputs.subNDList(1));
            }
        }
        keep(states, carried, scratch);
        return sums.stream().mapToDouble(Learner::value).sum();
    }

    /**
     * Clips the gradients.
     *
     * @param maxNorm the largest norm; 0 for none
     * @return the global norm before clipping
     */
    double clip(double maxNorm) {
        return GradientClipping.clipGlobalNorm(
                replicas.block(), maxNorm > 0 ? maxNorm : Double.MAX_VALUE);
    }

    private List<Part> parts(SequenceBatch batch, CarriedState state, NDManager scratch) {
        int rows = Math.toIntExact(batch.ids().getShape().get(0));
        NDList begin = state == null ? new NDList() : state.begin(batch.continued(), rows, scratch);
        return replicas.split(batch, begin, scratch);
    }

    private void keep(List<NDList> states, CarriedState state, NDManager scratch) {
        if (state != null) {
            state.keep(replicas.join(states, scratch));
        }
    }

    private static double value(NDArray scalar) {
        return scalar.getDataType() == DataType.FLOAT64 ? scalar.getDouble() : scalar.getFloat();
    }

    /**
     * Evaluates the model on data, starting from its position.
     *
     * @param data the data
     * @param maxBatches the maximum number of batches; 0 for all until the end of a pass
     * @param state the state carried from batch to batch, or {@code null} for none
     * @param step the number of training steps so far
     * @return the result; its figures are NaN if the data has no labels
     */
    Evaluation evaluate(BatchSource data, int maxBatches, CarriedState state, long step)
            throws IOException {
        double nll = 0;
        long labels = 0;
        long correct = 0;
        boolean isEnd = false;
        for (int i = 0; !isEnd && (maxBatches == 0 || i < maxBatches); i++) {
            try (NDManager scratch = replicas.newScratch()) {
                SequenceBatch batch = data.next(scratch);
                if (batch == null) {
                    isEnd = true;
                    continue;
                }
                List<NDList> states = new ArrayList<>();
                for (Part part : parts(batch, state, scratch)) {
                    NDList outputs = replicas.forward(part.inputs(), false);
                    NDList expected = new NDList(part.labels());
                    nll += value(loss.evaluateSum(expected, outputs));
                    labels += loss.count(expected);
                    correct += correct(outputs.head(), part.labels());
                    states.add(outputs.subNDList(1));
                }
                keep(states, state, scratch);
            }
        }
        return new Evaluation(step, nll / labels, (double) correct / labels, labels);
    }

    /** Counts the labels that have the largest logit; ignored labels never do. */
    private static long correct(NDArray logits, NDArray labels) {
        NDArray best = logits.argMax(logits.getShape().dimension() - 1);
        NDArray found = best.toType(DataType.INT64, false).eq(labels.reshape(best.getShape()));
        return found.toType(DataType.INT64, false).sum().getLong();
    }
}
