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
import ai.djl.mamba.internal.TokenIds;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;

/**
 * The cross entropy of logits and labels, some of which may be ignored; equivalent to {@code
 * torch.nn.functional.cross_entropy} with {@code ignore_index} and {@code label_smoothing}.
 *
 * <p>Logits (B, L, V) go with labels (B, L), and logits (B, V) with labels (B); labels may have an
 * additional last axis of size 1. The loss is the mean over the labels that are not ignored; the
 * loss and its gradient are 0 if all are. With label smoothing s, the loss of a label is 1 − s
 * times its negative log-likelihood plus s times the mean of the negative log-likelihoods of all V
 * classes.
 *
 * <p>DJL's {@code softmaxCrossEntropyLoss} cannot ignore labels, and its {@code
 * MaskedSoftmaxCrossEntropyLoss} does not run on PyTorch.
 */
public final class MaskedCrossEntropy extends Loss {

    private static final String NAME = "MaskedCrossEntropy";

    private final long ignored;
    private float smoothing;
    private int vocabSize; // 0: all columns

    /** Creates a loss that ignores the label {@link SequenceBatch#IGNORED}. */
    public MaskedCrossEntropy() {
        this(SequenceBatch.IGNORED);
    }

    /**
     * Creates a loss.
     *
     * @param ignored the label to ignore
     */
    public MaskedCrossEntropy(long ignored) {
        super(NAME);
        this.ignored = ignored;
    }

    /**
     * Sets the label smoothing.
     *
     * @param smoothing the share of the target spread equally over all classes, in [0, 1) (default:
     *     0)
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
     * Sets the number of classes if logits have more columns than that, as those of a padded
     * vocabulary do. The additional columns get no probability and no gradient.
     *
     * @param vocabSize the number of classes (default: all columns are classes)
     * @return this loss
     */
    public MaskedCrossEntropy optVocabSize(int vocabSize) {
        this.vocabSize = Checks.positive(NAME, "vocabSize", vocabSize);
        return this;
    }

    /**
     * Computes the mean loss of the labels that are not ignored.
     *
     * @param labels INT64, (B, L) or (B)
     * @param predictions the logits, (B, L, V) or (B, V); further arrays, such as states, are not
     *     used
     * @return a scalar
     * @throws IllegalArgumentException if the shapes do not match or, on a CPU, a label is out of
     *     range; on other devices, where the check would have to synchronize, the loss is NaN
     *     instead
     */
    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
        return compute(labels, predictions, true);
    }

    /**
     * Computes the sum of the losses of the labels that are not ignored. The sums of several
     * batches, divided by the total number of such labels, give the mean over all of them.
     *
     * @param labels as in {@link #evaluate}
     * @param predictions as in {@link #evaluate}
     * @return a scalar
     */
    public NDArray evaluateSum(NDList labels, NDList predictions) {
        return compute(labels, predictions, false);
    }

    /**
     * Counts the labels that are not ignored.
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
                    requireWhole(label);
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

    /** A conversion would cut fractions. On a GPU the check would have to synchronize. */
    private static void requireWhole(NDArray label) {
        if (label.getDataType().isFloating() && !label.getDevice().isGpu()) {
            TokenIds.toLongs(label, NAME, "labels");
        }
    }

    /** The logits of the classes, (rows, classes). */
    private NDArray flatten(NDArray logits, long rows) {
        Shape shape = logits.getShape();
        long columns = shape.get(shape.dimension() - 1);
        NDArray flat = logits.reshape(rows, columns);
        return vocabSize == 0 || vocabSize == columns ? flat : flat.get(":, :" + vocabSize);
    }

    /** The loss of each label, (rows, 1), 0 for ignored labels. */
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
     * Checks that labels are in range. On a GPU, where that is too slow, returns an array to add to
     * the losses: NaN for labels out of range, otherwise 0. Returns null on other devices.
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
                "expected labels in [0, %d) for %d classes, or the ignored label, got %d to %d",
                classes,
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
                "expected logits for at least %d classes, got %s",
                vocabSize,
                logits);
        return expected.size();
    }
}
