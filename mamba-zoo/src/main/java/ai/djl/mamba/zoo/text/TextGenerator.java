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
import ai.djl.ndarray.NDManager;

/**
 * Continues sequences of token ids with a language model.
 *
 * <p>A generator may be used by several threads: each {@link TokenStream} has its own state.
 */
public final class TextGenerator {

    private final MambaLanguageModel model;
    private final NDManager manager;

    /**
     * Creates a generator.
     *
     * @param model an initialized model that returns its state; freeze it, or the engine records
     *     every step for gradients that nobody asks for
     * @param manager the manager of the arrays made while generating; it decides the device
     */
    public TextGenerator(MambaLanguageModel model, NDManager manager) {
        this.model = model;
        this.manager = manager;
    }

    /**
     * Starts to continue a prompt. The prompt is read at once when the first token is asked for.
     *
     * @param prompt the ids of the prompt, at least one
     * @param sampler what chooses the tokens; the stream needs one of its own
     * @param maxNewTokens the length of the continuation
     * @return the continuation, made token by token as it is asked for
     * @throws IllegalArgumentException if the prompt is empty or the length negative
     */
    public TokenStream generate(long[] prompt, Sampler sampler, int maxNewTokens) {
        return new TokenStream(model, manager.newSubManager(), prompt, sampler, maxNewTokens);
    }
}
