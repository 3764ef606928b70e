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

import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.nn.SequenceBlock;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/**
 * The continuation of a prompt, made one token at a time in constant memory.
 *
 * <p>Closing the stream, at any time, releases the model's state. A stream is for one thread.
 */
public final class TokenStream implements PrimitiveIterator.OfInt, AutoCloseable {

    private final MambaLanguageModel model;
    private final NDManager manager;
    private final ParameterStore parameterStore;
    private final PairList<String, Object> lastOnly = new PairList<>();
    private final Sampler sampler;
    private long[] unread;
    private NDList state = new NDList();
    private int remaining;

    TokenStream(
            MambaLanguageModel model,
            NDManager manager,
            long[] prompt,
            Sampler sampler,
            int maxNewTokens) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("The prompt is empty: expected at least one token");
        }
        if (maxNewTokens < 0) {
            throw new IllegalArgumentException("Negative number of new tokens: " + maxNewTokens);
        }
        this.model = model;
        this.manager = manager;
        this.sampler = sampler;
        parameterStore = new ParameterStore(manager, false);
        lastOnly.add(SequenceBlock.LAST_ONLY, true);
        unread = prompt.clone();
        remaining = maxNewTokens;
    }

    /** {@inheritDoc} */
    @Override
    public boolean hasNext() {
        return remaining > 0 && manager.isOpen();
    }

    /**
     * Reads what was not read yet, the prompt or the last token, and chooses the next token.
     *
     * @return the id of the token
     * @throws NoSuchElementException if the continuation is complete or the stream closed
     */
    @Override
    public int nextInt() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int token = sampler.sample(readUnread());
        unread = new long[] {token};
        remaining--;
        return token;
    }

    private float[] readUnread() {
        try (NDManager scratch = manager.newSubManager()) {
            NDArray ids = scratch.create(unread, new Shape(1, unread.length));
            NDList inputs = new NDList(ids);
            inputs.addAll(state);
            NDList outputs = model.forward(parameterStore, inputs, false, lastOnly);
            float[] logits =
                    outputs.head().toType(DataType.FLOAT32, false).toFloatArray(); // (1, 1, V)
            NDList next = outputs.subNDList(1);
            if (next.isEmpty()) {
                throw new IllegalStateException("The model does not return its state");
            }
            next.attach(manager);
            state.close();
            state = next;
            // padded ids are no tokens
            return Arrays.copyOf(logits, model.getConfig().vocabSize());
        }
    }

    /** Releases the state; no more tokens come. */
    @Override
    public void close() {
        manager.close();
    }
}
