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
 * A batch of a {@link BatchSource}: what one forward and backward pass learns from. Owns its
 * arrays.
 *
 * @param ids token ids, (B, L), INT64
 * @param segments the document number of each token, (B, L), the second input of a {@link
 *     ai.djl.mamba.layer.SequenceBlock}: 0 at padding; where the number changes within a row, a new
 *     document starts that must not see the previous one. {@code null} if every row is one document
 *     without padding
 * @param labels the labels, INT64: the next token at each position, (B, L), or the class of each
 *     row, (B); {@link #IGNORED} where there is nothing to learn
 * @param continued whether row i continues row i of the previous batch, so that it starts from the
 *     final state of that row; {@code null} if no row does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SequenceBatch(NDArray ids, NDArray segments, NDArray labels, boolean[] continued)
        implements AutoCloseable {

    /** The label of positions to ignore. */
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
