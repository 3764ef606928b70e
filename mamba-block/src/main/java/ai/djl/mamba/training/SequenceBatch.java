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

import ai.djl.ndarray.NDArray;

/**
 * What one forward and backward pass of a training works on. Owns its arrays.
 *
 * @param ids token ids, (B, L), INT64
 * @param segments the number of the document of each token, (B, L): 0 at padding; where the number
 *     changes from one token of a row to the next, a new document starts and nothing of the one
 *     before may be known. {@code null} where every row is one document without padding. It is the
 *     second input of a {@link ai.djl.mamba.layer.SequenceBlock}
 * @param labels what is to be learned, INT64: the next token of each position, (B, L), or the class
 *     of each row, (B); {@link #IGNORED} where there is nothing to learn
 * @param continued whether row i goes on where row i of the batch before ended, so that it starts
 *     from the state that this one left; {@code null} where no row does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SequenceBatch(NDArray ids, NDArray segments, NDArray labels, boolean[] continued)
        implements AutoCloseable {

    /** The label of a position that does not count. */
    public static final long IGNORED = -100;

    /** {@inheritDoc} */
    @Override
    public void close() {
        ids.close();
        labels.close();
        if (segments != null) {
            segments.close();
        }
    }
}
