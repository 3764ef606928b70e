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

import ai.djl.mamba.MambaState;
import ai.djl.mamba.internal.HostArrays;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import java.util.Arrays;

/** Computes log-probabilities of given tokens, in parts that carry the state. */
final class Scorer {

    /** Logits that are held at a time: 64 MB. */
    private static final int ENGINE_FLOATS = 1 << 24;

    /** The same in Java's memory: 16 MB. */
    private static final int JAVA_FLOATS = 1 << 22;

    private static final int MAX_PART = 4096;

    private final TokenReader reader;
    private final NDManager manager;

    Scorer(TokenReader reader, NDManager manager) {
        this.reader = reader;
        this.manager = manager;
    }

    /** Takes the logits of the positions from {@code start} on, (1, T, V). */
    private interface PartConsumer {
        void accept(int start, NDArray logits);
    }

    /** Takes log-probabilities of the tokens in use, (T), and the place of the first one. */
    interface LogProbConsumer {
        void accept(int start, float[] logProbs);
    }

    /** Computes the log-probabilities of all ids but the first, given those before. */
    void logProbs(MambaState begin, long[] ids, LogProbConsumer consumer) {
        long[] read = Arrays.copyOf(ids, ids.length - 1); // nothing comes after the last one
        forEachPart(
                begin,
                read,
                ENGINE_FLOATS,
                (start, logits) -> {
                    int length = Math.toIntExact(logits.getShape().get(1));
                    long[] targets = Arrays.copyOfRange(ids, start + 1, start + 1 + length);
                    consumer.accept(start + 1, logProbs(logits, targets));
                });
    }

    private float[] logProbs(NDArray logits, long[] targets) {
        int vocabSize = reader.vocabSize();
        long[] places = new long[targets.length];
        Arrays.setAll(places, t -> (long) t * vocabSize + targets[t]);
        NDArray inUse = logits;
        if (reader.paddedVocabSize() > vocabSize) {
            inUse = logits.get(new NDIndex().addAllDim().addAllDim().addSliceDim(0, vocabSize));
        }
        NDArray table = inUse.logSoftmax(2).reshape((long) targets.length * vocabSize, 1);
        // an embedding look-up is the gather that all engines have
        NDArray index = HostArrays.create(logits.getManager(), places, new Shape(places.length));
        return Embedding.embedding(index, table, SparseFormat.DENSE)
                .singletonOrThrow()
                .toType(DataType.FLOAT32, false)
                .toFloatArray();
    }

    void forEachLogits(long[] ids, TextGenerator.LogitsConsumer consumer) {
        forEachPart(
                null,
                ids,
                JAVA_FLOATS,
                (start, logits) -> {
                    float[] rows = logits.toType(DataType.FLOAT32, false).toFloatArray();
                    int width = reader.paddedVocabSize();
                    for (int t = 0; t < rows.length / width; t++) {
                        float[] row = Arrays.copyOfRange(rows, t * width, (t + 1) * width);
                        consumer.accept(start + t, row);
                    }
                });
    }

    private void forEachPart(MambaState begin, long[] ids, int floats, PartConsumer consumer) {
        int most = Math.min(MAX_PART, Math.max(1, floats / reader.paddedVocabSize()));
        try (NDManager own = manager.newSubManager()) {
            MambaState state = begin;
            for (int start = 0; start < ids.length; start += most) {
                long[] part = Arrays.copyOfRange(ids, start, Math.min(ids.length, start + most));
                try (NDManager scratch = own.newSubManager()) {
                    NDList outputs = reader.readAll(scratch, state, part);
                    NDList next = outputs.subNDList(1);
                    next.attach(own);
                    if (start > 0) {
                        state.close();
                    }
                    state = new MambaState(next);
                    consumer.accept(start, outputs.head());
                }
            }
        }
    }
}
