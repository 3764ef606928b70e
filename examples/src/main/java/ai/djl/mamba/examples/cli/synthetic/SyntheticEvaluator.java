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
package ai.djl.mamba.examples.cli.synthetic;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Counts the right answers of a model to sequences that it was not trained on.
 *
 * <p>A model that carries its state reads a sequence in parts, and a million tokens in the memory
 * of a few thousand.
 */
final class SyntheticEvaluator {

    /** Seeds of training are ints, so that this stream is different from all of theirs. */
    private static final long TEST_STREAM = 1L << 40;

    private static final int TOKENS_AT_A_TIME = 8192;
    private static final int TOKENS_AT_A_TIME_ON_GPU = 1 << 18;

    private final NDManager manager;
    private final Block block;
    private final boolean carriesState;
    private final SyntheticTask task;
    private final int copied;
    private final long seed;
    private final Runnable beforeEachPart;
    private final int tokensAtATime;

    /**
     * Creates an evaluator.
     *
     * @param manager a manager on the device of the model
     * @param block the model: ids (B, L) → logits (B, L, V), then its state if it carries one
     * @param carriesState whether it does
     * @param task what it has learned
     * @param copied the number of data tokens of the copying tasks
     * @param seed determines the sequences, which differ from those of training with any seed
     * @param beforeEachPart is called before the model reads, and may end the test by an exception
     */
    SyntheticEvaluator(
            NDManager manager,
            Block block,
            boolean carriesState,
            SyntheticTask task,
            int copied,
            long seed,
            Runnable beforeEachPart) {
        this.manager = manager;
        this.block = block;
        this.carriesState = carriesState;
        this.task = task;
        this.copied = copied;
        this.seed = seed;
        this.beforeEachPart = beforeEachPart;
        tokensAtATime = manager.getDevice().isGpu() ? TOKENS_AT_A_TIME_ON_GPU : TOKENS_AT_A_TIME;
    }

    /**
     * The accuracy at one length.
     *
     * @param length the length of the sequences
     * @param sequences their number
     * @param correct the number of right answers
     * @param answers the number of all answers
     */
    record Accuracy(int length, int sequences, long correct, long answers) {

        /** The fraction of right answers. */
        double value() {
            return (double) correct / answers;
        }

        JsonObject toJson() {
            JsonObject json = new JsonObject();
            json.addProperty("length", length);
            json.addProperty("sequences", sequences);
            json.addProperty("answers", answers);
            json.addProperty("correct", correct);
            json.addProperty("accuracy", value());
            return json;
        }
    }

    /** Tests the model on new sequences. */
    Accuracy accuracy(int length, int sequences) {
        int rows = carriesState ? sequences : Math.max(1, tokensAtATime / length);
        long correct = 0;
        for (int first = 0; first < sequences; first += rows) {
            correct += correct(sequences(length, first, Math.min(sequences, first + rows)), length);
        }
        return new Accuracy(length, sequences, correct, (long) sequences * task.answers(copied));
    }

    private List<SyntheticSequence> sequences(int length, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(
                        i ->
                                task.sequence(
                                        SyntheticSource.random(TEST_STREAM, seed, length, i),
                                        length,
                                        copied))
                .toList();
    }

    private long correct(List<SyntheticSequence> sequences, int length) {
        int answers = task.answers(copied);
        try (NDManager scratch = manager.newSubManager()) {
            ParameterStore store = new ParameterStore(scratch, false);
            NDArray logits =
                    carriesState
                            ? readInParts(store, scratch, sequences, length - answers)
                            : forward(store, ids(scratch, sequences, length), null).head();
            long last = logits.getShape().get(1);
            NDArray found =
                    logits.get(":, {}:", last - answers).argMax(2).toType(DataType.INT64, false);
            return matches(sequences, found.toLongArray());
        }
    }

    /** Reads everything before the answers for the state alone, then the answers. */
    private NDArray readInParts(
            ParameterStore store, NDManager scratch, List<SyntheticSequence> sequences, int most) {
        int part = Math.max(1, tokensAtATime / sequences.size());
        PairList<String, Object> lastOnly = new PairList<>();
        lastOnly.add(SequenceBlock.LAST_ONLY, true);
        NDList state = new NDList();
        for (int done = 0; done < most; done += part) {
            NDArray ids = ids(scratch, sequences, Math.min(part, most - done));
            NDList output = forward(store, ids, state, lastOnly);
            output.remove(0).close();
            state = output;
        }
        int answers = sequences.get(0).left();
        NDList output = forward(store, ids(scratch, sequences, answers), state, null);
        return output.head();
    }

    private NDList forward(ParameterStore store, NDArray ids, PairList<String, Object> params) {
        return forward(store, ids, new NDList(), params);
    }

    /** Runs the model, and closes ids and state. */
    private NDList forward(
            ParameterStore store, NDArray ids, NDList state, PairList<String, Object> params) {
        beforeEachPart.run();
        try (NDList inputs = new NDList(ids)) {
            inputs.addAll(state);
            return block.forward(store, inputs, false, params);
        }
    }

    private static NDArray ids(NDManager scratch, List<SyntheticSequence> sequences, int count) {
        long[] ids = new long[sequences.size() * count];
        for (int row = 0; row < sequences.size(); row++) {
            sequences.get(row).read(ids, row * count, count);
        }
        return scratch.create(ids, new Shape(sequences.size(), count));
    }

    private static long matches(List<SyntheticSequence> sequences, long... found) {
        long correct = 0;
        int next = 0;
        for (SyntheticSequence sequence : sequences) {
            for (long answer : sequence.answers()) {
                correct += found[next++] == answer ? 1 : 0;
            }
        }
        return correct;
    }
}
