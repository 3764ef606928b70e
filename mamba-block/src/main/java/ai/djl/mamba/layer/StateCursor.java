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

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Hands the begin state of a block to its children, in the order in which {@link
 * SequenceBlock#getStateSpecs} of the block lists theirs.
 */
public final class StateCursor {

    private final SequenceInput input;
    private int next;

    StateCursor(SequenceInput input) {
        this.input = input;
    }

    /**
     * Returns the input of the next child: the same padding, other data, and those arrays of the
     * begin state that come next.
     *
     * @param child the child
     * @param data the sequence
     * @return the input
     */
    public SequenceInput next(SequenceBlock child, NDArray data) {
        return next(child, data, null);
    }

    /**
     * Returns the input of the next child as {@link #next(SequenceBlock, NDArray)} does.
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
