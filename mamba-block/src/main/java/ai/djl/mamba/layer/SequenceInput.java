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
package ai.djl.mamba.layer;

import ai.djl.mamba.ops.Documents;
import ai.djl.mamba.ops.Padding;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The input of a {@link SequenceBlock}, checked and normalized.
 *
 * @param data the sequence, (B, L, E), or token ids (B, L)
 * @param gate the gate input z, (B, L, E), or {@code null}
 * @param padding which positions are tokens and where documents start in a row, or {@code null} if
 *     all are tokens and every row is one document
 * @param state the begin state, one array for each of {@link SequenceBlock#getStateSpecs}, or
 *     {@code null} for the start of a sequence
 * @param needState whether to return the final state
 * @param lastOnly whether a language model computes logits for the last token of each row only
 */
public record SequenceInput(
        NDArray data,
        NDArray gate,
        Padding padding,
        NDList state,
        boolean needState,
        boolean lastOnly) {

    /**
     * Starts distributing the begin state to the children of a block.
     *
     * @return a source of the inputs of the children, one after another
     */
    public Cursor cursor() {
        return new Cursor(this);
    }

    /**
     * Returns which positions are tokens.
     *
     * @return 1 at tokens and 0 at padding, (B, L, 1), or {@code null} if all are tokens
     */
    public NDArray mask() {
        return padding == null ? null : padding.mask();
    }

    /**
     * Returns where documents start inside the rows.
     *
     * @return the documents, or {@code null} if no row has more than one
     */
    public Documents documents() {
        return padding == null ? null : padding.documents();
    }

    /**
     * Returns where a scan drops its state.
     *
     * @param reverse whether the scan runs from the last step to the first
     * @param scratch receives any new array, to be closed after the scan
     * @return 1 at tokens where it does, otherwise 0, (B, L, 1), or {@code null} for none
     */
    public NDArray resets(boolean reverse, NDList scratch) {
        Documents documents = documents();
        if (documents == null || !reverse) {
            return documents == null ? null : documents.resets();
        }
        NDArray resets = documents.reverseResets();
        scratch.add(resets);
        return resets;
    }

    /**
     * Returns one array of the begin state.
     *
     * @param index the index of the array
     * @return the array, or {@code null} at the start of a sequence
     */
    public NDArray state(int index) {
        return state == null ? null : state.get(index);
    }

    /**
     * Distributes the begin state of a block to its children, in the order in which {@link
     * SequenceBlock#getStateSpecs} of the block lists their arrays.
     */
    public static final class Cursor {

        private final SequenceInput input;
        private int next;

        Cursor(SequenceInput input) {
            this.input = input;
        }

        /**
         * Returns the input of the next child: the same padding, new data, and the child's arrays
         * of the begin state.
         *
         * @param child the child
         * @param data the sequence
         * @return the input
         */
        public SequenceInput next(SequenceBlock child, NDArray data) {
            return next(child, data, null);
        }

        /**
         * Returns the input of the next child, with a gate; see {@link #next(SequenceBlock,
         * NDArray)}.
         *
         * @param child the child
         * @param data the sequence
         * @param gate the gate, or {@code null}
         * @return the input
         */
        public SequenceInput next(SequenceBlock child, NDArray data, NDArray gate) {
            NDList state = null;
            if (input.state() != null) {
                int count = child.stateCount();
                state = input.state().subNDList(next, next + count);
                next += count;
            }
            return new SequenceInput(data, gate, input.padding(), state, input.needState(), false);
        }
    }
}
