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
package ai.djl.mamba.zoo.text;

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.MambaState;
import ai.djl.mamba.internal.Checks;
import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;

/** Runs a language model over rows of token ids. For one thread at a time. */
final class TokenReader {

    private final MambaLanguageModel model;
    private final ParameterStore store;
    private final PairList<String, Object> lastOnly = new PairList<>();

    TokenReader(MambaLanguageModel model, NDManager manager) {
        this.model = model;
        store = new ParameterStore(manager, false);
        lastOnly.add(SequenceBlock.LAST_ONLY, true);
    }

    /** The number of ids in use. */
    int vocabSize() {
        return model.getConfig().vocabSize();
    }

    /** The length of a row of logits. */
    int paddedVocabSize() {
        return model.getConfig().paddedVocabSize();
    }

    MambaLanguageModel model() {
        return model;
    }

    /** Throws unless there are ids and all of them are in use. */
    void check(long[] ids) {
        Checks.require(ids.length > 0, "TextGenerator", "no token ids: expected at least one");
        for (long id : ids) {
            Checks.require(
                    id >= 0 && id < vocabSize(),
                    "TextGenerator",
                    "expected token ids in [0, %d), got %d",
                    vocabSize(),
                    id);
        }
    }

    /** Reads one row. */
    Reading read(NDManager owner, MambaState begin, long... ids) {
        return read(owner, begin, List.of(ids));
    }

    /**
     * Reads the tokens of each row, of any length.
     *
     * @param owner the manager that gets the new state
     * @param begin the state before, or {@code null}; it is not closed
     * @param rows the ids
     */
    Reading read(NDManager owner, MambaState begin, List<long[]> rows) {
        try (NDManager scratch = owner.newSubManager()) {
            NDList outputs = model.forward(store, inputs(scratch, begin, rows), false, lastOnly);
            NDArray logits = outputs.head().toType(DataType.FLOAT32, false); // (B, 1, V)
            return new Reading(logits.toFloatArray(), keep(outputs, owner));
        }
    }

    /**
     * Computes the logits of all positions of one row.
     *
     * @param scratch the manager that gets logits and new state
     * @return the logits, (1, L, V), then the state
     */
    NDList readAll(NDManager scratch, MambaState begin, long[] ids) {
        NDList outputs = model.forward(store, inputs(scratch, begin, List.of(ids)), false);
        requireState(outputs);
        return outputs;
    }

    /**
     * Computes the hidden vectors behind the final norm.
     *
     * @param scratch the manager that gets them
     * @return the vectors, (B, L, d)
     */
    NDArray hidden(NDManager scratch, List<long[]> rows) {
        NDList inputs = inputs(scratch, null, rows);
        NDArray embedded = model.embed(store, inputs.remove(0)); // (B, L, d)
        inputs.add(0, embedded);
        return model.getBackbone().forward(store, inputs, false).head();
    }

    private NDList inputs(NDManager scratch, MambaState begin, List<long[]> rows) {
        int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
        long[] ids = new long[Math.multiplyExact(rows.size(), longest)]; // 0 where padded
        float[] lengths = new float[rows.size()];
        for (int row = 0; row < lengths.length; row++) {
            long[] tokens = rows.get(row);
            System.arraycopy(tokens, 0, ids, row * longest, tokens.length);
            lengths[row] = tokens.length;
        }
        NDList inputs = new NDList(scratch.create(ids, new Shape(rows.size(), longest)));
        if (rows.stream().anyMatch(row -> row.length < longest)) {
            inputs.add(scratch.create(lengths));
        }
        if (begin != null) {
            inputs.addAll(begin.toNDList());
        }
        return inputs;
    }

    private static MambaState keep(NDList outputs, NDManager owner) {
        requireState(outputs);
        NDList state = outputs.subNDList(1);
        state.attach(owner);
        return new MambaState(state);
    }

    private static void requireState(NDList outputs) {
        if (outputs.size() < 2) {
            throw new IllegalStateException(
                    "The model does not return its state: make it with returnState = true");
        }
    }
}
