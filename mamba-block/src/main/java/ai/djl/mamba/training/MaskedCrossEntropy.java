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

import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.internal.Differentiable;
import ai.djl.mamba.internal.LogSoftmax;
import ai.djl.mamba.internal.Scoped;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;

/**
 * The cross entropy of logits and labels, where some labels do not count; computes what {@code
 * torch.nn.functional.cross_entropy} computes with {@code ignore_index} and {@code
 * label_smoothing}.
 *
 * <p>Logits (B, L, V) come with labels (B, L), logits (B, V) with labels (B); a last axis of size 1
 * of the labels is allowed. The loss is the mean over the labels that count; it and its gradient
 * are 0 where none does. With smoothing s over V classes, a label costs 1 − s times its negative
 * logarithmic probability plus s times the mean of all of them.
 *
 * <p>DJL's {@code softmaxCrossEntropyLoss} cannot ignore labels, and its {@code
 * MaskedSoftmaxCrossEntropyLoss} does not run on PyTorch.
 */
public final class MaskedCrossEntropy extends Loss {

    private static final String NAME = "MaskedCrossEntropy";

    private final long ignored;
    private float smoothing;
    private int vocabSize; // 0: all columns

    /** Makes a loss that ignores the label {@link SequenceBatch#IGNORED}. */
    public MaskedCrossEntropy() {
        this(SequenceBatch.IGNORED);
    }

    /**
     * Makes a loss.
     *
     * @param ignored the label that does not count
     */
    public MaskedCrossEntropy(long ignored) {
        super(NAME);
        this.ignored = ignored;
    }

    /**
     * Sets the label smoothing.
     *
     * @param smoothing the share of the target that all classes have equally, at least 0 and below
     *     1 (default: 0)
     * @return this loss
     */
    public MaskedCrossEntropy optLabelSmoothing(float smoothing) {
        Checks.require(
                smoothing >= 0 && smoothing < 1,
                NAME,
                "label smoothing must be in [0, 1), got %s",
                smoothing);
        this.smoothing = smoothing;
        return this;
    }

    /**
     * Sets the number of classes where logits have more columns than that, as those of a padded
     * vocabulary do: the columns after it have no probability and get no gradient.
     *
     * @param vocabSize the number of classes (default: all columns are classes)
     * @return this loss
     */
    public MaskedCrossEntropy optVocabSize(int vocabSize) {
        this.vocabSize = Checks.positive(NAME, "vocabSize", vocabSize);
        return this;
    }

    /**
     * Computes the mean loss of the labels that count.
     *
     * @param labels INT64, (B, L) or (B)
     * @param predictions the logits, (B, L, V) or (B, V); further arrays, such as states, are left
     *     alone
     * @return a scalar
     * @throws IllegalArgumentException if shapes do not fit or, on a CPU, a label is no class; on
     *     another device, where looking would mean waiting, the loss is NaN then
     */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return compute(labels, predictions, true);
    }

    /**
     * Computes the sum of the losses of the labels that count: batches of which each has another
     * number of them add up to the mean over all of them.
     *
     * @param labels as in {@link #evaluate}
     * @param predictions as in {@link #evaluate}
     * @return a scalar
     */
    public NDArray evaluateSum(NDList labels, NDList predictions) {
        return compute(labels, predictions, false);
    }

    /**
     * Counts the labels that count.
     *
     * @param labels as in {@link #evaluate}
     * @return their number
     */
    public long count(NDList labels) {
        try (NDArray counted = labels.head().neq(ignored);
                NDArray ones = counted.toType(DataType.INT64, true);
                NDArray sum = ones.sum()) {
            return sum.getLong();
        }
    }

    private NDArray compute(NDList labels, NDList predictions, boolean mean) {
        NDArray logits = predictions.head();
        NDArray label = labels.head();
        long rows = checkShapes(logits.getShape(), label.getShape());
        return Scoped.array(
                logits.getManager(),
                () -> {
                    NDArray target = label.toType(DataType.INT64, true).reshape(rows, 1);
                    NDArray counted = target.neq(ignored); // (rows, 1)
                    NDArray losses = losses(flatten(logits, rows), target, counted);
                    NDArray sum = losses.sum();
                    if (!mean) {
                        return sum;
                    }
                    return sum.div(counted.toType(logits.getDataType(), true).sum().maximum(1));
                });
    }

    /** The logits of the classes, (rows, classes). */
    private NDArray flatten(NDArray logits, long rows) {
        Shape shape = logits.getShape();
        long columns = shape.get(shape.dimension() - 1);
        NDArray flat = logits.reshape(rows, columns);
        return vocabSize == 0 || vocabSize == columns ? flat : flat.get(":, :" + vocabSize);
    }

    /** The loss of each label, (rows, 1), 0 where it does not count. */
    private NDArray losses(NDArray logits, NDArray target, NDArray counted) {
        NDArray logProbabilities = LogSoftmax.apply(logits); // (rows, classes)
        NDArray safe = target.mul(counted.toType(DataType.INT64, true));
        NDArray invalid = validate(safe, logits.getShape().get(1));
        NDIndex pick =
                new NDIndex().addAllDim(1).addPickDim(safe.clip(0, logits.getShape().get(1) - 1));
        NDArray losses = logProbabilities.get(pick).neg(); // (rows, 1)
        if (smoothing > 0) {
            NDArray all = logProbabilities.mean(new int[] {1}, true).neg();
            losses =
                    Differentiable.scale(losses, 1 - smoothing)
                            .add(Differentiable.scale(all, smoothing));
        }
        NDArray checked = invalid == null ? losses : losses.add(invalid);
        return NDArrays.where(counted, checked, losses.zerosLike());
    }

    /**
     * Looks for labels that are no class; where that is too slow, NaN in their place and else 0.
     */
    private static NDArray validate(NDArray label, long classes) {
        NDArray valid = label.gte(0).logicalAnd(label.lt(classes));
        if (label.getDevice().isGpu()) {
            NDArray zeros = label.zerosLike().toType(DataType.FLOAT32, true);
            return NDArrays.where(valid, zeros, zeros.add(Float.NaN));
        }
        Checks.require(
                valid.toType(DataType.INT64, true).sum().getLong() == valid.size(),
                NAME,
                "labels must be at least 0 and less than the %d classes, or the ignored one; they"
                        + " are between %d and %d",
                classes,
                label.min().getLong(),
                label.max().getLong());
        return null;
    }

    /** Returns the number of labels. */
    private long checkShapes(Shape logits, Shape label) {
        int rank = logits.dimension();
        Shape expected = rank < 2 ? null : logits.slice(0, rank - 1);
        boolean fits =
                rank >= 2
                        && (label.equals(expected) || label.equals(expected.addAll(new Shape(1))));
        Checks.require(
                fits && rank <= 3,
                NAME,
                "expected logits (B, L, V) with labels (B, L) or logits (B, V) with labels (B), got"
                        + " logits %s and labels %s",
                logits,
                label);
        Checks.require(
                vocabSize <= logits.get(rank - 1),
                NAME,
                "expected logits of at least %d classes, got %s",
                vocabSize,
                logits);
        return expected.size();
    }
}
