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
package ai.djl.mamba.examples.cli.compare;

import ai.djl.mamba.examples.cli.common.ModelKind;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/** A kind of model in a comparison, with one width that its number of parameters follows. */
interface Contender {

    /** The kind of model. */
    ModelKind kind();

    /** Its name in options and tables. */
    default String name() {
        return kind().toString();
    }

    /** Its name in plots. */
    default String label() {
        return kind().label();
    }

    /** A description in a sentence. */
    String about(int width);

    /** The usual width, which is taken if the number of parameters does not follow the width. */
    int usualWidth();

    /** Whether the number of parameters is adjusted by the width. */
    boolean isAdjustable();

    /**
     * Builds the model.
     *
     * @param width the width
     * @return ids (B, L) → logits (B, L, V)
     */
    Block block(int width);

    /**
     * Computes all logits in inference, in the best form that the model has.
     *
     * @param store the parameter store
     * @param block a block of this contender
     * @param ids the ids, (B, L)
     * @return the logits of at least the last tokens, attached to the manager of the ids
     */
    NDArray logits(ParameterStore store, Block block, NDArray ids);

    /**
     * Prepares to decode.
     *
     * @param manager the manager that owns the state
     * @param width the width
     * @param batch the number of rows
     * @param context the number of tokens that have been read
     */
    Decoder decoder(NDManager manager, int width, int batch, int context);

    /** The power of L with which time and memory grow for large L. */
    int growth(boolean training);

    /**
     * The bytes that grow with a power of L, for a first guess before anything is measured.
     *
     * @param batch the number of rows
     * @param length L
     * @param training whether for training
     */
    double leastBytes(int batch, int length, boolean training);

    /** A model that has read a context, and reads further tokens one by one. */
    interface Decoder extends AutoCloseable {

        /**
         * Forgets everything after the context; for a model whose cost depends on what it has read.
         */
        void rewind();

        /**
         * Reads a token of each row.
         *
         * @param ids the tokens, (B, 1)
         * @return the logits, (B, 1, V), attached to the manager of the ids
         */
        NDArray step(NDArray ids);

        /** The memory that the model keeps of the tokens it has read. */
        long bytes();

        @Override
        void close();
    }
}
