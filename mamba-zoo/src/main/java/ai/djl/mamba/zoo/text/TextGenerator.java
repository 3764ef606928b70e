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

import ai.djl.mamba.MambaClassifier.Pooling;
import ai.djl.mamba.MambaLanguageModel;
import ai.djl.mamba.internal.Checks;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * Continues and scores sequences of token ids with a language model.
 *
 * <p>A generator may be used by several threads: each call has a state of its own. Ids have to be
 * those in use, below the configuration's {@code vocabSize}; an {@link IllegalArgumentException}
 * names an id that is not, and so does one for an empty sequence where tokens are needed.
 */
public final class TextGenerator {

    private static final String NAME = "TextGenerator";
    private static final TokenListener ALL = (row, token) -> true;

    private final MambaLanguageModel model;
    private final NDManager manager;

    /**
     * Creates a generator.
     *
     * @param model an initialized model that returns its state; freeze it, or the engine records
     *     every step for gradients that are never computed
     * @param manager the manager of the arrays made while generating; it decides the device
     */
    public TextGenerator(MambaLanguageModel model, NDManager manager) {
        this.model = model;
        this.manager = manager;
    }

    private TokenReader reader() {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "The manager of the TextGenerator is closed, or the model that it belongs to");
        }
        return new TokenReader(model, manager);
    }

    /**
     * Starts to continue a prompt. The prompt is read at once when the first token is asked for.
     *
     * @param prompt the ids of the prompt, at least one
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed token by token on demand
     */
    public TokenStream generate(long[] prompt, GenerationOptions options) {
        checkStream(options);
        TokenReader reader = reader();
        reader.check(prompt);
        return new TokenStream(reader, manager.newSubManager(), prompt, options);
    }

    /**
     * Starts to continue a prompt that was read.
     *
     * @param prompt the prompt; it does not change and may be closed
     * @param options how to continue it, with one beam and one sample
     * @return the continuation, computed token by token on demand
     */
    public TokenStream generate(PromptState prompt, GenerationOptions options) {
        checkStream(options);
        checkModel(prompt);
        return new TokenStream(reader(), manager.newSubManager(), prompt, options);
    }

    private static void checkStream(GenerationOptions options) {
        Checks.require(
                options.beams() == 1 && options.samples() == 1,
                NAME,
                "a stream has one beam and one sample, got %d and %d: ask for a list",
                options.beams(),
                options.samples());
    }

    private void checkModel(PromptState prompt) {
        Checks.require(
                prompt.model() == model, NAME, "the prompt was read by another model object");
    }

    /**
     * Continues several prompts together.
     *
     * @param prompts the ids of each prompt, of any length of at least one
     * @param options how to continue them
     * @return the continuations, {@code samples} of the first prompt, then those of the next; each
     *     is what its prompt gives alone
     */
    public List<Generated> generate(List<long[]> prompts, GenerationOptions options) {
        return generate(prompts, options, ALL);
    }

    /**
     * Continues several prompts together and reports each token as soon as it is known.
     *
     * @param prompts the ids of each prompt, of any length of at least one
     * @param options how to continue them; beams are known only at the end and are not reported
     * @param listener takes the tokens and may end each continuation
     * @return the continuations, {@code samples} of the first prompt, then those of the next
     */
    public List<Generated> generate(
            List<long[]> prompts, GenerationOptions options, TokenListener listener) {
        TokenReader reader = reader();
        prompts.forEach(reader::check);
        if (prompts.isEmpty()) {
            return List.of();
        }
        List<Generated> results = new ArrayList<>();
        try (NDManager own = manager.newSubManager()) {
            if (options.beams() == 1) {
                List<ReadTokens> read = prompts.stream().map(ReadTokens::of).toList();
                read.forEach(prompt -> options.forPrompt(prompt.count())); // fails before reading
                Reading reading = reader.read(own, null, prompts);
                return new BatchGeneration(reader, own, options, listener).run(reading, read);
            }
            for (long[] prompt : prompts) {
                BeamSearch search = new BeamSearch(reader, own, options, ReadTokens.of(prompt));
                results.addAll(search.run(reader.read(own, null, prompt)));
            }
        }
        return results;
    }

    /**
     * Continues a prompt that was read, to the end.
     *
     * @param prompt the prompt; it does not change
     * @param options how to continue it
     * @param listener takes the tokens and may end each continuation; beams are not reported to it
     * @return the continuations, as many as {@code samples}
     */
    public List<Generated> generateAll(
            PromptState prompt, GenerationOptions options, TokenListener listener) {
        checkModel(prompt);
        TokenReader reader = reader();
        try (NDManager own = manager.newSubManager()) {
            Reading reading = new Reading(prompt.paddedLogits(), prompt.state().copy(own));
            if (options.beams() > 1) {
                return new BeamSearch(reader, own, options, prompt.read()).run(reading);
            }
            BatchGeneration batch = new BatchGeneration(reader, own, options, listener);
            return batch.run(reading, List.of(prompt.read()));
        }
    }

    /**
     * Continues several prompts together, as texts.
     *
     * @param prompts the ids of each prompt, of any length of at least one
     * @param options how to continue them, and the stop strings
     * @param tokenizer turns ids into text
     * @return the continuations, {@code samples} of the first prompt, then those of the next
     */
    public List<GeneratedText> generate(
            List<long[]> prompts, GenerationOptions options, Tokenizer tokenizer) {
        List<ReadTokens> read = prompts.stream().map(ReadTokens::of).toList();
        TextBatch texts = new TextBatch(read, tokenizer, options);
        return texts.complete(generate(prompts, options, texts));
    }

    /**
     * Continues a prompt that was read, as texts.
     *
     * @param prompt the prompt; it does not change
     * @param options how to continue it, and the stop strings
     * @param tokenizer turns ids into text
     * @return the continuations, as many as {@code samples}
     */
    public List<GeneratedText> generateAll(
            PromptState prompt, GenerationOptions options, Tokenizer tokenizer) {
        TextBatch texts = new TextBatch(List.of(prompt.read()), tokenizer, options);
        return texts.complete(generateAll(prompt, options, texts));
    }

    /**
     * Reads a prompt for any number of continuations.
     *
     * @param ids the ids, at least one
     * @return the state after them, to be closed
     */
    public PromptState read(long[] ids) {
        return read(ids, null);
    }

    /**
     * Reads on.
     *
     * @param prompt what was read before; it does not change
     * @param more the ids that follow, at least one
     * @return the state after all of them, to be closed
     */
    public PromptState read(PromptState prompt, long[] more) {
        checkModel(prompt);
        return read(more, prompt);
    }

    private PromptState read(long[] ids, PromptState before) {
        TokenReader reader = reader();
        reader.check(ids);
        ReadTokens tokens = before == null ? ReadTokens.of(ids) : before.read().then(ids);
        NDManager own = manager.newSubManager();
        try {
            Reading reading = reader.read(own, before == null ? null : before.state(), ids);
            return new PromptState(model, own, reading, tokens);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /**
     * Measures how well the model predicts a text. Memory does not grow with its length.
     *
     * @param ids the ids, at least one; the first is not predicted
     * @return the sum of the negative log-probabilities of all but the first
     */
    public Score score(long[] ids) {
        TokenReader reader = reader();
        reader.check(ids);
        double[] sum = {0};
        new Scorer(reader, manager)
                .logProbs(null, ids, (start, logProbs) -> sum[0] -= total(logProbs));
        return new Score(ids.length, ids.length - 1L, sum[0]);
    }

    /**
     * Measures how well the model predicts a text that follows another.
     *
     * @param prompt what was read before; it does not change
     * @param ids the ids, at least one; all are predicted
     * @return the sum of the negative log-probabilities
     */
    public Score score(PromptState prompt, long[] ids) {
        checkModel(prompt);
        TokenReader reader = reader();
        reader.check(ids);
        float[] first = prompt.logits();
        double[] sum = {LogProbs.logSumExp(first, 0, first.length) - first[(int) ids[0]]};
        new Scorer(reader, manager)
                .logProbs(prompt.state(), ids, (start, part) -> sum[0] -= total(part));
        return new Score(ids.length, ids.length, sum[0]);
    }

    private static double total(float[] logProbs) {
        double sum = 0;
        for (float logProb : logProbs) {
            sum += logProb;
        }
        return sum;
    }

    /**
     * Computes the log-probability of each token given those before it.
     *
     * @param ids the ids, at least one
     * @return the natural logarithms for all but the first id, (L − 1)
     */
    public float[] logProbs(long[] ids) {
        TokenReader reader = reader();
        reader.check(ids);
        float[] all = new float[ids.length - 1];
        new Scorer(reader, manager)
                .logProbs(
                        null,
                        ids,
                        (start, part) -> System.arraycopy(part, 0, all, start - 1, part.length));
        return all;
    }

    /**
     * Computes the logits of all positions, in parts: memory does not grow with the length.
     *
     * @param ids the ids, at least one
     * @param consumer takes the logits of each position in turn
     */
    public void forEachLogits(long[] ids, LogitsConsumer consumer) {
        TokenReader reader = reader();
        reader.check(ids);
        new Scorer(reader, manager).forEachLogits(ids, consumer);
    }

    /**
     * Computes a vector for each sequence from the hidden vectors behind the final norm.
     *
     * @param rows the ids of each sequence, of any length of at least one
     * @param pooling the vector of the last token, or the mean of all
     * @return the vectors, (B, d); each is what its sequence gives alone
     */
    public float[][] embed(List<long[]> rows, Pooling pooling) {
        TokenReader reader = reader();
        rows.forEach(reader::check);
        if (rows.isEmpty()) {
            return new float[0][];
        }
        try (NDManager scratch = manager.newSubManager()) {
            return HiddenPooling.pool(reader.hidden(scratch, rows), rows, pooling);
        }
    }

    /** Takes the logits of the positions of a text, one after the other. */
    @FunctionalInterface
    public interface LogitsConsumer {

        /**
         * Takes the logits of a position.
         *
         * @param position the position, from 0
         * @param logits the logits of the token after it: all columns that it computes, those of
         *     padded ids included; an array of its own
         */
        void accept(int position, float[] logits);
    }

    /** Receives the tokens of several continuations while they are computed. */
    @FunctionalInterface
    public interface TokenListener {

        /**
         * Takes a token. End ids are not passed.
         *
         * @param row the number of the continuation, its place in the list of results
         * @param token the token
         * @return whether to go on; {@code false} ends this continuation after the token and leaves
         *     the others alone
         */
        boolean onToken(int row, Token token);
    }
}
