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

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;

/**
 * A translator whose work is not a single forward pass: which token a model reads next depends on
 * its last output. The input bypasses the block, which DJL does not call for an empty list, and the
 * output is computed afterwards.
 *
 * @param <I> the input type
 * @param <O> the output type
 */
abstract class GeneratingTranslator<I, O> implements Translator<I, O> {

    private static final String INPUT = "mambaInput";

    /** Computes the output for one input. */
    abstract O apply(I input) throws Exception;

    @Override
    public final NDList processInput(TranslatorContext ctx, I input) {
        ctx.setAttachment(INPUT, input);
        return new NDList();
    }

    @Override
    public final O processOutput(TranslatorContext ctx, NDList list) throws Exception {
        return apply(input(ctx));
    }

    /** The input that is being processed. */
    @SuppressWarnings("unchecked") // processInput put it there
    final I input(TranslatorContext ctx) {
        return (I) ctx.getAttachment(INPUT);
    }

    /** Each input is processed by itself. */
    @Override
    public final Batchifier getBatchifier() {
        return null;
    }
}
