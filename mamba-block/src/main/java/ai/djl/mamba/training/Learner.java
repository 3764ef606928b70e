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

/** Computes losses and gradients of batches, and evaluates. */
final class Learner {

    private final Replicas replicas;
    private final MaskedCrossEntropy loss;
    private final CarriedState carried; // null where no state is carried

    Learner(Replicas replicas, MaskedCrossEntropy loss, CarriedState carriedOrNull) {
        this.replicas = replicas;
        this.loss = loss;
        carried = carriedOrNull;
    }

    /**
     * Adds the gradients of the mean loss over the labels of some batches.
     *
     * @param batches the batches of a step, on the first device
     * @return the loss
     */
    double backward(List<SequenceBatch> batches) {
        long labels = 0;
        for (SequenceBatch batch : batches) {
            labels += loss.count(new NDList(batch.labels()));
        }
        double sum = 0;
        for (SequenceBatch batch : batches) {
            try (NDManager scratch = replicas.newScratch()) {
                sum += backward(batch, Math.max(1, labels), scratch);
            }
        }
        return sum;
    }

    private double backward(SequenceBatch batch, long labels, NDManager scratch) {
        NDList losses = new NDList();
        List<NDList> states = new ArrayList<>();
        try (GradientCollector collector = scratch.getEngine().newGradientCollector()) {
            for (Part part : parts(batch, carried, scratch)) {
                NDList outputs = replicas.forward(part.inputs(), true);
                NDArray sum = loss.evaluateSum(new NDList(part.labels()), outputs);
                // an array, and open until the backward pass is over: PyTorch borrows its memory
                NDArray count = part.labels().getManager().create((float) labels);
                NDArray share = sum.div(count.toType(sum.getDataType(), false));
                collector.backward(share);
                losses.add(share);
                states.add(outputs.subNDList(1));
            }
        }
        keep(states, carried, scratch);
        return losses.stream().mapToDouble(Learner::value).sum();
    }

    /**
     * Sums the gradients of all devices and clips them.
     *
     * @param maxNorm the bound; 0 for none
     * @return the norm of all of them together, before
     */
    double clip(double maxNorm) {
        replicas.reduce();
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
     * Evaluates the model on data from its position on.
     *
     * @param data the data
     * @param most the most batches to read; 0 for all to the end of a pass
     * @param state the state that its batches carry, or {@code null} where they carry none
     * @param step the number of training steps before
     * @return the result; its numbers are NaN where the data has no labels
     */
    Evaluation evaluate(BatchSource data, int most, CarriedState state, long step)
            throws IOException {
        double nll = 0;
        long labels = 0;
        long right = 0;
        boolean isEnd = false;
        for (int i = 0; !isEnd && (most == 0 || i < most); i++) {
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
                    right += right(outputs.head(), part.labels());
                    states.add(outputs.subNDList(1));
                }
                keep(states, state, scratch);
            }
        }
        return new Evaluation(step, nll / labels, (double) right / labels, labels);
    }

    /** Counts the labels with the largest logit; those that do not count are never that. */
    private static long right(NDArray logits, NDArray labels) {
        NDArray best = logits.argMax(logits.getShape().dimension() - 1);
        NDArray found = best.toType(DataType.INT64, false).eq(labels.reshape(best.getShape()));
        return found.toType(DataType.INT64, false).sum().getLong();
    }
}
