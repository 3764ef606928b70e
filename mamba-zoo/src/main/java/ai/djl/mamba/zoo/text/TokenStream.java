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
import ai.djl.ndarray.NDManager;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The continuation of a prompt, computed one token at a time in constant memory.
 *
 * <p>Nothing is computed before it is asked for: {@link #hasNext} and {@link #next} compute one
 * token, if it is not there yet. Closing the stream, at any time, releases the model's state. Any
 * thread may use a stream, but only one at a time.
 */
public final class TokenStream implements Iterator<Token>, AutoCloseable {

    private final TokenReader reader;
    private final NDManager manager;
    private final GenerationOptions options;
    private final Sampler sampler;
    private final ReadTokens read;
    private long promptNanos; // 0 while it is not read, or if it was read before
    private long nanos;
    private long[] unread;
    private MambaState state;
    private float[] logits;
    private Token ahead;
    private int made;
    private FinishReason finishReason;
    private OptionalInt endId = OptionalInt.empty();

    /** Continues a prompt that is not read yet. */
    TokenStream(TokenReader reader, NDManager manager, long[] prompt, GenerationOptions options) {
        this(reader, manager, ReadTokens.of(prompt), options);
        unread = prompt.clone();
    }

    /** Continues a prompt that was read. */
    TokenStream(
            TokenReader reader, NDManager manager, PromptState prompt, GenerationOptions options) {
        this(reader, manager, prompt.read(), options);
        if (finishReason == null) {
            state = prompt.state().copy(manager);
            logits = prompt.paddedLogits();
        }
    }

    private TokenStream(
            TokenReader reader, NDManager manager, ReadTokens read, GenerationOptions all) {
        this.reader = reader;
        this.manager = manager;
        this.read = read;
        options = all.forPrompt(read.count());
        sampler = new Sampler(options, read, 0);
        if (options.maxNewTokens() == 0) {
            finish(FinishReason.LENGTH);
        }
    }

    /**
     * Says whether there is another token, and computes it.
     *
     * @return whether there is; {@code false} at the end and after {@link #close}
     */
    @Override
    public boolean hasNext() {
        if (ahead == null && finishReason == null) {
            choose();
        }
        return ahead != null;
    }

    private void choose() {
        long start = System.nanoTime();
        boolean readsPrompt = state == null && logits == null;
        if (logits == null) {
            Reading reading = reader.read(manager, state, unread);
            if (state != null) {
                state.close();
            }
            state = reading.state();
            logits = reading.logits();
        }
        if (readsPrompt) {
            promptNanos = System.nanoTime() - start;
            start += promptNanos;
        }
        int id = sampler.sample(logits, 0, reader.vocabSize());
        if (options.endIds().contains(id)) {
            endId = OptionalInt.of(id);
            finish(FinishReason.END);
        } else {
            ahead = Token.of(id, logits, 0, reader.vocabSize(), options);
        }
        unread = new long[] {id};
        logits = null;
        nanos += System.nanoTime() - start;
    }

    /**
     * How long the work took, without the time in which nobody asked for a token.
     *
     * @param promptTokens the tokens of the prompt that were read for this continuation: 0 if they
     *     had been read before
     * @param promptSeconds the time to read them
     * @param tokens the tokens made so far
     * @param seconds the time to make them
     */
    public record Timing(long promptTokens, double promptSeconds, long tokens, double seconds) {

        /**
         * Returns the speed of reading.
         *
         * @return tokens of the prompt per second; NaN if none was read
         */
        public double promptTokensPerSecond() {
            return promptTokens / promptSeconds;
        }

        /**
         * Returns the speed of generation, in which the reading of the prompt does not count.
         *
         * @return tokens per second; NaN before the first one
         */
        public double tokensPerSecond() {
            return tokens / seconds;
        }
    }

    /**
     * Returns how long the prompt and the continuation took so far.
     *
     * @return the times
     */
    public Timing timing() {
        int known = ahead == null ? made : made + 1;
        return new Timing(
                promptNanos == 0 ? 0 : read.count(), promptNanos / 1e9, known, nanos / 1e9);
    }

    /**
     * Returns the next token.
     *
     * @return the token
     * @throws NoSuchElementException if the continuation is complete or the stream closed
     */
    @Override
    public Token next() {
        if (!hasNext()) {
            throw new NoSuchElementException("The continuation ended: " + finishReason);
        }
        Token token = ahead;
        ahead = null;
        made++;
        if (made == options.maxNewTokens()) {
            finish(FinishReason.LENGTH);
        }
        return token;
    }

    /**
     * Returns the id of the next token.
     *
     * @return the id
     * @throws NoSuchElementException if the continuation is complete or the stream closed
     */
    public int nextInt() {
        return next().id();
    }

    /** The tokens of the prompt. */
    ReadTokens prompt() {
        return read;
    }

    private void finish(FinishReason reason) {
        finishReason = reason;
        manager.close();
    }

    /**
     * Says why the continuation ended.
     *
     * @return the reason, or empty if it has not ended
     */
    public Optional<FinishReason> finishReason() {
        return Optional.ofNullable(finishReason);
    }

    /**
     * Returns the id that ended the text, which is not part of it.
     *
     * @return the id, or empty unless the reason is {@link FinishReason#END}
     */
    public OptionalInt endId() {
        return endId;
    }

    /** Releases the state; no more tokens come. */
    @Override
    public void close() {
        ahead = null;
        if (finishReason == null) {
            finish(FinishReason.CLOSED);
        }
    }
}
