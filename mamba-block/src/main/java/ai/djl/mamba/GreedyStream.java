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
package ai.djl.mamba;

import ai.djl.mamba.layer.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Iterator;

/**
 * Continues sequences with the most likely token at each step: each element holds the logits (B, 1,
 * V) of the next token, which the caller closes.
 */
final class GreedyStream implements Iterator<NDList> {

    private final MambaLanguageModel model;
    private final ParameterStore parameterStore;
    private final boolean training;
    private final PairList<String, Object> lastOnly = new PairList<>();
    private final NDList prompt;
    private NDList ownInputs; // the last tokens and the state after all tokens before them

    GreedyStream(MambaLanguageModel model, ParameterStore store, NDList prompt, boolean training) {
        this.model = model;
        this.training = training;
        this.prompt = prompt;
        parameterStore = store;
        lastOnly.add(SequenceBlock.LAST_ONLY, true);
    }

    @Override
    public boolean hasNext() {
        return !prompt.isEmpty() && manager().isOpen();
    }

    @Override
    public NDList next() {
        NDList inputs = ownInputs == null ? prompt : ownInputs;
        NDList outputs = model.forward(parameterStore, inputs, training, lastOnly);
        NDArray logits = outputs.head();
        NDList next = new NDList(mostLikely(logits));
        next.addAll(outputs.subNDList(1));
        next.attach(manager());
        if (ownInputs != null) {
            ownInputs.close();
        }
        ownInputs = next;
        return new NDList(logits);
    }

    private NDManager manager() {
        return prompt.head().getManager();
    }

    private NDArray mostLikely(NDArray logits) {
        // padded ids are not tokens
        NDIndex inUse = new NDIndex().addAllDim(2).addSliceDim(0, model.getConfig().vocabSize());
        try (NDArray candidates = logits.get(inUse);
                NDArray best = candidates.argMax(2)) {
            return best.toType(DataType.INT64, true); // (B, 1)
        }
    }
}
