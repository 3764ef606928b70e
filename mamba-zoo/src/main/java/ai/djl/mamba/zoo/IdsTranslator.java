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
 * Token ids (B, L) → logits (B, L, V) of a language model, or (B, C) of a classifier.
 *
 * <p>The inputs are those of the block: a mask (B, L) or lengths (B) may follow the ids, then a
 * state. With a state among the inputs the final state follows the logits, so that a caller can
 * begin with {@code MambaState.start} and pass it on.
 */
final class IdsTranslator implements Translator<NDList, NDList> {

    private static final String WANTS_STATE = "mambaWantsState";
    private static final int MAX_WITHOUT_STATE = 2; // ids, and mask or lengths

    @Override
    public NDList processInput(TranslatorContext ctx, NDList input) {
        ctx.setAttachment(WANTS_STATE, input.size() > MAX_WITHOUT_STATE);
        return input;
    }

    @Override
    public NDList processOutput(TranslatorContext ctx, NDList list) {
        NDList output =
                Boolean.TRUE.equals(ctx.getAttachment(WANTS_STATE)) ? list : list.subNDList(0, 1);
        output.detach(); // owned and closed by the caller
        return output;
    }

    /** The caller forms the batch. */
    @Override
    public Batchifier getBatchifier() {
        return null;
    }
}
