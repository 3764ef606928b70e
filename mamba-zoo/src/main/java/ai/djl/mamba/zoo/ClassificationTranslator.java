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
package ai.djl.mamba.zoo;

import ai.djl.mamba.internal.HostArrays;
import ai.djl.mamba.zoo.text.Tokenizer;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.List;

/** A text → the probabilities of its classes; texts of any lengths make one batch. */
final class ClassificationTranslator implements Translator<String, Classifications> {

    private final Tokenizer tokenizer;
    private final List<String> labels;

    ClassificationTranslator(Tokenizer tokenizer, List<String> labels) {
        this.tokenizer = tokenizer;
        this.labels = List.copyOf(labels);
    }

    @Override
    public NDList processInput(TranslatorContext ctx, String input) {
        long[] ids = encode(input);
        return new NDList(HostArrays.create(ctx.getNDManager(), ids, new Shape(ids.length))); // (L)
    }

    private long[] encode(String text) {
        long[] ids = tokenizer.encode(text);
        if (ids.length == 0) {
            throw new IllegalArgumentException("An empty text cannot be classified");
        }
        return ids;
    }

    @Override
    public NDList batchProcessInput(TranslatorContext ctx, List<String> inputs) {
        long[][] rows = inputs.stream().map(this::encode).toArray(long[][]::new);
        long[] lengths = new long[rows.length];
        int longest = 0;
        for (int row = 0; row < rows.length; row++) {
            lengths[row] = rows[row].length;
            longest = Math.max(longest, rows[row].length);
        }
        long[] ids = new long[rows.length * longest];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, ids, row * longest, rows[row].length);
        }
        NDManager manager = ctx.getNDManager();
        NDArray padded = HostArrays.create(manager, ids, new Shape(rows.length, longest)); // (B, L)
        return new NDList(padded, HostArrays.create(manager, lengths, new Shape(lengths.length)));
    }

    @Override
    public Classifications processOutput(TranslatorContext ctx, NDList list) {
        try (NDArray probabilities = list.singletonOrThrow().softmax(-1)) { // (C)
            return new Classifications(labels, probabilities);
        }
    }

    @Override
    public Batchifier getBatchifier() {
        return Batchifier.STACK;
    }
}
